/* SPDX-License-Identifier: BSD-2-Clause */
/* What a policy says of files: whose they are, under which licence, with which permission. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reach/graph.h"
#include "reach/policy.h"
#include "util/budget.h"
#include "util/pattern.h"

bool policy_path_fits(const char *pattern, const char *path)
{
	if (!pattern)
		return true;
	if (pattern[0] != '/' && pattern[0] != '*')
		path += path[0] == '/';
	return pattern_matches(pattern, path, NULL);
}

bool policy_text_fits(const char *pattern, const char *text)
{
	return !pattern || strcmp(pattern, text) == 0 || pattern_matches(pattern, text, NULL);
}

static bool component_fits(const char *pattern, const struct component *component)
{
	if (!pattern)
		return true;
	return component && (policy_text_fits(pattern, component->name) ||
			     policy_text_fits(pattern, component->id) ||
			     policy_text_fits(pattern, component->source_name));
}

const struct policy_scope *policy_scope_of(const struct policy *policy, const char *path)
{
	for (size_t i = policy ? policy->scope_count : 0; i-- > 0;)
		if (policy_path_fits(policy->scopes[i].match, path))
			return &policy->scopes[i];
	return NULL;
}

/* ---- licences ---- */

static const struct component *own_component(const struct policy *policy,
					     const struct policy_licence *licence,
					     struct arena *arena)
{
	struct component *component = arena_alloc(arena, sizeof(*component));

	*component = (struct component){
	    .id = arena_printf(arena, "own:%s", licence->name),
	    .name = licence->name,
	    .version = "",
	    .source_name = "",
	    .source_version = "",
	    .purl = "",
	    .copyright_path = "",
	    .declared = expression_print(licence->expression, arena),
	    .note = arena_printf(arena, "%s:%u", policy->file, licence->place.line),
	};
	return component;
}

static const struct file_licence *stated_licence(const struct policy *policy,
						 const struct policy_licence *from,
						 const struct file_licence *before,
						 struct arena *arena)
{
	struct file_licence *licence = arena_alloc(arena, sizeof(*licence));
	const char *text = expression_print(from->expression, arena);

	*licence = (struct file_licence){
	    .expression = from->expression,
	    .text = text,
	    .original = from->text,
	    .source = LICENCE_SOURCE_POLICY,
	    .confidence = LICENCE_CONFIDENCE_HIGH,
	    .path = "",
	};
	licence->detail = arena_printf(arena, "%s:%u%s%s", policy->file, from->place.line,
				       *from->reason ? ": " : "", from->reason);
	/* What is overridden stays in sight, but not as a statement that disagrees. */
	if (before->expression && strcmp(before->text, text) != 0)
		licence->detail =
		    arena_printf(arena, "%s (without the policy: %s, from %s)", licence->detail,
				 before->text, licence_source_text(before->source));
	return licence;
}

/* The last entry that speaks of a file holds, as in DEP-5 files; NULL: none does. */
static const struct policy_licence *entry_for(const struct policy *policy,
					      const struct graph_file *file)
{
	for (size_t i = policy->licence_count; i-- > 0;) {
		const struct policy_licence *entry = &policy->licences[i];

		if (policy_path_fits(entry->match, file->path) &&
		    component_fits(entry->component, file->component))
			return entry;
	}
	return NULL;
}

/* ---- permissions ---- */

static const struct policy_permission *
permission_for(const struct policy *policy, const struct component *component, const char *id)
{
	for (size_t i = 0; i < policy->permission_count; i++)
		if (component_fits(policy->permissions[i].component, component) &&
		    policy_text_fits(policy->permissions[i].licence, id))
			return &policy->permissions[i];
	return NULL;
}

