/* SPDX-License-Identifier: BSD-2-Clause */
/* libyaml's events, taken in without recursion and held to the strict subset. */
#include "reach/policy_tree.h"

#include <string.h>
#include <yaml.h>

#include "util/budget.h"

#define ERRORS_SHOWN 20

void policy_error(struct policy_errors *errors, struct policy_place place, const char *format, ...)
{
	const char *words;
	va_list args;

	if (errors->count++ >= ERRORS_SHOWN)
		return;
	va_start(args, format);
	words = arena_vprintf(errors->arena, format, args);
	va_end(args);
	vec_push(&errors->list, arena_printf(errors->arena, "%s:%u:%u: %s\n", errors->file,
					     place.line, place.column, words));
}

const char *policy_errors_text(struct policy_errors *errors)
{
	const char *text = "";

	vec_each (line, &errors->list)
		text = arena_printf(errors->arena, "%s%s", text, *line);
	if (errors->count > errors->list.len)
		text = arena_printf(errors->arena, "%s%s: %zu more errors\n", text, errors->file,
				    errors->count - errors->list.len);
	vec_release(&errors->list);
	return text;
}

/* A list or map that is still open. */
struct open_value {
	struct policy_value value;
	VEC(struct policy_value) items;
	VEC(struct policy_key) keys; /* one ahead of items while a value is awaited */
};

struct reader {
	struct arena *arena;
	struct policy_errors *errors;
	struct open_value stack[BUDGET_POLICY_DEPTH];
	size_t depth, values;
	struct policy_value *top; /* NULL: nothing was read yet */
	size_t documents;
};

