/* SPDX-License-Identifier: BSD-2-Clause */
/* From values to the texts they point to. */
#include "binary/code_flow.h"
#include "util/budget.h"

#define MAX_PARAMETER 90 /* what a hole can name */

void code_found_add(struct code_founds *founds, uint32_t text, enum facts_value_source source,
		    uint64_t address)
{
	for (size_t i = 0; i < founds->count; i++)
		if (founds->items[i].text == text)
			return;
	if (founds->count == sizeof(founds->items) / sizeof(founds->items[0])) {
		founds->reasons |= FACTS_REASON_TOO_MANY;
		return;
	}
	founds->items[founds->count++] = (struct code_found){text, source, address};
}

static void add_text(struct code_flow *flow, struct code_founds *founds, struct slice text,
		     enum facts_value_source source, uint64_t address)
{
	code_found_add(founds, code_texts_add(flow->texts, text), source, address);
}

static void add_buffer(struct code_flow *flow, struct code_founds *founds,
		       const struct code_buffer *buffer, enum facts_value_source source,
		       uint64_t address)
{
	if (buffer->full)
		founds->reasons |= FACTS_REASON_TOO_MANY;
	else
		add_text(flow, founds, code_buffer_slice(buffer), source, address);
}

/* A text stored as such, or bytes that the function put there itself, up to a zero. */
static bool find_stored(struct code_flow *flow, const struct code_state *state,
			struct code_place place, struct code_founds *founds)
{
	code_value text = code_state_text(state, place);
	struct code_value_set set = code_value_set(&flow->values, text);
	struct code_buffer buffer = {.len = 0};
	uint8_t byte = 1;

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&flow->values, set, i);

		if (atom->kind == ATOM_TEXT)
			code_found_add(founds, (uint32_t)atom->a, FACTS_VALUE_FORMAT, 0);
		else
			founds->reasons |= (uint32_t)atom->a;
	}
	if (set.count)
		return true;
	while (buffer.len < BUDGET_CODE_TEXT - 1) {
		struct code_place at = {place.base, place.offset + (int64_t)buffer.len};

		if (!code_state_byte(state, &flow->memory, at, &byte))
			return false;
		if (!byte)
			break;
		code_buffer_byte(&buffer, byte);
	}
	if (byte || !code_text_valid(code_buffer_slice(&buffer)))
		return false;
	add_buffer(flow, founds, &buffer, FACTS_VALUE_STORED, 0);
	return true;
}

static void find_constant(struct code_flow *flow, const struct code_state *state,
			  const struct code_atom *atom, struct code_founds *founds)
{
	uint64_t address = (uint64_t)atom->a;
	struct code_place place = {BASE_ABSOLUTE, atom->a};
	struct slice text;

	if (!address) {
		if (atom->c == CODE_LOADED)
			return;
		add_text(flow, founds, slice_of("", 0), FACTS_VALUE_NOTHING, 0);
	} else if (!code_image_mapped(flow->image, address)) {
		founds->reasons |= FACTS_REASON_NOT_TEXT;
	} else if (code_image_constant(flow->image, address, 1)) {
		if (code_image_text(flow->image, address, &text))
			add_text(flow, founds, text, FACTS_VALUE_CONSTANT, address);
		else
			founds->reasons |= FACTS_REASON_NOT_TEXT;
	} else if (!find_stored(flow, state, place, founds)) {
		founds->reasons |= FACTS_REASON_VARIABLE;
		if (code_image_text(flow->image, address, &text) && text.len)
			add_text(flow, founds, text, FACTS_VALUE_VARIABLE, address);
	}
}

/* What a variable that holds a pointer points to when the file is loaded. */
static void find_variable(struct code_flow *flow, uint64_t address, struct code_founds *founds)
{
	struct code_word word = code_image_word(flow->image, address, 8);
	struct slice text;

	founds->reasons |= FACTS_REASON_VARIABLE;
	if (founds->variable_count < sizeof(founds->variables) / sizeof(founds->variables[0]))
		founds->variables[founds->variable_count++] = address;
	if (word.kind == CODE_WORD_NUMBER && word.number &&
	    code_image_text(flow->image, word.number, &text) && text.len)
		add_text(flow, founds, text, FACTS_VALUE_VARIABLE, address);
}

