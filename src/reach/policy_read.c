/* SPDX-License-Identifier: BSD-2-Clause */
/* From the tree of a policy file to the policy: every key known, every value checked. */
#include "reach/policy_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/budget.h"
#include "util/digest.h"
#include "util/pattern.h"

#define DATE_SIZE 11 /* "YYYY-MM-DD" and its end */

/* ---- values ---- */

static const char *list_words(struct policy_reader *reader, const char *const *words)
{
	const char *text = "";

	for (size_t i = 0; words[i]; i++)
		text = arena_printf(reader->arena, "%s%s%s", text, i ? ", " : "", words[i]);
	return text;
}

bool policy_read_word(struct policy_reader *reader, const char *text, struct policy_place place,
		      const char *const *words, unsigned *ret)
{
	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0) {
			*ret = i;
			return true;
		}
	}
	policy_error(&reader->errors, place, "'%s' is none of: %s", text,
		     list_words(reader, words));
	return false;
}

static bool take_field(struct policy_reader *reader, const struct policy_value *map, size_t i,
		       struct policy_field *fields, size_t count)
{
	const struct policy_value *value = &map->items[i];
	const char *known = "";

	for (size_t j = 0; j < count; j++) {
		known = arena_printf(reader->arena, "%s%s%s", known, j ? ", " : "", fields[j].key);
		if (strcmp(fields[j].key, map->keys[i].text) != 0)
			continue;
		if (value->type != POLICY_TEXT || !*value->text) {
			policy_error(&reader->errors, value->place, "%s has to be a text",
				     fields[j].key);
			return false;
		}
		*fields[j].ret = value->text;
		fields[j].place = value->place;
		return true;
	}
	policy_error(&reader->errors, map->keys[i].place, "unknown key '%s' (known here: %s)",
		     map->keys[i].text, known);
	return false;
}

bool policy_read_fields(struct policy_reader *reader, const struct policy_value *map,
			struct policy_field *fields, size_t count)
{
	bool good = true;

	if (map->type != POLICY_MAP) {
		policy_error(&reader->errors, map->place, "a map of keys and values is needed");
		return false;
	}
	for (size_t i = 0; i < count; i++)
		fields[i].place = map->place;
	for (size_t i = 0; i < map->count; i++)
		good &= take_field(reader, map, i, fields, count);
	for (size_t i = 0; i < count; i++) {
		if (!fields[i].required || *fields[i].ret)
			continue;
		policy_error(&reader->errors, map->place, "%s is missing", fields[i].key);
		good = false;
	}
	return good;
}

/* A pattern that pattern_matches() refuses fits nothing. */
bool policy_check_pattern(struct policy_reader *reader, const char *pattern,
			  struct policy_place place)
{
	size_t wildcards = 0;

	for (const char *at = pattern; (at = strpbrk(at, "*{")); wildcards++)
		at += at[0] == '*' && at[1] == '*' ? 2 : 1;
	if (wildcards <= 16)
		return true;
	policy_error(&reader->errors, place, "a pattern has 16 wildcards at most");
	return false;
}

bool policy_check_licence_pattern(struct policy_reader *reader, const char *pattern,
				  struct policy_place place)
{
	if (strncmp(pattern, "LicenseRef-", 11) == 0 || strcmp(pattern, "NOASSERTION") == 0 ||
	    knowledge_has_licence_like(reader->knowledge, pattern))
		return policy_check_pattern(reader, pattern, place);
	policy_error(&reader->errors, place, "no licence of the tables is called '%s'", pattern);
	return false;
}

static bool check_patterns(struct policy_reader *reader, struct policy_field *fields, size_t count)
{
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		if (!*fields[i].ret)
			continue;
		good &= strcmp(fields[i].key, "licence") == 0
			    ? policy_check_licence_pattern(reader, *fields[i].ret, fields[i].place)
			    : policy_check_pattern(reader, *fields[i].ret, fields[i].place);
	}
	return good;
}

static bool read_kind(struct policy_reader *reader, const char *text, struct policy_place place,
		      uint32_t *ret)
{
	static const char *const words[] = {
#define EDGE_KIND(id, text, class, ...) text,
	    EDGE_KINDS(EDGE_KIND)
#undef EDGE_KIND
		NULL};
	unsigned kind = 0;

	*ret = POLICY_ANY;
	if (!text)
		return true;
	if (!policy_read_word(reader, text, place, words, &kind))
		return false;
	*ret = kind;
	return true;
}

/* ---- dates ---- */

