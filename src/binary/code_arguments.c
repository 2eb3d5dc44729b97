/* SPDX-License-Identifier: BSD-2-Clause */
/* What the arguments of one call tell: values of a site, or parameters that reach it. */
#include <sys/socket.h>

#include "binary/code_calls.h"
#include "util/budget.h"

#define VECTOR_ELEMENTS 3 /* of an argument vector: enough for "sh", "-c" and a command line */
#define SOCKET_PATH 2	  /* offset of sun_path */

/* Where what was found belongs. */
struct destination {
	uint32_t site;
	uint16_t role, index;
	uint8_t mode, level;
	uint64_t caller;
};

struct value_key {
	uint32_t site, text;
	uint16_t role, index;
	uint32_t apart; /* texts that do not name a file, a program or a symbol */
};

struct parameter_key {
	uint64_t function;
	uint32_t site, text;
	uint16_t role, index;
	uint32_t mode;
};

struct slice code_calls_key(struct code_calls *calls, const void *bytes, size_t size)
{
	return slice_of(arena_copy(&calls->arena, bytes, size), size);
}

static void add_value(struct code_calls *calls, const struct destination *to,
		      const struct code_found *found)
{
	struct code_site *site = &calls->sites.ptr[to->site];
	struct value_key key = {to->site, found->text, to->role, to->index,
				found->source == FACTS_VALUE_ENVIRONMENT ||
				    found->source == FACTS_VALUE_RESULT ||
				    found->source == FACTS_VALUE_NOTHING};
	struct slice text = code_texts_get(&calls->texts, found->text);

	if (map_get(&calls->value_map, slice_of(&key, sizeof(key))))
		return;
	if (site->value_count >= BUDGET_CODE_VALUES) {
		code_calls_reason(calls, to->site, FACTS_REASON_TOO_MANY);
		return;
	}
	map_put(&calls->value_map, code_calls_key(calls, &key, sizeof(key)),
		(uint32_t)calls->values.len, NULL);
	vec_push(&calls->values, ((struct code_site_value){.site = to->site,
							   .text = found->text,
							   .address = found->address,
							   .caller = to->caller,
							   .source = (uint16_t)found->source,
							   .role = to->role,
							   .index = to->index}));
	if (to->role != FACTS_ROLE_ARGUMENT) {
		site->any_value |= found->source != FACTS_VALUE_RESULT;
		site->value_count += !key.apart || (found->source == FACTS_VALUE_NOTHING &&
						    site->row->kind == FACTS_CALL_LOAD);
	}
	if (to->role != FACTS_ROLE_ARGUMENT && code_text_has_holes(text))
		code_calls_reason(calls, to->site, FACTS_REASON_FORMATTED);
}

uint32_t code_calls_first_parameter(const struct code_calls *calls, uint64_t function)
{
	const struct map_entry *entry =
	    map_get(&calls->parameter_functions, slice_of(&function, sizeof(function)));

	return entry ? entry->value - 1 : UINT32_MAX;
}

/* A parameter of the function being followed, or a variable: who sets it, sets the site's argument.
 */
static void add_source(struct code_calls *calls, const struct destination *to, uint64_t address,
		       uint32_t text, bool is_variable)
{
	struct parameter_key key = {address, to->site, text, to->role, to->index, to->mode};
	struct map_entry *entry;
	bool added;

	if (map_get(&calls->parameter_map, slice_of(&key, sizeof(key))))
		return;
	if (calls->parameters.len >= BUDGET_CODE_FLOWS) {
		code_calls_reason(calls, to->site, FACTS_REASON_LIMIT);
		calls->coverage.limited = true;
		return;
	}
	map_put(&calls->parameter_map, code_calls_key(calls, &key, sizeof(key)), 0, NULL);
	entry =
	    map_put(&calls->parameter_functions, code_calls_key(calls, &address, sizeof(address)),
		    (uint32_t)calls->parameters.len + 1, &added);
	vec_push(&calls->parameters, ((struct code_parameter){.function = address,
							      .is_variable = is_variable,
							      .site = to->site,
							      .text = text,
							      .role = to->role,
							      .index = to->index,
							      .mode = to->mode,
							      .level = to->level,
							      .next = added ? 0 : entry->value}));
	entry->value = (uint32_t)calls->parameters.len;
}

