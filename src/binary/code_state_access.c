/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads and stores. */
#include "binary/code_state.h"
#include "util/budget.h"

/* The bytes of a constant word outside of [offset, offset + size) stay known. */
static void keep_parts(struct code_state *state, struct code_memory *memory, struct code_slot slot,
		       int64_t offset, uint64_t size)
{
	int64_t end = offset + (int64_t)size, slot_end = slot.offset + slot.size;
	struct code_slot part = slot;
	uint64_t number;

	if (slot.is_text || size > 64 || !code_value_number(memory->values, slot.value, &number))
		return;
	if (slot.offset < offset) {
		part.size = (uint8_t)(offset - slot.offset);
		part.value = code_value_extend(memory->values, slot.value, part.size, false);
		code_slot_insert(state, part);
	}
	if (slot_end > end) {
		part.offset = end;
		part.size = (uint8_t)(slot_end - end);
		part.value =
		    code_value_constant(memory->values, number >> ((end - slot.offset) * 8));
		part.value = code_value_extend(memory->values, part.value, part.size, false);
		code_slot_insert(state, part);
	}
}

static void forget_range(struct code_state *state, struct code_memory *memory,
			 struct code_place place, uint64_t size)
{
	struct code_slot first_slot, last_slot;
	size_t first, count = code_slots_overlap(state, place, size, &first);

	if (!count)
		return;
	first_slot = state->slots.ptr[first];
	last_slot = state->slots.ptr[first + count - 1];
	memmove(state->slots.ptr + first, state->slots.ptr + first + count,
		(state->slots.len - first - count) * sizeof(first_slot));
	state->slots.len -= count;
	if (!memory)
		return;
	keep_parts(state, memory, first_slot, place.offset, size);
	if (count > 1)
		keep_parts(state, memory, last_slot, place.offset, size);
}

void code_state_forget(struct code_state *state, struct code_place place, uint64_t size)
{
	forget_range(state, NULL, place, size);
}

static const struct code_slot *slot_at(const struct code_state *state, struct code_place place)
{
	size_t at = code_slot_index(state, place.base, place.offset);

	if (at < state->slots.len && state->slots.ptr[at].base == place.base &&
	    state->slots.ptr[at].offset == place.offset)
		return &state->slots.ptr[at];
	return NULL;
}

bool code_state_byte(const struct code_state *state, struct code_memory *memory,
		     struct code_place place, uint8_t *ret)
{
	struct code_word word;
	uint64_t number;
	size_t first;

	if (code_slots_overlap(state, place, 1, &first)) {
		const struct code_slot *slot = &state->slots.ptr[first];

		if (slot->is_text || !code_value_number(memory->values, slot->value, &number))
			return false;
		*ret = (uint8_t)(number >> ((place.offset - slot->offset) * 8));
		return true;
	}
	if (place.base != BASE_ABSOLUTE ||
	    !code_image_constant(memory->image, (uint64_t)place.offset, 1))
		return false;
	word = code_image_word(memory->image, (uint64_t)place.offset, 1);
	*ret = (uint8_t)word.number;
	return word.kind == CODE_WORD_NUMBER;
}

/* A number put together from words that were stored in other sizes. */
static bool assemble(const struct code_state *state, struct code_memory *memory,
		     struct code_place place, unsigned size, uint64_t *ret)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < size; i++) {
		struct code_place at = {place.base, place.offset + i};
		uint8_t byte;

		if (!code_state_byte(state, memory, at, &byte))
			return false;
		number |= (uint64_t)byte << (i * 8);
	}
	*ret = number;
	return true;
}

static code_value unknown(struct code_memory *memory, uint32_t reasons)
{
	return code_value_unknown(memory->values, reasons);
}

/* The address of a symbol: a number where the file defines it itself. */
static code_value symbol_value(struct code_memory *memory, struct code_word word)
{
	const struct facts_builder *builder = memory->image->builder;
	struct code_atom atom = {.kind = ATOM_SYMBOL, .a = word.symbol};

	if (word.symbol < builder->symbols.len &&
	    !(builder->symbols.ptr[word.symbol].flags & FACTS_SYMBOL_UNDEFINED) &&
	    builder->symbols.ptr[word.symbol].type != STT_TLS)
		return code_value_constant(memory->values,
					   builder->symbols.ptr[word.symbol].value + word.number);
	if (word.number > INT32_MAX)
		return unknown(memory, FACTS_REASON_COMPUTED);
	atom.b = (int32_t)word.number;
	return code_value_atom(memory->values, atom);
}