static bool parse_date(const char *text, struct tm *ret)
{
	char again[DATE_SIZE];
	const char *end;

	*ret = (struct tm){0};
	end = strptime(text, "%Y-%m-%d", ret);
	if (!end || *end || strlen(text) != DATE_SIZE - 1)
		return false;
	/* strptime() takes 31 February; a day that is none comes back as another one. */
	(void)timegm(ret);
	return strftime(again, sizeof(again), "%Y-%m-%d", ret) && strcmp(again, text) == 0;
}

const char *policy_today(struct arena *arena)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH"), *reason = NULL;
	time_t now = time(NULL);
	char text[DATE_SIZE];
	struct tm day;

	if (epoch) {
		now = (time_t)strtonum(epoch, 0, INT64_C(253402300799), &reason);
		if (reason)
			return NULL;
	}
	if (!gmtime_r(&now, &day) || !strftime(text, sizeof(text), "%Y-%m-%d", &day))
		return NULL;
	return arena_strdup(arena, text);
}

/* ---- sections ---- */

static struct policy_rule read_rule(struct policy_reader *reader, const struct policy_value *entry)
{
	static const char *const classes[] = {"linking", "ipc", "aggregation", NULL};
	struct policy_rule rule = {.place = entry->place, .class = POLICY_ANY, .reason = ""};
	const char *class = NULL, *kind = NULL;
	struct policy_field fields[] = {
	    {.key = "licence", .required = true, .ret = &rule.licence},
	    {.key = "component", .ret = &rule.component},
	    {.key = "path", .ret = &rule.path},
	    {.key = "class", .ret = &class},
	    {.key = "kind", .ret = &kind},
	    {.key = "reason", .ret = &rule.reason},
	};
	unsigned place;

	if (!policy_read_fields(reader, entry, fields, sizeof(fields) / sizeof(fields[0])))
		return rule;
	check_patterns(reader, fields, 3);
	if (class && policy_read_word(reader, class, fields[3].place, classes, &place))
		rule.class = place;
	read_kind(reader, kind, fields[4].place, &rule.kind);
	if (class && kind)
		policy_error(&reader->errors, fields[3].place,
			     "class and kind together: a kind belongs to one class");
	rule.citation =
	    arena_printf(reader->arena, "%s:%u", reader->errors.file, entry->place.line);
	return rule;
}

static struct policy_modified read_modified(struct policy_reader *reader,
					    const struct policy_value *entry)
{
	struct policy_modified modified = {.place = entry->place};
	struct policy_field fields[] = {
	    {.key = "match", .ret = &modified.match},
	    {.key = "component", .ret = &modified.component},
	    {.key = "reason", .required = true, .ret = &modified.reason},
	};

	if (!policy_read_fields(reader, entry, fields, sizeof(fields) / sizeof(fields[0])))
		return modified;
	check_patterns(reader, fields, 2);
	if (!modified.match && !modified.component)
		policy_error(&reader->errors, entry->place, "match or component is missing");
	return modified;
}

static struct policy_permission read_permission(struct policy_reader *reader,
						const struct policy_value *entry)
{
	struct policy_permission permission = {.place = entry->place};
	struct policy_field fields[] = {
	    {.key = "component", .required = true, .ret = &permission.component},
	    {.key = "licence", .required = true, .ret = &permission.licence},
	    {.key = "permission", .required = true, .ret = &permission.permission},
	    {.key = "source", .required = true, .ret = &permission.source},
	};
	struct exception_row *row = arena_alloc(reader->arena, sizeof(*row));

	if (!policy_read_fields(reader, entry, fields, sizeof(fields) / sizeof(fields[0])))
		return permission;
	check_patterns(reader, fields, 2);
	*row = (struct exception_row){
	    .id = arena_printf(reader->arena, "AdditionRef-policy-line-%u", entry->place.line),
	    .name = permission.permission,
	    .applies_to = permission.licence,
	    .direction = "provider",
	    .removes_linking_reach = "y",
	    .effect = permission.permission,
	    .source = permission.source,
	};
	permission.row = row;
	return permission;
}