static void add_parameter(struct code_calls *calls, const struct destination *to, uint32_t text)
{
	add_source(calls, to, calls->function, text, false);
}

static bool names_file(int kind)
{
	return kind == FACTS_CALL_LOAD || kind == FACTS_CALL_EXEC ||
	       kind == FACTS_CALL_EXEC_SEARCH || kind == FACTS_CALL_SHELL ||
	       kind == FACTS_CALL_WORDS;
}

/* What an import returns: whoever joins the records knows what that is. */
static void add_result(struct code_calls *calls, const struct destination *to, uint64_t call)
{
	uint32_t symbol = code_results_import(&calls->flow, call);
	struct code_found found = {.source = FACTS_VALUE_RESULT};

	if (symbol == CODE_NO_SYMBOL || !names_file(calls->sites.ptr[to->site].row->kind))
		return;
	found.text =
	    code_texts_add(&calls->texts, slice_text(code_symbol_name(&calls->image, symbol)));
	add_value(calls, to, &found);
}

static void add_founds(struct code_calls *calls, const struct destination *to,
		       const struct code_founds *founds)
{
	bool formatted = false;

	for (size_t i = 0; i < founds->count; i++) {
		struct slice text = code_texts_get(&calls->texts, founds->items[i].text);

		if (code_text_parameter(text) >= 0)
			add_parameter(calls, to, founds->items[i].text);
		else if (text.len && !code_text_has_literal(text))
			formatted = true;
		else if (!text.len && founds->items[i].source != FACTS_VALUE_NOTHING &&
			 to->role == FACTS_ROLE_NAME)
			code_calls_reason(calls, to->site, FACTS_REASON_MEMORY); /* names nothing */
		else if (to->role == FACTS_ROLE_ARGUMENT &&
			 founds->items[i].source == FACTS_VALUE_NOTHING)
			continue; /* the end of the list */
		else
			add_value(calls, to, &founds->items[i]);
	}
	for (size_t i = 0; i < founds->result_count && to->role == FACTS_ROLE_NAME; i++)
		add_result(calls, to, founds->results[i]);
	if (formatted && to->role != FACTS_ROLE_ARGUMENT)
		code_calls_reason(calls, to->site, FACTS_REASON_FORMATTED);
	for (size_t i = 0; i < founds->variable_count; i++)
		add_source(calls, to, founds->variables[i], 0, true);
	if (to->role != FACTS_ROLE_ARGUMENT)
		code_calls_reason(calls, to->site, founds->reasons);
}

static code_value at_offset(struct code_flow *flow, code_value address, uint64_t offset)
{
	return code_value_add(&flow->values, address, code_value_constant(&flow->values, offset),
			      8);
}

/* The only parameter a value may be, as text for add_parameter(); false when it is something else.
 */
static bool whole_parameter(struct code_calls *calls, code_value value, uint32_t *ret_text)
{
	const struct code_atom *atom = code_value_single(&calls->flow.values, value);
	struct code_buffer buffer = {.len = 0};

	if (!atom || atom->kind != ATOM_PARAMETER || atom->b || atom->a > 90)
		return false;
	code_buffer_parameter(&buffer, HOLE_PARAMETER, (unsigned)atom->a);
	*ret_text = code_texts_add(&calls->texts, code_buffer_slice(&buffer));
	return true;
}

/* An array of pointers to texts. name: its first element is the program. */
static void take_vector(struct code_calls *calls, const struct code_state *state, code_value vector,
			const struct destination *to)
{
	struct destination element = *to;
	struct code_founds founds;
	uint32_t text;

	element.mode = FLOW_VECTOR;
	if (whole_parameter(calls, vector, &text)) {
		add_parameter(calls, &element, text);
		return;
	}
	element.mode = FLOW_TEXT;
	for (unsigned i = 0; i < VECTOR_ELEMENTS; i++) {
		bool ends = code_find_element(&calls->flow, state, vector, i, &founds);

		element.index = (uint16_t)i;
		if (ends && founds.count == 1)
			return;
		if (to->role == FACTS_ROLE_NAME) {
			add_founds(calls, &element, &founds);
			element.role = FACTS_ROLE_ARGUMENT;
		}
		if (!ends)
			add_founds(calls, &element, &founds);
		element.role = FACTS_ROLE_ARGUMENT;
	}
}