/* Memory of the image that this function has not written. */
static code_value load_image(struct code_memory *memory, uint64_t address, unsigned size)
{
	struct code_word word = code_image_word(memory->image, address, size);
	bool constant = code_image_constant(memory->image, address, size);

	if (word.kind == CODE_WORD_SYMBOL && (constant || word.is_slot))
		return symbol_value(memory, word);
	if (constant && word.kind == CODE_WORD_NUMBER)
		return code_value_atom(
		    memory->values,
		    (struct code_atom){.kind = ATOM_CONSTANT,
				       .a = (int64_t)word.number,
				       .c = word.number || size != 8 ? 0 : CODE_LOADED});
	if (size != 8)
		return unknown(memory, FACTS_REASON_VARIABLE);
	return code_value_atom(memory->values,
			       (struct code_atom){.kind = ATOM_VARIABLE, .a = (int64_t)address});
}

/* Memory that this function has not written, by what the address is. */
static code_value load_untouched(const struct code_state *state, struct code_memory *memory,
				 const struct code_atom *atom, unsigned size)
{
	const struct code_machine *machine = memory->machine;
	int64_t above;

	if (atom->kind == ATOM_CONSTANT)
		return load_image(memory, (uint64_t)atom->a, size);
	if (atom->kind == ATOM_STACK) {
		above = atom->a - machine->entry_stack - machine->stack_arguments;
		if (above < 0 || above % 8 || above / 8 >= BUDGET_CODE_STACK_PARAMETERS)
			return unknown(memory, FACTS_REASON_MEMORY);
		return code_value_atom(
		    memory->values, (struct code_atom){.kind = ATOM_PARAMETER,
						       .a = machine->argument_count + above / 8});
	}
	if (atom->kind == ATOM_PARAMETER && size == 8) {
		if (atom->a < 32 && (state->changed_parameters >> atom->a & 1))
			return unknown(memory, FACTS_REASON_CHANGED);
		return code_value_atom(
		    memory->values,
		    (struct code_atom){.kind = ATOM_FIELD, .a = atom->a, .b = atom->b});
	}
	return unknown(memory,
		       atom->kind == ATOM_SYMBOL ? FACTS_REASON_VARIABLE : FACTS_REASON_MEMORY);
}

static code_value load_atom(const struct code_state *state, struct code_memory *memory,
			    const struct code_atom *atom, unsigned size, bool is_signed)
{
	struct code_place place = code_state_place(memory, atom);
	const struct code_slot *slot;
	code_value value;
	uint64_t number;
	size_t first;

	if (atom->kind == ATOM_ARRAY && code_image_mapped(memory->image, (uint64_t)atom->a)) {
		struct code_atom element = {
		    .kind = size == 8 ? ATOM_ELEMENT : ATOM_ENTRY, .a = atom->a, .b = atom->b};

		if (size == 8)
			return code_value_atom(memory->values, element);
		element.b = (int32_t)size | (is_signed ? CODE_ENTRY_SIGNED : 0);
		element.c = atom->b;
		if (!code_image_constant(memory->image, (uint64_t)atom->a, size))
			element.b |= CODE_ENTRY_VARIABLE;
		return code_value_atom(memory->values, element);
	}
	if (place.base == BASE_NONE)
		return unknown(memory, FACTS_REASON_MEMORY);
	slot = slot_at(state, place);
	if (slot && !slot->is_text && slot->size == size)
		value = slot->value;
	else if (!code_slots_overlap(state, place, size, &first))
		value = load_untouched(state, memory, atom, size);
	else if (assemble(state, memory, place, size, &number))
		value = code_value_constant(memory->values, number);
	else
		value = unknown(memory, FACTS_REASON_MEMORY);
	return size < 8 ? code_value_extend(memory->values, value, size, is_signed) : value;
}

code_value code_state_load(const struct code_state *state, struct code_memory *memory,
			   code_value address, unsigned size, bool is_signed)
{
	struct code_value_set set = code_value_set(memory->values, address);
	code_value loaded = CODE_VALUE_NONE;

	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(memory->values, set, i);

		loaded = code_value_join(memory->values, loaded,
					 load_atom(state, memory, &atom, size, is_signed));
	}
	return loaded == CODE_VALUE_NONE ? unknown(memory, FACTS_REASON_MEMORY) : loaded;
}

