/* SPDX-License-Identifier: BSD-2-Clause */
/* How the sections of a policy file are read. Private to policy_read*.c. */
#ifndef REACH_POLICY_READ_H
#define REACH_POLICY_READ_H

#include "reach/policy.h"

struct policy_reader {
	struct policy *policy;
	const struct knowledge *knowledge;
	const char *today;
	struct arena *arena;
	struct policy_errors errors;
	VEC(struct policy_licence) licences; /* own ones and overrides */
};

/* One key of a map whose value is a text. */
struct policy_field {
	const char *key;
	bool required;
	const char **ret;	   /* stays as it is without the key */
	struct policy_place place; /* of the value; of the map without the key */
};

/* The words of "distribution", in the order of enum reach_distribution; NULL-terminated. */
extern const char *const policy_distributions[];

/* Reads a map of texts; false, with errors, when a key is unknown, missing or no text. */
bool policy_read_fields(struct policy_reader *reader, const struct policy_value *map,
			struct policy_field *fields, size_t count);
/* The place of a text in a list of words, NULL-terminated; an error names them all. */
bool policy_read_word(struct policy_reader *reader, const char *text, struct policy_place place,
		      const char *const *words, unsigned *ret);
/* An error for a pattern on licences that none can fit. */
bool policy_check_licence_pattern(struct policy_reader *reader, const char *pattern,
				  struct policy_place place);
bool policy_check_pattern(struct policy_reader *reader, const char *pattern,
			  struct policy_place place);

/* The sections; each takes one entry of its list. */
void policy_read_own(struct policy_reader *reader, const struct policy_value *entry, bool own);
struct policy_scope policy_read_scope(struct policy_reader *reader,
				      const struct policy_value *entry);
/* Looks up what entries say of each other, once all are read. */
void policy_settle_licences(struct policy_reader *reader);

#endif