static struct policy_waiver read_waiver(struct policy_reader *reader,
					const struct policy_value *entry)
{
	struct policy_waiver waiver = {.place = entry->place};
	const char *kind = NULL;
	struct policy_field fields[] = {
	    {.key = "component", .ret = &waiver.component},
	    {.key = "licence", .ret = &waiver.licence},
	    {.key = "consumer", .ret = &waiver.consumer},
	    {.key = "rule", .ret = &waiver.rule},
	    {.key = "finding", .ret = &waiver.finding},
	    {.key = "kind", .ret = &kind},
	    {.key = "reason", .required = true, .ret = &waiver.reason},
	    {.key = "owner", .required = true, .ret = &waiver.owner},
	    {.key = "expires", .required = true, .ret = &waiver.expires},
	};
	struct tm day;

	if (!policy_read_fields(reader, entry, fields, sizeof(fields) / sizeof(fields[0])))
		return waiver;
	check_patterns(reader, fields, 4);
	read_kind(reader, kind, fields[5].place, &waiver.kind);
	if (!waiver.component && !waiver.licence && !waiver.rule && !waiver.finding)
		policy_error(&reader->errors, entry->place,
			     "a waiver names a component, licence, rule or finding");
	if (waiver.rule && !strpbrk(waiver.rule, "*{") && !policy_knows_rule(waiver.rule))
		policy_error(&reader->errors, fields[3].place, "no rule is called '%s'",
			     waiver.rule);
	if (!parse_date(waiver.expires, &day))
		policy_error(&reader->errors, fields[8].place,
			     "'%s' is no day: expires is YYYY-MM-DD", waiver.expires);
	waiver.expired = strcmp(reader->today, waiver.expires) > 0;
	return waiver;
}

static void read_stance(struct policy_reader *reader, const struct policy_value *value)
{
	static const char *const dynamic[] = {"fsf", "review", NULL};
	static const char *const unused[] = {"counts", "review", "ignore", NULL};
	struct policy *policy = reader->policy;
	const char *gpl_dynamic = NULL, *unused_needed = NULL;
	struct policy_field fields[] = {
	    {.key = "gpl_dynamic", .ret = &gpl_dynamic},
	    {.key = "unused_needed", .ret = &unused_needed},
	};

	if (!policy_read_fields(reader, value, fields, 2))
		return;
	if (gpl_dynamic && policy_read_word(reader, gpl_dynamic, fields[0].place, dynamic,
					    &policy->gpl_dynamic.value))
		policy->gpl_dynamic.place = fields[0].place;
	if (unused_needed && policy_read_word(reader, unused_needed, fields[1].place, unused,
					      &policy->unused_needed.value))
		policy->unused_needed.place = fields[1].place;
}

static void read_choice(struct policy_reader *reader, const struct policy_value *value,
			const char *key, struct policy_choice *choice)
{
	static const char *const profiles[] = {"strict", "gpl3", "distro", NULL};
	static const char *const answers[] = {"false", "true", NULL};
	const char *const *words = choice == &reader->policy->distribution   ? policy_distributions
				   : choice == &reader->policy->user_product ? answers
									     : profiles;
	enum outcome outcome;

	if (value->type != POLICY_TEXT) {
		policy_error(&reader->errors, value->place, "%s has to be a text", key);
	} else if (choice != &reader->policy->fail_on) {
		if (policy_read_word(reader, value->text, value->place, words, &choice->value))
			choice->place = value->place;
	} else if (outcome_parse(value->text, &outcome)) {
		*choice = (struct policy_choice){value->place, outcome};
	} else {
		policy_error(&reader->errors, value->place, "'%s' is no outcome", value->text);
	}
}

static bool read_list(struct policy_reader *reader, const char *key,
		      const struct policy_value *value)
{
	struct policy *policy = reader->policy;
	struct policy_modified *modified;
	struct policy_permission *permissions;
	struct policy_waiver *waivers;
	struct policy_scope *scopes;
	struct policy_rule *rules;
	bool own = strcmp(key, "own") == 0, deny = strcmp(key, "deny") == 0;

	rules = arena_alloc_array(reader->arena, value->count + 1, sizeof(*rules));
	modified = arena_alloc_array(reader->arena, value->count + 1, sizeof(*modified));
	permissions = arena_alloc_array(reader->arena, value->count + 1, sizeof(*permissions));
	waivers = arena_alloc_array(reader->arena, value->count + 1, sizeof(*waivers));
	scopes = arena_alloc_array(reader->arena, value->count + 1, sizeof(*scopes));
	if (own || strcmp(key, "overrides") == 0) {
		for (size_t i = 0; i < value->count; i++)
			policy_read_own(reader, &value->items[i], own);
	} else if (deny || strcmp(key, "allow") == 0) {
		for (size_t i = 0; i < value->count; i++)
			rules[i] = read_rule(reader, &value->items[i]);
		*(deny ? &policy->deny : &policy->allow) = rules;
		*(deny ? &policy->deny_count : &policy->allow_count) = value->count;
	} else if (strcmp(key, "modified") == 0) {
		for (size_t i = 0; i < value->count; i++)
			modified[i] = read_modified(reader, &value->items[i]);
		policy->modified = modified;
		policy->modified_count = value->count;
	} else if (strcmp(key, "scopes") == 0) {
		for (size_t i = 0; i < value->count; i++)
			scopes[i] = policy_read_scope(reader, &value->items[i]);
		policy->scopes = scopes;
		policy->scope_count = value->count;
	} else if (strcmp(key, "permissions") == 0) {
		for (size_t i = 0; i < value->count; i++)
			permissions[i] = read_permission(reader, &value->items[i]);
		policy->permissions = permissions;
		policy->permission_count = value->count;
	} else if (strcmp(key, "waivers") == 0) {
		for (size_t i = 0; i < value->count; i++)
			waivers[i] = read_waiver(reader, &value->items[i]);
		policy->waivers = waivers;
		policy->waiver_count = value->count;
	} else {
		return false;
	}
	return true;
}