/* Address families and AF_UNIX paths; sun_path may start with a zero: the abstract name space. */
static void take_socket(struct code_calls *calls, const struct code_state *state,
			code_value address, const struct destination *to)
{
	struct code_flow *flow = &calls->flow;
	struct destination part = *to;
	struct code_founds family, path;
	code_value value;
	uint64_t number;
	uint32_t text;

	if (whole_parameter(calls, address, &text)) {
		part.mode = FLOW_SOCKET;
		add_parameter(calls, &part, text);
		return;
	}
	value = code_state_load(state, &flow->memory, address, 2, false);
	code_find_number(flow, value, &family);
	part.role = FACTS_ROLE_FAMILY;
	part.mode = FLOW_NUMBER;
	for (size_t i = 0; i < family.count; i++) /* half of a parameter is none */
		if (code_text_has_holes(code_texts_get(&calls->texts, family.items[i].text)))
			family.count = 0, family.reasons |= FACTS_REASON_MEMORY;
	add_founds(calls, &part, &family);
	if (!code_value_number(&flow->values, value, &number) || number != AF_UNIX)
		return;
	part.role = FACTS_ROLE_NAME;
	part.mode = FLOW_TEXT;
	value = at_offset(flow, address, SOCKET_PATH);
	code_find_texts(flow, state, value, &path);
	if (path.count == 1 && !path.reasons &&
	    !code_texts_get(&calls->texts, path.items[0].text).len) {
		struct code_buffer buffer = {.len = 0};

		code_find_texts(flow, state, at_offset(flow, address, SOCKET_PATH + 1), &path);
		for (size_t i = 0; i < path.count; i++) {
			buffer.len = 0;
			code_buffer_byte(&buffer, '@');
			code_buffer_add(&buffer, code_texts_get(&calls->texts, path.items[i].text));
			path.items[i].text =
			    code_texts_add(&calls->texts, code_buffer_slice(&buffer));
		}
	}
	add_founds(calls, &part, &path);
}

static void take_list(struct code_calls *calls, const struct code_call *call, unsigned first,
		      struct destination to)
{
	struct code_founds founds;

	to.role = FACTS_ROLE_ARGUMENT;
	for (unsigned i = 0; i < VECTOR_ELEMENTS; i++) {
		code_find_texts(&calls->flow, call->state,
				code_flow_argument(&calls->flow, call, first + i), &founds);
		if (founds.count == 1 && founds.items[0].source == FACTS_VALUE_NOTHING)
			return;
		to.index = (uint16_t)i;
		add_founds(calls, &to, &founds);
	}
}

static void take_handle(struct code_calls *calls, const struct code_call *call, uint32_t site)
{
	code_value value = code_flow_argument(&calls->flow, call, 0);
	struct code_value_set set = code_value_set(&calls->flow.values, value);

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&calls->flow.values, set, i);

		if (atom->kind == ATOM_RESULT && !atom->b)
			calls->sites.ptr[site].handle = (uint64_t)atom->a;
	}
}

void code_calls_arguments(struct code_calls *calls, const struct code_call *call, uint32_t site)
{
	struct code_flow *flow = &calls->flow;
	const struct call_row *row = call->callee.row;
	struct destination to = {.site = site, .role = FACTS_ROLE_NAME, .mode = FLOW_TEXT};
	struct code_founds founds;
	code_value value = CODE_VALUE_NONE;

	if (row->argument >= 0)
		value = code_flow_argument(flow, call, (unsigned)row->argument);
	if (row->kind == FACTS_CALL_SOCKET) {
		to.mode = FLOW_NUMBER;
		code_find_number(flow, value, &founds);
		add_founds(calls, &to, &founds);
	} else if (row->kind == FACTS_CALL_CONNECT || row->kind == FACTS_CALL_BIND ||
		   row->kind == FACTS_CALL_SEND) {
		take_socket(calls, call->state, value, &to);
	} else if (row->argument >= 0) {
		code_find_texts(flow, call->state, value, &founds);
		add_founds(calls, &to, &founds);
		to.role = FACTS_ROLE_ARGUMENT;
	}
	if (row->vector >= 0)
		take_vector(calls, call->state,
			    code_flow_argument(flow, call, (unsigned)row->vector), &to);
	if (row->list >= 0)
		take_list(calls, call, (unsigned)row->list, to);
	if (row->kind == FACTS_CALL_SYMBOL)
		take_handle(calls, call, site);
}