/* The licence with what was permitted beside it; NULL when nothing was. */
static const struct file_licence *
permitted_licence(const struct policy *policy, const struct graph_file *file, struct arena *arena)
{
	const struct file_licence *before = file->licence;
	const struct policy_permission *last = NULL;
	struct expression_step *steps;
	struct expression *expression;
	struct file_licence *licence;

	if (!before->expression)
		return NULL;
	steps = arena_copy(arena, before->expression->steps,
			   before->expression->count * sizeof(*steps));
	for (size_t i = 0; i < before->expression->count; i++) {
		const struct policy_permission *permission;

		/* An expression has room for one exception; one that is there stays. */
		if (steps[i].op != EXPRESSION_TERM || steps[i].term.exception)
			continue;
		permission = permission_for(policy, file->component, steps[i].term.id);
		if (!permission)
			continue;
		steps[i].term.exception = permission->row->id;
		steps[i].term.exception_row = permission->row;
		last = permission;
	}
	if (!last)
		return NULL;
	expression = arena_alloc(arena, sizeof(*expression));
	*expression = (struct expression){steps, before->expression->count};
	licence = arena_copy(arena, before, sizeof(*before));
	licence->expression = expression;
	licence->text = expression_print(expression, arena);
	licence->detail = arena_printf(arena, "%s%spermission, %s:%u: %s (%s)", before->detail,
				       *before->detail ? "; " : "", policy->file, last->place.line,
				       last->permission, last->source);
	return licence;
}

static void mark_modified(const struct policy *policy, struct graph_file *file, struct arena *arena)
{
	for (size_t i = 0; i < policy->modified_count; i++) {
		const struct policy_modified *entry = &policy->modified[i];

		if (!policy_path_fits(entry->match, file->path) ||
		    !component_fits(entry->component, file->component))
			continue;
		file->modified = true;
		file->difference = arena_printf(arena, "%s:%u: %s", policy->file, entry->place.line,
						entry->reason);
		return;
	}
}

static void change_file(const struct policy *policy, struct graph_file *file,
			const struct component **components, struct arena *arena)
{
	const struct policy_licence *entry = entry_for(policy, file);
	const struct file_licence *permitted;

	if (entry) {
		size_t place = (size_t)(entry - policy->licences);

		file->licence = stated_licence(policy, entry, file->licence, arena);
		file->own = entry->own;
		if (entry->own) {
			if (!components[place])
				components[place] = own_component(policy, entry, arena);
			file->component = components[place];
			file->origin = "policy";
		}
	}
	mark_modified(policy, file, arena);
	permitted = permitted_licence(policy, file, arena);
	if (permitted)
		file->licence = permitted;
}

const struct graph *policy_graph(const struct policy *policy, const struct graph *graph,
				 struct arena *arena)
{
	const struct component **components;
	struct graph_file *files;
	struct graph *changed;

	if (!policy ||
	    (!policy->licence_count && !policy->permission_count && !policy->modified_count))
		return graph;
	components =
	    arena_alloc_array(arena, policy->licence_count + 1, sizeof(struct component *));
	files = arena_alloc_array(arena, graph->node_count + 1, sizeof(*files));
	changed = arena_copy(arena, graph, sizeof(*graph));
	for (size_t i = 0; i < graph->node_count; i++) {
		files[i] = graph->files[i];
		/* Components inside files stand behind the files, and have no path to be matched.
		 */
		if (i >= graph->file_count)
			continue;
		change_file(policy, &files[i], components, arena);
	}
	changed->files = files;
	return changed;
}

/* ---- the file itself ---- */

static enum status read_host_file(const char *path, struct arena *arena, struct slice *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat info;
	uint8_t *bytes;
	size_t used = 0;
	ssize_t got = 1;

	if (fd < 0)
		return STATUS_IO;
	if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size < 0 ||
	    (uint64_t)info.st_size > BUDGET_POLICY_FILE) {
		close(fd);
		return STATUS_LIMIT;
	}
	bytes = arena_alloc(arena, (size_t)info.st_size + 1);
	while (used < (size_t)info.st_size && got > 0) {
		got = read(fd, bytes + used, (size_t)info.st_size - used);
		used += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	*ret = slice_of(bytes, used);
	return got < 0 ? STATUS_IO : STATUS_OK;
}

const struct policy *policy_open(const char *file, const struct knowledge *knowledge,
				 const char *today, struct arena *arena, const char **ret_errors)
{
	struct slice bytes;
	enum status status = read_host_file(file, arena, &bytes);

	if (status == STATUS_OK)
		return policy_read(bytes, file, knowledge, today, arena, ret_errors);
	*ret_errors = arena_printf(
	    arena, "%s: %s\n", file,
	    status == STATUS_IO ? strerror(errno) : "a policy is a regular file of 1 MiB at most");
	return NULL;
}