static struct policy_place place_of(yaml_mark_t mark)
{
	return (struct policy_place){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static bool key_is_known(const struct open_value *map, const char *text)
{
	for (size_t i = 0; i < map->keys.len; i++)
		if (strcmp(map->keys.ptr[i].text, text) == 0)
			return true;
	return false;
}

static bool add_key(struct reader *reader, struct open_value *map, const struct policy_value *value)
{
	if (value->type != POLICY_TEXT) {
		policy_error(reader->errors, value->place, "a key has to be a text");
		return false;
	}
	if (key_is_known(map, value->text)) {
		policy_error(reader->errors, value->place, "the key '%s' stands here twice",
			     value->text);
		return false;
	}
	vec_push(&map->keys, ((struct policy_key){value->text, value->place}));
	return true;
}

static bool add_value(struct reader *reader, struct policy_value value)
{
	struct open_value *open;

	if (++reader->values > BUDGET_POLICY_VALUES) {
		policy_error(reader->errors, value.place, "more than %u values",
			     BUDGET_POLICY_VALUES);
		return false;
	}
	if (!reader->depth) {
		reader->top = arena_copy(reader->arena, &value, sizeof(value));
		return true;
	}
	open = &reader->stack[reader->depth - 1];
	if (open->value.type == POLICY_MAP && open->keys.len == open->items.len)
		return add_key(reader, open, &value);
	vec_push(&open->items, value);
	return true;
}

static bool awaits_key(const struct reader *reader)
{
	const struct open_value *open;

	if (!reader->depth)
		return false;
	open = &reader->stack[reader->depth - 1];
	return open->value.type == POLICY_MAP && open->keys.len == open->items.len;
}

static bool open_value(struct reader *reader, enum policy_value_type type,
		       struct policy_place place)
{
	if (awaits_key(reader)) {
		policy_error(reader->errors, place, "a key has to be a text");
		return false;
	}
	if (reader->depth == BUDGET_POLICY_DEPTH) {
		policy_error(reader->errors, place, "values are nested more than %d deep",
			     BUDGET_POLICY_DEPTH);
		return false;
	}
	reader->stack[reader->depth++] =
	    (struct open_value){.value = {.type = type, .place = place}};
	return true;
}

static bool close_value(struct reader *reader)
{
	struct open_value *open = &reader->stack[--reader->depth];
	struct policy_value value = open->value;

	value.count = open->items.len;
	if (value.count)
		value.items =
		    arena_copy(reader->arena, open->items.ptr, value.count * sizeof(*value.items));
	if (open->keys.len)
		value.keys =
		    arena_copy(reader->arena, open->keys.ptr, open->keys.len * sizeof(*value.keys));
	vec_release(&open->items);
	vec_release(&open->keys);
	return add_value(reader, value);
}

/* The parts of YAML in which a value is not what it looks like where it stands. */
static bool refuse_properties(struct reader *reader, const yaml_char_t *anchor,
			      const yaml_char_t *tag, struct policy_place place)
{
	if (!anchor && !tag)
		return true;
	policy_error(reader->errors, place, "%s are not part of a policy file",
		     anchor ? "anchors" : "tags");
	return false;
}

static bool take_scalar(struct reader *reader, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct policy_value value = {.type = POLICY_TEXT, .place = place_of(event->start_mark)};

	if (!refuse_properties(reader, event->data.scalar.anchor, event->data.scalar.tag,
			       value.place))
		return false;
	if (strlen(text) != event->data.scalar.length) {
		policy_error(reader->errors, value.place, "a text holds a NUL byte");
		return false;
	}
	value.text = arena_strdup(reader->arena, text);
	return add_value(reader, value);
}

static bool take_document(struct reader *reader, const yaml_event_t *event)
{
	struct policy_place place = place_of(event->start_mark);

	if (event->data.document_start.version_directive ||
	    event->data.document_start.tag_directives.start !=
		event->data.document_start.tag_directives.end) {
		policy_error(reader->errors, place, "directives are not part of a policy file");
		return false;
	}
	if (reader->documents++) {
		policy_error(reader->errors, place, "a second document");
		return false;
	}
	return true;
}

static bool take_event(struct reader *reader, const yaml_event_t *event)
{
	struct policy_place place = place_of(event->start_mark);

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return take_document(reader, event);
	case YAML_ALIAS_EVENT:
		policy_error(reader->errors, place, "aliases are not part of a policy file");
		return false;
	case YAML_SCALAR_EVENT:
		return take_scalar(reader, event);
	case YAML_SEQUENCE_START_EVENT:
		return refuse_properties(reader, event->data.sequence_start.anchor,
					 event->data.sequence_start.tag, place) &&
		       open_value(reader, POLICY_LIST, place);
	case YAML_MAPPING_START_EVENT:
		return refuse_properties(reader, event->data.mapping_start.anchor,
					 event->data.mapping_start.tag, place) &&
		       open_value(reader, POLICY_MAP, place);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_value(reader);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return true;
}

static void report_problem(struct reader *reader, const yaml_parser_t *parser)
{
	struct policy_place place = place_of(parser->problem_mark);

	if (parser->error == YAML_READER_ERROR)
		place = place_of(parser->mark);
	policy_error(reader->errors, place, "no YAML: %s%s%s",
		     parser->problem ? parser->problem : "not understood",
		     parser->context ? " " : "", parser->context ? parser->context : "");
}

static bool read_events(struct reader *reader, yaml_parser_t *parser)
{
	bool going = true, ended = false;

	while (going && !ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event)) {
			report_problem(reader, parser);
			return false;
		}
		ended = event.type == YAML_STREAM_END_EVENT;
		going = take_event(reader, &event);
		yaml_event_delete(&event);
	}
	return going;
}

const struct policy_value *policy_tree_parse(struct slice text, struct arena *arena,
					     struct policy_errors *errors)
{
	struct reader reader = {.arena = arena, .errors = errors};
	yaml_parser_t parser;
	bool read;

	if (!yaml_parser_initialize(&parser)) {
		policy_error(errors, (struct policy_place){1, 1}, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, text.ptr, text.len);
	read = read_events(&reader, &parser);
	yaml_parser_delete(&parser);
	while (reader.depth) {
		reader.depth--;
		vec_release(&reader.stack[reader.depth].items);
		vec_release(&reader.stack[reader.depth].keys);
	}
	if (read && !reader.top)
		policy_error(errors, (struct policy_place){1, 1}, "the file is empty");
	return read ? reader.top : NULL;
}