/* ---- from a caller ---- */

static void take_parameter(struct code_calls *calls, const struct code_call *call,
			   const struct code_parameter *parameter)
{
	struct slice text = code_texts_get(&calls->texts, parameter->text);
	struct destination to = {.site = parameter->site,
				 .role = parameter->role,
				 .index = parameter->index,
				 .mode = parameter->mode,
				 .level = (uint8_t)(parameter->level + 1),
				 .caller = call->op->address};
	struct code_founds founds;
	struct code_part part;

	if (!code_text_is_parameter(text)) {
		code_substitute(&calls->flow, call, text, &founds);
		add_founds(calls, &to, &founds);
		return;
	}
	code_text_next(&text, &part);
	if (parameter->mode == FLOW_VECTOR) {
		take_vector(calls, call->state,
			    code_flow_argument(&calls->flow, call, part.parameter), &to);
		return;
	}
	if (parameter->mode == FLOW_SOCKET) {
		take_socket(calls, call->state,
			    code_flow_argument(&calls->flow, call, part.parameter), &to);
		return;
	}
	code_find_part(&calls->flow, call, &part, &founds);
	add_founds(calls, &to, &founds);
}

void code_calls_variable(struct code_calls *calls, const struct code_state *state, uint64_t store,
			 uint64_t address, code_value value)
{
	uint32_t index = code_calls_first_parameter(calls, address);
	struct code_founds founds;

	while (index != UINT32_MAX) {
		struct code_parameter variable = calls->parameters.ptr[index];
		struct destination to = {.site = variable.site,
					 .role = variable.role,
					 .index = variable.index,
					 .mode = FLOW_TEXT,
					 .level = (uint8_t)(variable.level + 1),
					 .caller = store};

		code_find_texts(&calls->flow, state, value, &founds);
		add_founds(calls, &to, &founds);
		index = variable.next - 1;
	}
}

void code_calls_parameters(struct code_calls *calls, const struct code_call *call)
{
	uint32_t index;

	if (!call->callee.target)
		return;
	index = code_calls_first_parameter(calls, call->callee.target);
	while (index != UINT32_MAX) {
		struct code_parameter parameter = calls->parameters.ptr[index];

		take_parameter(calls, call, &parameter);
		index = parameter.next - 1; /* 0 - 1 is UINT32_MAX */
	}
}

void code_calls_open_parameter(struct code_calls *calls, uint32_t index, uint32_t reasons)
{
	struct code_parameter parameter = calls->parameters.ptr[index];
	struct slice text = code_texts_get(&calls->texts, parameter.text);
	struct destination to = {
	    .site = parameter.site, .role = parameter.role, .index = parameter.index};
	struct code_buffer buffer = {.len = 0};
	struct code_part part;

	if (parameter.role != FACTS_ROLE_ARGUMENT)
		code_calls_reason(calls, parameter.site, reasons);
	if (!code_text_has_literal(text))
		return;
	for (const uint8_t *at = text.ptr; code_text_next(&text, &part); at = text.ptr) {
		if (part.hole == HOLE_PARAMETER_NUMBER)
			code_buffer_byte(&buffer, HOLE_NUMBER);
		else if (part.hole >= HOLE_PARAMETER)
			code_buffer_byte(&buffer, HOLE_ANY);
		else
			code_buffer_add(&buffer, slice_of(at, (size_t)(text.ptr - at)));
	}
	if (!buffer.full)
		add_value(
		    calls, &to,
		    &(struct code_found){code_texts_add(&calls->texts, code_buffer_slice(&buffer)),
					 FACTS_VALUE_FORMAT, 0});
}
