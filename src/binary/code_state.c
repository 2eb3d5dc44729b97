/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/code_state.h"

#include <string.h>

#include "util/budget.h"

#define WIDEN_AFTER 4	  /* joins of one block before growing values become arrays */
#define GIVE_UP_AFTER 40 /* and before they become unknown */

static int compare_places(uint32_t base, int64_t offset, uint32_t other_base, int64_t other_offset)
{
	if (base != other_base)
		return base < other_base ? -1 : 1;
	return (offset > other_offset) - (offset < other_offset);
}

size_t code_slot_index(const struct code_state *state, uint32_t base, int64_t offset)
{
	size_t low = 0, high = state->slots.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct code_slot *slot = &state->slots.ptr[middle];

		if (compare_places(slot->base, slot->offset, base, offset) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t code_slots_overlap(const struct code_state *state, struct code_place place, uint64_t size,
			  size_t *ret_first)
{
	size_t first = code_slot_index(state, place.base, place.offset), count = 0;

	if (first) {
		const struct code_slot *before = &state->slots.ptr[first - 1];
		uint64_t extent = before->is_text ? before->extent : before->size;

		if (before->base == place.base &&
		    (uint64_t)(place.offset - before->offset) < extent)
			first--;
	}
	while (first + count < state->slots.len) {
		const struct code_slot *slot = &state->slots.ptr[first + count];

		if (slot->base != place.base ||
		    (slot->offset > place.offset &&
		     (uint64_t)(slot->offset - place.offset) >= size))
			break;
		count++;
	}
	*ret_first = first;
	return count;
}

void code_slot_insert(struct code_state *state, struct code_memory *memory,
			struct code_slot slot)
{
	size_t at = code_slot_index(state, slot.base, slot.offset);

	if (state->slots.len >= BUDGET_CODE_SLOTS) {
		memory->limited = true;
		return;
	}
	vec_add(&state->slots);
	memmove(state->slots.ptr + at + 1, state->slots.ptr + at,
		(state->slots.len - 1 - at) * sizeof(slot));
	state->slots.ptr[at] = slot;
}

void code_state_entry(struct code_state *state, struct code_memory *memory)
{
	const struct code_machine *machine = memory->machine;
	code_value unknown = code_value_unknown(memory->values, FACTS_REASON_COMPUTED);

	state->slots.len = state->escaped.len = 0;
	state->changed_parameters = 0;
	for (size_t i = 0; i < CODE_REGISTERS; i++)
		state->registers[i] = unknown;
	for (unsigned i = 0; i < machine->argument_count; i++)
		state->registers[machine->arguments[i]] = code_value_atom(
		    memory->values, (struct code_atom){.kind = ATOM_PARAMETER, .a = i});
	state->registers[machine->stack_pointer] = code_value_atom(
	    memory->values, (struct code_atom){.kind = ATOM_STACK, .a = machine->entry_stack});
}

void code_state_copy(struct code_state *to, const struct code_state *from)
{
	memcpy(to->registers, from->registers, sizeof(to->registers));
	to->changed_parameters = from->changed_parameters;
	to->slots.len = to->escaped.len = 0;
	for (size_t i = 0; i < from->slots.len; i++)
		vec_push(&to->slots, from->slots.ptr[i]);
	for (size_t i = 0; i < from->escaped.len; i++)
		vec_push(&to->escaped, from->escaped.ptr[i]);
}

void code_state_release(struct code_state *state)
{
	vec_release(&state->slots);
	vec_release(&state->escaped);
}

static code_value merge(struct code_memory *memory, code_value old, code_value new,
			uint32_t visits)
{
	if (old == new)
		return old;
	if (visits < WIDEN_AFTER)
		return code_value_join(memory->values, old, new);
	return code_value_widen(memory->values, old, new, visits >= GIVE_UP_AFTER);
}

static bool same_slot(const struct code_slot *a, const struct code_slot *b)
{
	return a->base == b->base && a->offset == b->offset && a->is_text == b->is_text &&
	       a->size == b->size;
}

/* Whether any slot lies in the bytes of this one. */
static bool is_taken(const struct code_state *state, const struct code_slot *slot)
{
	struct code_place place = {slot->base, slot->offset};
	size_t first;

	return code_slots_overlap(state, place, slot->is_text ? slot->extent : slot->size,
				  &first) != 0;
}

/* Words known on one side only: that, or anything. */
static bool join_missing(struct code_state *to, const struct code_state *from,
			 struct code_memory *memory, code_value anything)
{
	bool changed = false;

	for (size_t i = 0; i < from->slots.len; i++) {
		struct code_slot slot = from->slots.ptr[i];

		if (is_taken(to, &slot) || to->slots.len >= BUDGET_CODE_SLOTS)
			continue;
		slot.value = code_value_join(memory->values, slot.value, anything);
		if (slot.value == anything)
			continue;
		code_slot_insert(to, memory, slot);
		changed = true;
	}
	return changed;
}

static bool join_slots(struct code_state *to, const struct code_state *from,
		       struct code_memory *memory, uint32_t visits)
{
	code_value anything = code_value_unknown(memory->values, FACTS_REASON_CHANGED);
	bool changed = false;
	size_t j = 0;

	for (size_t i = 0; i < to->slots.len; i++) {
		struct code_slot *slot = &to->slots.ptr[i];
		code_value joined, other = anything;

		while (j < from->slots.len &&
		       compare_places(from->slots.ptr[j].base, from->slots.ptr[j].offset,
				      slot->base, slot->offset) < 0)
			j++;
		if (j < from->slots.len && same_slot(slot, &from->slots.ptr[j])) {
			other = from->slots.ptr[j].value;
			if (from->slots.ptr[j].extent > slot->extent)
				slot->extent = from->slots.ptr[j].extent;
		}
		joined = merge(memory, slot->value, other, visits);
		changed |= joined != slot->value;
		slot->value = joined;
	}
	return join_missing(to, from, memory, anything) || changed;
}

static bool insert_escape(struct code_state *state, struct code_place place)
{
	size_t at = 0;

	while (at < state->escaped.len &&
	       compare_places(state->escaped.ptr[at].base, state->escaped.ptr[at].offset,
			      place.base, place.offset) < 0)
		at++;
	if (at < state->escaped.len && state->escaped.ptr[at].base == place.base &&
	    state->escaped.ptr[at].offset == place.offset)
		return false;
	vec_add(&state->escaped);
	memmove(state->escaped.ptr + at + 1, state->escaped.ptr + at,
		(state->escaped.len - 1 - at) * sizeof(place));
	state->escaped.ptr[at] = place;
	return true;
}

static bool join_escaped(struct code_state *to, const struct code_state *from)
{
	bool changed = (from->changed_parameters & ~to->changed_parameters) != 0;

	to->changed_parameters |= from->changed_parameters;
	for (size_t i = 0; i < from->escaped.len; i++)
		changed |= insert_escape(to, from->escaped.ptr[i]);
	return changed;
}

bool code_state_join(struct code_state *to, const struct code_state *from,
		     struct code_memory *memory, uint32_t visits)
{
	bool changed = false;

	for (size_t i = 0; i < CODE_TEMPORARY; i++) {
		code_value joined =
		    merge(memory, to->registers[i], from->registers[i], visits);

		changed |= joined != to->registers[i];
		to->registers[i] = joined;
	}
	changed |= join_slots(to, from, memory, visits);
	changed |= join_escaped(to, from);
	return changed;
}

struct code_place code_state_place(struct code_memory *memory, const struct code_atom *atom)
{
	struct code_place none = {BASE_NONE, 0};
	struct code_atom base = *atom;
	code_value value;

	switch (atom->kind) {
	case ATOM_STACK:
		return (struct code_place){BASE_STACK, atom->a};
	case ATOM_CONSTANT:
		return code_image_mapped(memory->image, (uint64_t)atom->a)
			   ? (struct code_place){BASE_ABSOLUTE, atom->a}
			   : none;
	case ATOM_PARAMETER:
	case ATOM_RESULT:
	case ATOM_SYMBOL:
		base.b = 0;
		value = code_value_atom(memory->values, base);
		return (struct code_place){
		    BASE_ATOM + code_value_set(memory->values, value).atoms[0], atom->b};
	default:
		return none;
	}
}

int64_t code_state_object_end(const struct code_memory *memory, struct code_place place)
{
	int64_t end = INT64_MAX;

	for (size_t i = 0; place.base == BASE_STACK && i < memory->objects.len; i++)
		if (memory->objects.ptr[i] > place.offset && memory->objects.ptr[i] < end)
			end = memory->objects.ptr[i];
	return end;
}

void code_state_note_object(struct code_memory *memory, int64_t offset)
{
	for (size_t i = 0; i < memory->objects.len; i++)
		if (memory->objects.ptr[i] == offset)
			return;
	if (memory->objects.len < BUDGET_CODE_SLOTS)
		vec_push(&memory->objects, offset);
}

/* Whether a word lies in an object that other code has the address of. */
static bool is_escaped(const struct code_state *state, const struct code_memory *memory,
		       const struct code_slot *slot)
{
	for (size_t i = 0; i < state->escaped.len; i++) {
		struct code_place place = state->escaped.ptr[i];

		if (place.base == slot->base && slot->offset >= place.offset &&
		    slot->offset < code_state_object_end(memory, place))
			return true;
	}
	return false;
}

static bool add_escape(struct code_state *state, struct code_memory *memory,
		       struct code_atom atom)
{
	struct code_place place;

	if (atom.kind == ATOM_STACK_ARRAY)
		atom.kind = ATOM_STACK;
	else if (atom.kind != ATOM_STACK && atom.kind != ATOM_RESULT &&
		 atom.kind != ATOM_PARAMETER)
		return false;
	place = code_state_place(memory, &atom);
	if (place.base == BASE_STACK)
		code_state_note_object(memory, place.offset);
	return insert_escape(state, place);
}

static bool add_escapes(struct code_state *state, struct code_memory *memory, code_value value)
{
	struct code_value_set set = code_value_set(memory->values, value);
	bool added = false;

	for (uint32_t i = 0; i < set.count && state->escaped.len < BUDGET_CODE_ESCAPES; i++)
		added |= add_escape(state, memory, *code_value_at(memory->values, set, i));
	return added;
}

void code_state_escape(struct code_state *state, struct code_memory *memory, code_value value)
{
	bool added = add_escapes(state, memory, value);

	/* What such an object points to is out as well. */
	while (added) {
		added = false;
		for (size_t i = 0; i < state->slots.len; i++)
			if (!state->slots.ptr[i].is_text &&
			    is_escaped(state, memory, &state->slots.ptr[i]))
				added |= add_escapes(state, memory, state->slots.ptr[i].value);
	}
}

void code_state_forget_reachable(struct code_state *state, struct code_memory *memory)
{
	size_t kept = 0;

	for (size_t i = 0; i < state->slots.len; i++) {
		struct code_slot slot = state->slots.ptr[i];

		if (slot.base != BASE_ABSOLUTE && !is_escaped(state, memory, &slot))
			state->slots.ptr[kept++] = slot;
	}
	state->slots.len = kept;
}

void code_state_call(struct code_state *state, struct code_memory *memory)
{
	code_state_forget_reachable(state, memory);
	for (size_t i = 0; i < state->escaped.len; i++) {
		uint32_t base = state->escaped.ptr[i].base;

		if (base >= BASE_ATOM && base != BASE_NONE) {
			const struct code_atom *atom =
			    &memory->values->atoms.ptr[base - BASE_ATOM];

			if (atom->kind == ATOM_PARAMETER && atom->a < 32)
				state->changed_parameters |= 1u << atom->a;
		}
	}
}
