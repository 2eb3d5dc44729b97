/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a binder keeps of each file: the symbols it asks for and those it offers, by names that are
 * numbered once for all files. Private to src/depend/bind*.c.
 *
 * From a name it is one step to all files that define it, so that a lookup costs as much as the
 * name has definitions, however long the scope is.
 */
#ifndef DEPEND_BIND_TABLES_H
#define DEPEND_BIND_TABLES_H

#include "depend/bind.h"
#include "util/map.h"

#define BIND_NONE UINT32_MAX

/* How a relocation looks its symbol up: ELF_RTYPE_CLASS_* of glibc's sysdeps. */
enum bind_class {
	BIND_PLAIN = 1u << 0,
	BIND_PLT = 1u << 1,  /* calls and TLS: an undefined symbol with a value is no definition */
	BIND_COPY = 1u << 2, /* copy relocation: the program itself is passed over */
};
#define BIND_CLASSES 3
/* The same three, of symbols that the asking file itself defines as protected. */
#define BIND_PROTECTED BIND_CLASSES

struct bind_machine;

/* The rules for a machine; NULL: unknown, every relocation is BIND_PLAIN. */
const struct bind_machine *bind_machine(const struct facts_identity *identity);
/* 0 for a relocation that looks nothing up, whatever symbol it names. */
unsigned bind_relocation_class(const struct bind_machine *machine, uint32_t type);

struct bind_name {
	const char *text;
	uint32_t definitions;		 /* head of a list of struct bind_definition, BIND_NONE */
	uint32_t definition_count;	 /* files that define it */
	bool undefined_values;		 /* one of them is an undefined symbol with a value */
	uint32_t epoch, version, answer; /* what it was found to be bound to in this process */
	uint32_t unique_epoch, unique_answer;
};

/* All symbols of one name in one file. */
struct bind_definition {
	uint32_t table;
	uint32_t first, last; /* exports, by index of symbol */
	uint32_t next;	      /* definition of the same name in another file */
};

enum bind_export_flag {
	BIND_EXPORT_HIDDEN_VERSION = 1u << 0, /* name@VERSION */
	BIND_EXPORT_UNDEFINED = 1u << 1,      /* undefined, with the value of its PLT entry */
	BIND_EXPORT_LOCAL = 1u << 2,	      /* hidden or internal: ends the search in its file */
	BIND_EXPORT_UNIQUE = 1u << 3,
};

struct bind_export {
	uint32_t name;
	uint32_t version; /* id; 0: none */
	uint32_t next;	  /* export of the same name in the same file, or BIND_NONE */
	uint16_t version_index;
	uint16_t flags;
};

/* One (name, version) that a file asks for. */
struct bind_request {
	uint32_t name;
	uint32_t version;	      /* id; 0: none */
	uint32_t symbol;	      /* in its facts: for texts */
	uint32_t first[BIND_CLASSES]; /* the first relocation of each class */
	uint8_t classes; /* all that its relocations have; protected ones << BIND_PROTECTED */
	bool weak;	 /* all references are */
	bool exact;	 /* vna_other says: only that very version */
};

struct bind_table {
	const struct facts *facts;
	const struct bind_export *exports;
	const struct bind_request *requests; /* by index of symbol */
	uint32_t export_count, request_count;
	/* Indexes ordered by name; NULL until wanted. */
	const uint32_t *exports_by_name, *requests_by_name;
	bool has_versions; /* ld.so would look at its DT_VERSYM */
	bool symbolic;	   /* DT_SYMBOLIC */
};

struct bind_slot {
	uint32_t hash, name; /* name: 1 + index, 0 is empty */
};

struct bind_version_id {
	uint32_t table, id; /* table: 1 + index, or 0 */
};

struct binder {
	struct binaries *binaries;
	struct diags *diags;
	struct arena arena;
	struct bind_slot *slots;
	size_t slot_count; /* a power of two */
	uint64_t seed;
	struct map versions;		     /* text -> id - 1 */
	struct bind_version_id *version_ids; /* by version index, of the table being made */
	VEC(struct bind_name) names;
	VEC(struct bind_definition) definitions;
	VEC(struct bind_table) tables;
	VEC(uint32_t) table_of;	 /* binary id -> table, or BIND_NONE */
	VEC(uint32_t) positions; /* table -> place in the scope of this process, or BIND_NONE */
	uint32_t epoch;
	bool has_exact_needs; /* in any file */
};

/* The table of a file, made now if need be; BIND_NONE for a file without facts. */
uint32_t binder_table(struct binder *binder, struct binary *binary);

/* First export of that name in a table, or BIND_NONE. */
uint32_t binder_find_export(struct binder *binder, uint32_t table, uint32_t name);
/* Requests for that name: their indexes, and how many there are. */
const uint32_t *binder_find_requests(struct binder *binder, uint32_t table, uint32_t name,
				     size_t *ret_count);

#endif