static bool is_unknown(const struct code_memory *memory, code_value value)
{
	const struct code_atom *atom = code_value_single(memory->values, value);

	return value == CODE_VALUE_NONE || (atom && atom->kind == ATOM_UNKNOWN);
}

/* A zero behind the end of a text, or at the end of its buffer, changes nothing. */
static bool ends_text(const struct code_state *state, struct code_memory *memory,
		      struct code_place place, unsigned size, code_value value)
{
	size_t at = code_slot_index(state, place.base, place.offset);
	const struct code_slot *slot = at ? &state->slots.ptr[at - 1] : NULL;
	const struct code_atom *atom;
	uint64_t number;

	if (!slot || slot->base != place.base || !slot->is_text || size != 1 ||
	    !code_value_number(memory->values, value, &number) || number)
		return false;
	if (place.offset == slot->offset + (int64_t)slot->extent - 1)
		return true;
	atom = code_value_single(memory->values, slot->value);
	return atom && atom->kind == ATOM_TEXT && atom->b >= 0 &&
	       place.offset >= slot->offset + atom->b;
}

static void store_place(struct code_state *state, struct code_memory *memory,
			struct code_place place, unsigned size, code_value value)
{
	if (ends_text(state, memory, place, size, value))
		return;
	forget_range(state, memory, place, size);
	if (!is_unknown(memory, value))
		code_slot_insert(state, (struct code_slot){.base = place.base,
							   .size = (uint8_t)size,
							   .offset = place.offset,
							   .value = value});
	/* The stack is the function's own; whatever else holds an address gives it away. */
	if (place.base != BASE_STACK)
		code_state_escape(state, memory, value);
}

/* An address with an unknown index: anything of the object from there on. */
static void store_somewhere(struct code_state *state, struct code_memory *memory,
			    const struct code_atom *atom)
{
	struct code_place place = {atom->kind == ATOM_ARRAY ? BASE_ABSOLUTE : BASE_STACK, atom->a};
	int64_t end = code_state_object_end(memory, place);

	if (!code_offset_usable(atom->a))
		return;
	code_state_forget(state, place,
			  end == INT64_MAX ? UINT64_MAX / 2 : (uint64_t)(end - place.offset));
}

void code_state_store(struct code_state *state, struct code_memory *memory, code_value address,
		      unsigned size, code_value value)
{
	struct code_value_set set = code_value_set(memory->values, address);

	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(memory->values, set, i);
		struct code_place place = code_state_place(memory, &atom);
		code_value stored = value;

		if (place.base == BASE_NONE) {
			if (atom.kind == ATOM_ARRAY || atom.kind == ATOM_STACK_ARRAY)
				store_somewhere(state, memory, &atom);
			else
				code_state_forget_reachable(state, memory);
			code_state_escape(state, memory, value);
			continue;
		}
		if (set.count > 1)
			stored = code_value_join(memory->values, value,
						 load_atom(state, memory, &atom, size, false));
		store_place(state, memory, place, size, stored);
	}
}

void code_state_store_text(struct code_state *state, struct code_memory *memory, code_value address,
			   uint64_t extent, code_value text)
{
	struct code_value_set set = code_value_set(memory->values, address);

	for (uint32_t i = 0; i < set.count; i++) {
		struct code_atom atom = *code_value_at(memory->values, set, i);
		struct code_place place = code_state_place(memory, &atom);
		uint64_t size = extent ? extent : BUDGET_CODE_TEXT;
		int64_t end;

		if (place.base == BASE_NONE) {
			if (atom.kind == ATOM_ARRAY || atom.kind == ATOM_STACK_ARRAY)
				store_somewhere(state, memory, &atom);
			else
				code_state_forget_reachable(state, memory);
			continue;
		}
		if (place.base == BASE_STACK)
			code_state_note_object(memory, place.offset);
		end = code_state_object_end(memory, place);
		if (end != INT64_MAX && size > (uint64_t)(end - place.offset))
			size = (uint64_t)(end - place.offset);
		if (size > BUDGET_CODE_TEXT)
			size = BUDGET_CODE_TEXT;
		code_state_forget(state, place, size);
		if (text != CODE_VALUE_NONE && set.count == 1)
			code_slot_insert(state, (struct code_slot){.base = place.base,
								   .is_text = true,
								   .offset = place.offset,
								   .extent = size,
								   .value = text});
	}
}

code_value code_state_text(const struct code_state *state, struct code_place place)
{
	const struct code_slot *slot = slot_at(state, place);

	return slot && slot->is_text ? slot->value : CODE_VALUE_NONE;
}