/* The next address after a table that anything refers to; looked up once. */
static uint64_t next_object(struct code_flow *flow, uint64_t table, uint64_t high)
{
	vec_each (known, &flow->tables)
		if (known->start == table)
			return known->end < high ? known->end : high;
	vec_push(&flow->tables, ((struct code_function){
				    table, code_scan_next(flow->image, table + 8, high), false}));
	return flow->tables.ptr[flow->tables.len - 1].end;
}

/*
 * Where a table ends: by the size of its symbol, or by an address that the loop compares its own
 * with; 0 when neither is known.
 */
static uint64_t known_end(const struct code_flow *flow, uint64_t table, uint64_t stride)
{
	uint64_t most = table + BUDGET_CODE_TABLE * stride, end = most;
	const struct code_name *name = code_functions_object(flow->functions, table);

	if (name)
		return name->address + name->size;
	for (size_t i = 0; i < flow->bounds.len; i++)
		if (flow->bounds.ptr[i] > table && flow->bounds.ptr[i] < end)
			end = flow->bounds.ptr[i];
	return end < most ? end : 0;
}

/* Else it cannot go on past the next thing that is referred to, which is no proof of its end. */
static uint64_t table_end(struct code_flow *flow, uint64_t table, uint64_t stride, bool *ret_known)
{
	uint64_t end = known_end(flow, table, stride);

	*ret_known = end != 0;
	return end ? end : next_object(flow, table, table + BUDGET_CODE_TABLE * stride);
}

/* Entries of a table of pointers to texts, up to its known end or a null pointer. */
static void find_table(struct code_flow *flow, const struct code_atom *atom,
		       struct code_founds *founds)
{
	uint64_t stride = atom->b > 0 ? (uint64_t)atom->b : 8, table = (uint64_t)atom->a;
	bool known, constant = code_image_constant(flow->image, table, 8);
	uint64_t end = table_end(flow, table, stride, &known), at;
	size_t before = founds->count;

	if (atom->b <= 0 || !constant)
		founds->reasons |= atom->b <= 0 ? FACTS_REASON_EXTENT : FACTS_REASON_VARIABLE;
	for (at = table; at + 8 <= end && at - table < BUDGET_CODE_TABLE * stride; at += stride) {
		struct code_word word = code_image_word(flow->image, at, 8);
		struct slice text;

		if (word.kind == CODE_WORD_NUMBER && !word.number) {
			if (known)
				continue; /* an entry without a name */
			end = at;
			known = true;
			break;
		}
		if (word.kind != CODE_WORD_NUMBER ||
		    !code_image_text(flow->image, word.number, &text))
			break;
		add_text(flow, founds, text, FACTS_VALUE_TABLE, at);
	}
	if (!known || at + 8 <= end)
		founds->reasons |= FACTS_REASON_EXTENT;
	if (founds->count == before)
		founds->reasons |= FACTS_REASON_NOT_TEXT;
}

/* A table of texts of one size, such as char names[][16]. */
static void find_array(struct code_flow *flow, const struct code_atom *atom,
		       struct code_founds *founds)
{
	uint64_t stride = (uint64_t)atom->b, table = (uint64_t)atom->a;
	struct slice text;
	uint64_t end, at;
	bool known;

	if (atom->b <= 1 || !code_image_constant(flow->image, table, 1)) {
		founds->reasons |= FACTS_REASON_COMPUTED;
		return;
	}
	end = table_end(flow, table, stride, &known);
	for (at = table; at < end; at += stride) {
		if (!code_image_text(flow->image, at, &text) || !text.len || text.len >= stride)
			break;
		add_text(flow, founds, text, FACTS_VALUE_TABLE, at);
	}
	if (!known || at < end)
		founds->reasons |= at == table ? FACTS_REASON_COMPUTED : FACTS_REASON_EXTENT;
}

