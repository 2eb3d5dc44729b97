/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of licences in general: classes and traits, exceptions and their direction, names
 * that other worlds use. Tables of data/, compiled in, replaceable as a folder with --data.
 */
#ifndef LICENCE_KNOWLEDGE_H
#define LICENCE_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/diag.h"
#include "util/status.h"

/* Column "class" of licences.tsv; what each owes when its binary is shipped is a rule of reach. */
enum licence_class {
	LICENCE_CLASS_PUBLIC_DOMAIN,
	LICENCE_CLASS_PERMISSIVE,
	LICENCE_CLASS_PERMISSIVE_NOTICE,
	LICENCE_CLASS_WEAK_FILE,
	LICENCE_CLASS_WEAK_LIBRARY,
	LICENCE_CLASS_STRONG,
	LICENCE_CLASS_NETWORK,
	LICENCE_CLASS_PROPRIETARY_REDISTRIBUTABLE,
	LICENCE_CLASS_PROPRIETARY,
	LICENCE_CLASS_NON_COMMERCIAL,
	LICENCE_CLASS_UNKNOWN,
};

enum licence_answer { LICENCE_NO, LICENCE_YES, LICENCE_UNSURE };

struct licence_row {
	const char *id, *name; /* SPDX */
	enum licence_class class;
	bool needs_notice, source_on_binary, patent_clause, network_clause;
	enum licence_answer gpl2_compatible, gpl3_compatible;
	const char *source; /* who says so */
};

/* In whose favour an exception speaks. */
struct exception_row {
	const char *id, *name;
	const char *applies_to; /* as in the table: ids joined by "|" */
	const char *direction; /* "provider", "consumer", "interface", "output", "build-file" ... */
	const char *removes_linking_reach; /* as in the table: y, n, partial, y(OpenSSL,...), n/a */
	/* A combination that holds the code may be conveyed under any terms: inside it, it asks for
	 * nothing. Or only where no more than header material is inside. */
	bool free_in_combination, free_as_headers;
	const char *effect, *source;
};

/* A library whose binary is under more than its own licence, because of what it is linked to. */
struct upgrade_row {
	const char *pattern; /* on the SONAME */
	const char *needs;   /* patterns joined by "|": one matches a DT_NEEDED of the file */
	const char *licence; /* SPDX expression */
	const char *note, *source;
};

/* Which stanzas of a source package's DEP-5 file speak of a library, where its names do not say. */
struct path_row {
	const char *package, *soname; /* source package; pattern on the SONAME */
	const char *stanzas;	      /* patterns as in the file, blank-separated */
	const char *why, *source;
};

enum licence_confidence {
	LICENCE_CONFIDENCE_HIGH,
	LICENCE_CONFIDENCE_MEDIUM,
	LICENCE_CONFIDENCE_LOW,
	LICENCE_CONFIDENCE_NONE, /* a name that maps to nothing */
};

struct knowledge;

/*
 * folder: a host folder that replaces the built-in tables (every file it holds replaces the one
 * of the same name); NULL for the built-in ones. Rows that cannot be used become DATA_TABLE_BAD.
 */
enum status knowledge_open(const char *folder, struct diags *diags,
			   struct knowledge **ret) must_check;
void knowledge_free(struct knowledge *knowledge);

/* Ids match case-insensitively; deprecated forms ("GPL-2.0+") are normalised before. NULL: none. */
const struct licence_row *knowledge_licence(const struct knowledge *knowledge, const char *id);
const struct exception_row *knowledge_exception(const struct knowledge *knowledge, const char *id);
/*
 * The SPDX expression text an alias stands for ("GPL-2+" in "debian-dep5"), or NULL; matched
 * case-insensitively. In "debian-exception" aliases stand for the id of an exception.
 */
const char *knowledge_alias(const struct knowledge *knowledge, const char *ecosystem,
			    const char *name, enum licence_confidence *ret_confidence);
/* Whether some id of licences.tsv fits a pattern (util/pattern.h). */
bool knowledge_has_licence_like(const struct knowledge *knowledge, const char *pattern);
/* All rows of effective-upgrades.tsv. */
const struct upgrade_row *knowledge_upgrades(const struct knowledge *knowledge, size_t *ret_count);
/* The row of licence-paths.tsv for a library of a source package, or NULL. */
const struct path_row *knowledge_path(const struct knowledge *knowledge, const char *package,
				      const char *soname);
/* SHA-256 over all tables in use as hexadecimal text, and their date: reports print both. */
const char *knowledge_digest(const struct knowledge *knowledge);
const char *knowledge_date(const struct knowledge *knowledge);

const char *licence_class_text(enum licence_class class);
const char *licence_confidence_text(enum licence_confidence confidence);

#endif