static void read_key(struct policy_reader *reader, const struct policy_key *key,
		     const struct policy_value *value)
{
	static const char *const lists[] = {"own",   "overrides",   "scopes",  "modified", "deny",
					    "allow", "permissions", "waivers", NULL};
	struct policy *policy = reader->policy;

	for (size_t i = 0; lists[i]; i++) {
		if (strcmp(lists[i], key->text) != 0)
			continue;
		if (value->type != POLICY_LIST)
			policy_error(&reader->errors, value->place, "%s has to be a list",
				     key->text);
		else
			(void)read_list(reader, key->text, value);
		return;
	}
	if (strcmp(key->text, "version") == 0) {
		if (value->type != POLICY_TEXT || strcmp(value->text, "1") != 0)
			policy_error(&reader->errors, value->place,
				     "this version of elfleft reads version 1 of policy files");
	} else if (strcmp(key->text, "stance") == 0) {
		read_stance(reader, value);
	} else if (strcmp(key->text, "distribution") == 0) {
		read_choice(reader, value, key->text, &policy->distribution);
	} else if (strcmp(key->text, "system_libs") == 0) {
		read_choice(reader, value, key->text, &policy->system_libs);
	} else if (strcmp(key->text, "user_product") == 0) {
		read_choice(reader, value, key->text, &policy->user_product);
	} else if (strcmp(key->text, "fail_on") == 0) {
		read_choice(reader, value, key->text, &policy->fail_on);
	} else {
		policy_error(&reader->errors, key->place,
			     "unknown key '%s' (known here: version, distribution, system_libs, "
			     "fail_on, user_product, stance, %s)",
			     key->text, list_words(reader, lists));
	}
}

static void read_top(struct policy_reader *reader, const struct policy_value *top)
{
	bool version = false;

	if (top->type != POLICY_MAP) {
		policy_error(&reader->errors, top->place, "a map of keys and values is needed");
		return;
	}
	for (size_t i = 0; i < top->count; i++) {
		version |= strcmp(top->keys[i].text, "version") == 0;
		read_key(reader, &top->keys[i], &top->items[i]);
	}
	if (!version)
		policy_error(&reader->errors, top->place, "version is missing");
	policy_settle_licences(reader);
}

const struct policy *policy_read(struct slice bytes, const char *file,
				 const struct knowledge *knowledge, const char *today,
				 struct arena *arena, const char **ret_errors)
{
	struct policy_reader reader = {.policy = arena_alloc(arena, sizeof(struct policy)),
				       .knowledge = knowledge,
				       .today = today,
				       .arena = arena,
				       .errors = {.arena = arena, .file = file}};
	const struct policy_value *top = policy_tree_parse(bytes, arena, &reader.errors);
	char text[DIGEST_TEXT_SIZE];
	struct digest digest;

	reader.policy->file = file;
	if (digest_bytes(bytes, &digest) == STATUS_OK) {
		digest_format(&digest, text);
		reader.policy->digest = arena_strdup(arena, text);
	}
	if (top)
		read_top(&reader, top);
	reader.policy->licence_count = reader.licences.len;
	if (reader.licences.len)
		reader.policy->licences = arena_copy(
		    arena, reader.licences.ptr, reader.licences.len * sizeof(*reader.licences.ptr));
	vec_release(&reader.licences);
	*ret_errors = policy_errors_text(&reader.errors);
	return **ret_errors ? NULL : reader.policy;
}