bool code_find_column(struct code_flow *flow, const struct code_atom *entry, uint64_t below,
		      struct code_targets *ret)
{
	unsigned size = (unsigned)entry->b & CODE_ENTRY_SIZE;
	uint64_t stride = (uint64_t)entry->c, table = (uint64_t)entry->a;
	bool some = false;
	uint64_t end;

	if (entry->kind != ATOM_ENTRY || entry->c <= 0 || entry->b >> CODE_ENTRY_SHIFT || !size ||
	    size > 4)
		return false;
	/* Rows: what is referred to before the second is another column of the first. */
	end = known_end(flow, table, stride);
	if (!end)
		end = next_object(flow, table + stride - 8, table + BUDGET_CODE_TABLE * stride);
	if (end <= table || (end - table) / stride >= BUDGET_CODE_TABLE)
		return false;
	for (uint64_t at = table; at < end && size <= end - at; at += stride) {
		struct code_word word = code_image_word(flow->image, at, size);
		uint64_t sign = UINT64_C(1) << (size * 8 - 1);

		if (entry->b & CODE_ENTRY_SIGNED)
			word.number = (word.number ^ sign) - sign;
		if (word.kind != CODE_WORD_NUMBER || word.number >= below)
			return false;
		some |= word.number != 0;
		code_targets_add(ret, word.number + 1);
	}
	return some;
}

static void find_result(struct code_flow *flow, uint64_t call, struct code_founds *founds)
{
	code_results_ask(flow, call);
	if (founds->result_count < sizeof(founds->results) / sizeof(founds->results[0]))
		founds->results[founds->result_count++] = call;
}

static void find_atom(struct code_flow *flow, const struct code_state *state,
		      const struct code_atom *atom, struct code_founds *founds)
{
	struct code_place place = code_state_place(&flow->memory, atom);
	struct code_buffer buffer = {.len = 0};
	struct slice text;

	switch (atom->kind) {
	case ATOM_CONSTANT:
		find_constant(flow, state, atom, founds);
		return;
	case ATOM_ELEMENT:
		find_table(flow, atom, founds);
		return;
	case ATOM_ARRAY:
		find_array(flow, atom, founds);
		return;
	case ATOM_VARIABLE:
		find_variable(flow, (uint64_t)atom->a, founds);
		return;
	case ATOM_TEXT:
		code_found_add(founds, (uint32_t)atom->a, FACTS_VALUE_FORMAT, 0);
		return;
	case ATOM_ENVIRONMENT:
		founds->reasons |= FACTS_REASON_ENVIRONMENT;
		if (code_image_text(flow->image, (uint64_t)atom->a, &text))
			add_text(flow, founds, text, FACTS_VALUE_ENVIRONMENT, (uint64_t)atom->a);
		return;
	case ATOM_UNKNOWN:
		founds->reasons |= (uint32_t)atom->a;
		return;
	default:
		break;
	}
	if (place.base != BASE_NONE && find_stored(flow, state, place, founds))
		return;
	if (atom->kind == ATOM_PARAMETER && !atom->b && atom->a < MAX_PARAMETER) {
		code_buffer_parameter(&buffer, HOLE_PARAMETER, (unsigned)atom->a);
		add_buffer(flow, founds, &buffer, FACTS_VALUE_CONSTANT, 0);
	} else if (atom->kind == ATOM_FIELD && atom->a < MAX_PARAMETER && atom->b >= 0 &&
		   atom->b < 1 << 18) {
		code_buffer_field(&buffer, (unsigned)atom->a, atom->b);
		add_buffer(flow, founds, &buffer, FACTS_VALUE_CONSTANT, 0);
	} else {
		if (atom->kind == ATOM_RESULT && !atom->b)
			find_result(flow, (uint64_t)atom->a, founds);
		founds->reasons |= atom->kind == ATOM_RESULT   ? FACTS_REASON_RESULT
				   : atom->kind == ATOM_SYMBOL ? FACTS_REASON_VARIABLE
				   : atom->kind == ATOM_STACK  ? FACTS_REASON_MEMORY
							       : FACTS_REASON_COMPUTED;
	}
}

