/* SPDX-License-Identifier: BSD-2-Clause */
#include "licence/local.h"

#include <string.h>

#include "licence/grants.h"

struct slice local_text(const struct dep5 *dep5, const struct dep5_stanza *stanza)
{
	if (stanza->text.len)
		return stanza->text;
	for (size_t i = 0; i < dep5->count; i++)
		if (!dep5->stanzas[i].pattern_count && dep5->stanzas[i].text.len &&
		    strcmp(dep5->stanzas[i].licence, stanza->licence) == 0)
			return dep5->stanzas[i].text;
	return slice_of(NULL, 0);
}

static bool is_one_licence(const struct grants *grants)
{
	if (!grants->count || grants->mentions || grants->unread || grants->limit)
		return false;
	for (size_t i = 0; i < grants->count; i++)
		if (grants->list[i].unversioned || grants->list[i].special ||
		    strchr(grants->list[i].spdx, ' ') ||
		    strcmp(grants->list[i].spdx, grants->list[0].spdx) != 0)
			return false;
	return true;
}

/* The one licence a text is, when it is nothing else. */
static const char *recognise(struct slice text, struct arena *arena)
{
	struct arena scratch;
	const char *spdx = NULL;
	struct grants grants;
	struct words words;

	arena_init(&scratch);
	words = words_of(text, &scratch);
	grants = grants_of(&words, &scratch);
	if (is_one_licence(&grants))
		spdx = arena_strdup(arena, grants.list[0].spdx);
	arena_release(&scratch);
	return spdx;
}

static bool is_local(const struct expression *expression)
{
	return expression->count == 1 && !expression->steps[0].term.licence &&
	       !expression->steps[0].term.exception;
}

void local_names_read(struct local_names *names, const struct dep5 *dep5,
		      const struct knowledge *knowledge, const char *scope, struct arena *arena)
{
	struct licence_term *terms = arena_alloc_array(arena, dep5->count + 1, sizeof(*terms));
	uint32_t count = 0;

	*names = (struct local_names){{NULL, 0, 0, NULL, 0}, terms};
	for (size_t i = 0; i < dep5->count; i++) {
		const struct dep5_stanza *stanza = &dep5->stanzas[i];
		const struct expression *expression, *found;
		const char *spdx;
		bool added;

		if (!stanza->text.len ||
		    expression_parse(knowledge, EXPRESSION_DEP5, stanza->licence, scope, arena,
				     &expression, NULL) != STATUS_OK ||
		    !is_local(expression))
			continue;
		map_put(&names->by_id, slice_text(expression->steps[0].term.id), count, &added);
		if (!added)
			continue;
		spdx = recognise(stanza->text, arena);
		terms[count] = expression->steps[0].term;
		if (spdx && expression_parse(knowledge, EXPRESSION_SPDX, spdx, "", arena, &found,
					     NULL) == STATUS_OK)
			terms[count] = found->steps[0].term;
		count++;
	}
}

void local_names_release(struct local_names *names)
{
	map_release(&names->by_id);
}

const struct expression *local_names_replace(const struct local_names *names,
					     const struct expression *expression,
					     struct arena *arena, bool *ret_replaced)
{
	struct expression *replaced = arena_alloc(arena, sizeof(*replaced));
	struct expression_step *steps =
	    arena_copy(arena, expression->steps, expression->count * sizeof(*steps));

	for (size_t i = 0; i < expression->count; i++) {
		const struct map_entry *entry =
		    steps[i].op == EXPRESSION_TERM && !steps[i].term.licence &&
			    !steps[i].term.exception
			? map_get(&names->by_id, slice_text(steps[i].term.id))
			: NULL;

		if (!entry || strcmp(names->terms[entry->value].id, steps[i].term.id) == 0)
			continue;
		steps[i].term = names->terms[entry->value];
		if (ret_replaced)
			*ret_replaced = true;
	}
	*replaced = (struct expression){steps, expression->count};
	return replaced;
}