void code_find_texts(struct code_flow *flow, const struct code_state *state, code_value value,
		     struct code_founds *ret)
{
	struct code_value_set set = code_value_set(&flow->values, value);

	ret->count = ret->variable_count = ret->result_count = 0;
	ret->reasons = set.count ? 0 : FACTS_REASON_COMPUTED;
	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(&flow->values, set, i);

		find_atom(flow, state, &atom, ret);
	}
}

void code_find_only_texts(struct code_founds *founds)
{
	size_t kept = 0;

	for (size_t i = 0; i < founds->count; i++) {
		if (founds->items[i].source == FACTS_VALUE_NOTHING ||
		    founds->items[i].source == FACTS_VALUE_ENVIRONMENT)
			founds->reasons |= FACTS_REASON_NOT_TEXT;
		else
			founds->items[kept++] = founds->items[i];
	}
	founds->count = kept;
}

void code_find_hole(struct code_flow *flow, struct code_founds *founds)
{
	uint8_t hole = HOLE_ANY;

	founds->reasons = 0;
	code_found_add(founds, code_texts_add(flow->texts, slice_of(&hole, 1)), FACTS_VALUE_FORMAT,
		       0);
}

void code_find_number(struct code_flow *flow, code_value value, struct code_founds *ret)
{
	struct code_value_set set = code_value_set(&flow->values, value);

	ret->count = ret->variable_count = ret->result_count = 0;
	ret->reasons = set.count ? 0 : FACTS_REASON_COMPUTED;
	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&flow->values, set, i);
		struct code_buffer buffer = {.len = 0};

		if (atom->kind == ATOM_CONSTANT)
			code_buffer_number(&buffer, atom->a);
		else if (atom->kind == ATOM_PARAMETER && !atom->b && atom->a < MAX_PARAMETER)
			code_buffer_parameter(&buffer, HOLE_PARAMETER_NUMBER, (unsigned)atom->a);
		else
			ret->reasons |=
			    atom->kind == ATOM_UNKNOWN ? (uint32_t)atom->a : FACTS_REASON_COMPUTED;
		if (buffer.len)
			add_buffer(flow, ret, &buffer, FACTS_VALUE_NUMBER, 0);
	}
}

bool code_find_element(struct code_flow *flow, const struct code_state *state, code_value vector,
		       unsigned index, struct code_founds *ret)
{
	code_value address = code_value_add(
	    &flow->values, vector, code_value_constant(&flow->values, index * UINT64_C(8)), 8);
	code_value value = code_state_load(state, &flow->memory, address, 8, false);

	code_find_texts(flow, state, value, ret);
	for (size_t i = 0; i < ret->count; i++)
		if (ret->items[i].source == FACTS_VALUE_NOTHING)
			return true;
	return false;
}

code_value code_found_value(struct code_flow *flow, const struct code_founds *founds)
{
	code_value value = CODE_VALUE_NONE;

	for (size_t i = 0; i < founds->count; i++) {
		struct slice text = code_texts_get(flow->texts, founds->items[i].text);
		bool complete = !code_text_has_holes(text) && text.len <= INT32_MAX;
		struct code_atom atom = {.kind = ATOM_TEXT,
					 .a = founds->items[i].text,
					 .b = complete ? (int32_t)text.len : -1};

		value = code_value_join(&flow->values, value, code_value_atom(&flow->values, atom));
	}
	if (code_founds_open(founds))
		value = code_value_join(&flow->values, value,
					code_value_unknown(&flow->values, founds->reasons));
	return value;
}
