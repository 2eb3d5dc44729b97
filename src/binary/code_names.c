/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts that can be the name of a program and that are kept on the way to a call whose program is
 * not known: given to a function that keeps them, or stored, at a place from which that call can be
 * reached. Not more than a possibility: whoever knows the file tree keeps those that name a program
 * in it.
 */
#include <stdlib.h>

#include "binary/code_starters.h"
#include "util/budget.h"

#define LONGEST_NAME 64
#define LARGEST_OBJECT 256

/* Something kept, if the callee keeps its arguments. */
struct offer {
	uint64_t call, callee; /* callee 0: kept for sure */
	uint32_t keeper, text;
	uint64_t function; /* where the call is */
	int64_t object;	   /* that the function makes, and that may keep it; 0: none */
	uint8_t argument;
};

/* A text that a call puts into an object. */
struct push {
	uint64_t function, call;
	int64_t object;
};

/* An object that a function makes and hands to a call on the way, or lets others have. */
struct handed {
	uint64_t function;
	int64_t object;
};

/* What a call gave, as the first word of an object of the frame. */
struct member {
	uint64_t function;
	int64_t object, result;
};

struct names {
	struct code_calls *calls;
	struct code_starters starters;
	struct code_keepers keepers;
	VEC(struct offer) offers;
	VEC(struct handed) handed;
	VEC(struct member) members;
	struct code_targets giving; /* functions that hand on an object by its address */
	VEC(struct push) pushes;
	struct map known; /* texts that were told */
	const struct code_question *question;
	uint64_t function; /* being followed */
};

bool code_is_program_name(struct slice text)
{
	bool letter = false;

	if (text.len < 2 || text.len > LONGEST_NAME)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.ptr[i];
		bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');

		if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '_' &&
		    (!i || !memchr("+-.", byte, 3)))
			return false;
		letter |= is_letter;
	}
	return letter;
}

static void offer_value(struct names *names, struct code_flow *flow, const struct code_state *state,
			code_value value, struct offer offer)
{
	struct code_founds founds;

	if (names->offers.len >= BUDGET_CODE_FLOWS) {
		names->calls->constants_limited = true;
		return;
	}
	code_find_texts(flow, state, value, &founds);
	for (size_t i = 0; i < founds.count; i++) {
		enum facts_value_source source = (enum facts_value_source)founds.items[i].source;

		if (source == FACTS_VALUE_NOTHING || source == FACTS_VALUE_ENVIRONMENT ||
		    !code_is_program_name(code_texts_get(flow->texts, founds.items[i].text)))
			continue;
		offer.text = founds.items[i].text;
		vec_push(&names->offers, offer);
	}
}

/* A text that a known function copies to memory other than the function's own. */
static void on_copy(struct names *names, struct code_flow *flow, const struct code_call *call)
{
	const struct call_row *row = call->callee.row;
	struct offer offer = {.call = call->op->address};

	if (row->kind >= 0 || row->a < 0)
		return;
	if (row->effect == EFFECT_DUPLICATE)
		offer_value(names, flow, call->state,
			    code_flow_argument(flow, call, (unsigned)row->a), offer);
	else if ((row->effect == EFFECT_COPY || row->effect == EFFECT_COPY_END ||
		  row->effect == EFFECT_COPY_BYTES) &&
		 code_value_outlives(&flow->values,
				     code_flow_argument(flow, call, (unsigned)row->a)))
		offer_value(names, flow, call->state,
			    code_flow_argument(flow, call, (unsigned)row->b), offer);
}

/* A message is made of what is given with a format. */
static bool formats(const struct code_flow *flow, const struct code_call *call)
{
	const struct code_machine *machine = flow->memory.machine;

	for (uint8_t i = 0; i < machine->argument_count; i++) {
		const struct code_atom *atom =
		    code_value_single(&flow->values, call->state->registers[machine->arguments[i]]);
		struct slice text;

		if (atom && atom->kind == ATOM_CONSTANT &&
		    code_image_constant(flow->image, (uint64_t)atom->a, 1) &&
		    code_image_text(flow->image, (uint64_t)atom->a, &text) && text.len &&
		    memchr(text.ptr, '%', text.len))
			return true;
	}
	return false;
}

/* A name and a function that are given together are a command of an interpreter. */
static bool registers(const struct code_flow *flow, const struct code_call *call)
{
	const struct code_machine *machine = flow->memory.machine;

	for (uint8_t i = 0; i < machine->argument_count; i++) {
		const struct code_atom *atom =
		    code_value_single(&flow->values, call->state->registers[machine->arguments[i]]);

		if (atom && atom->kind == ATOM_CONSTANT &&
		    code_image_code(flow->image, (uint64_t)atom->a) &&
		    code_functions_find(flow->functions, (uint64_t)atom->a))
			return true;
	}
	return false;
}

/* An object of the function's frame, or what a call gave it; 0 when it is none. */
static int64_t object_of(const struct code_flow *flow, code_value value)
{
	const struct code_atom *atom = code_value_single(&flow->values, value);

	return atom && (atom->kind == ATOM_STACK || atom->kind == ATOM_RESULT) ? atom->a : 0;
}

/*
 * One that the function makes for sure. What the file's own functions return may be what they were
 * given; and callers know which registers those leave alone (-fipa-ra).
 */
static int64_t own_object(const struct code_flow *flow, code_value value)
{
	int64_t object = object_of(flow, value);
	struct code_callee callee;

	if (object > 0 && (!code_results_callee(flow, (uint64_t)object, &callee) || callee.target))
		return 0;
	return object;
}

static int64_t object_argument(const struct code_flow *flow, const struct code_call *call,
			       uint8_t i)
{
	return own_object(flow, call->state->registers[flow->memory.machine->arguments[i]]);
}

static void hand_on(struct names *names, int64_t object)
{
	if (object && names->handed.len < BUDGET_CODE_FLOWS)
		vec_push(&names->handed, ((struct handed){names->function, object}));
}

/* Whether the call leads to one that starts something; notes the objects that it is given. */
static bool leads_on(struct names *names, const struct code_flow *flow,
		     const struct code_call *call)
{
	const struct code_question *question = names->question;
	size_t i = 0;

	while (i < question->site_count && question->sites[i] != call->op->address)
		i++;
	if (i == question->site_count)
		return false;
	for (uint8_t n = 0; n < flow->memory.machine->argument_count; n++) {
		code_value value = call->state->registers[flow->memory.machine->arguments[n]];

		hand_on(names, object_of(flow, value));
		/* A result may just lie where an argument would (AArch64). */
		if (own_object(flow, value) < 0 ||
		    (own_object(flow, value) &&
		     flow->memory.machine->arguments[n] != flow->memory.machine->result))
			code_targets_add(&names->giving, names->function);
	}
	return true;
}

static bool is_text(const struct code_flow *flow, const struct code_atom *atom, struct slice *ret)
{
	return atom->kind == ATOM_CONSTANT &&
	       code_image_constant(flow->image, (uint64_t)atom->a, 1) &&
	       code_image_text(flow->image, (uint64_t)atom->a, ret);
}

static bool text_argument(const struct code_flow *flow, const struct code_call *call, uint8_t i,
			  struct slice *ret)
{
	const struct code_atom *atom = code_value_single(
	    &flow->values, call->state->registers[flow->memory.machine->arguments[i]]);

	return atom && is_text(flow, atom, ret) && ret->len > 1;
}

static bool may_be_text(const struct code_flow *flow, code_value value)
{
	struct code_value_set set = code_value_set(&flow->values, value);
	struct slice text;

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&flow->values, set, i);

		if (atom->kind == ATOM_TEXT || is_text(flow, atom, &text))
			return true;
	}
	return false;
}

/* What keeps the texts that a call is given; behind a text that comes first, it is for a result. */
static int64_t keeping_object(const struct code_flow *flow, const struct code_call *call)
{
	const struct code_machine *machine = flow->memory.machine;

	if (may_be_text(flow, call->state->registers[machine->arguments[0]]))
		return 0;
	for (uint8_t i = 0; i < machine->argument_count; i++)
		if (object_argument(flow, call, i))
			return object_argument(flow, call, i);
	return 0;
}

/* Whether it may be an option: names behind it are its arguments. */
static bool is_option(const struct code_flow *flow, const struct code_call *call, uint8_t i)
{
	struct code_value_set set = code_value_set(
	    &flow->values, call->state->registers[flow->memory.machine->arguments[i]]);
	struct slice text;

	for (uint32_t n = 0; n < set.count; n++)
		if (is_text(flow, code_value_at(&flow->values, set, n), &text) && text.len > 1 &&
		    text.ptr[0] == '-')
			return true;
	return false;
}

/* Whether code runs straight from one instruction to another, or past branches that it takes not.
 */
static bool is_straight(const struct code_unit *unit, uint64_t from, uint64_t to)
{
	size_t first = code_unit_operation(unit, from), last = code_unit_operation(unit, to);

	if (first == SIZE_MAX || last == SIZE_MAX || first >= last)
		return false;
	for (size_t i = first; i < last; i++)
		if (unit->ops.ptr[i].kind == OP_JUMP || unit->ops.ptr[i].kind == OP_RETURN ||
		    unit->ops.ptr[i].kind == OP_STOP)
			return false;
	return true;
}

/*
 * Whether another text was put into the object just before: then that is the program, and what
 * comes behind it its arguments.
 */
static bool is_behind(const struct names *names, const struct code_flow *flow,
		      const struct code_call *call, int64_t object)
{
	for (size_t i = names->pushes.len; object && i-- > 0;) {
		const struct push *push = &names->pushes.ptr[i];

		if (push->function != names->function)
			break;
		if (push->object == object &&
		    is_straight(&flow->unit, push->call, call->op->address))
			return true;
	}
	return false;
}

static void note_push(struct names *names, const struct code_flow *flow,
		      const struct code_call *call, int64_t object)
{
	struct slice text;

	for (uint8_t i = 0; object && i < flow->memory.machine->argument_count; i++)
		if (text_argument(flow, call, i, &text) && names->pushes.len < BUDGET_CODE_FLOWS) {
			vec_push(&names->pushes,
				 ((struct push){names->function, call->op->address, object}));
			return;
		}
}

static void on_call(void *context, struct code_flow *flow, const struct code_call *call)
{
	struct names *names = context;
	const struct code_machine *machine = flow->memory.machine;
	bool leads = leads_on(names, flow, call);
	size_t before = names->offers.len;
	struct offer offer = {
	    .call = call->op->address, .callee = call->callee.target, .function = names->function};

	if (call->is_seeded)
		return;
	if (call->callee.row) {
		on_copy(names, flow, call);
		return;
	}
	if (!call->callee.target || registers(flow, call) || formats(flow, call))
		return;
	if (!leads)
		offer.object = keeping_object(flow, call);
	if (is_behind(names, flow, call, offer.object))
		return;
	note_push(names, flow, call, offer.object);
	/* Of what one call puts into an object, the first may be a program. */
	for (uint8_t i = 0; i < machine->argument_count && !is_option(flow, call, i) &&
			    (!offer.object || names->offers.len == before);
	     i++) {
		offer.argument = i;
		offer_value(names, flow, call->state, call->state->registers[machine->arguments[i]],
			    offer);
	}
}

/* Whether another word was stored just before: an element that is not the first. */
static bool is_later_element(const struct code_flow *flow, const struct code_op *store)
{
	const struct code_unit *unit = &flow->unit;
	const struct code_machine *machine = flow->memory.machine;
	size_t i = code_unit_operation(unit, store->address);

	if (i == SIZE_MAX)
		return true;
	while (i-- > 0) {
		const struct code_op *op = &unit->ops.ptr[i];

		if (op->kind >= OP_CALL)
			return false;
		if (op->kind == OP_STORE && op->size == 8 && op->left != machine->stack_pointer &&
		    op->left != machine->frame_pointer)
			return true;
	}
	return false;
}

/* Of an object whose only use is its first member, compilers hand on just that (-fipa-sra). */
static void note_member(struct names *names, int64_t object, int64_t result)
{
	if (object < 0 && result > 0 && names->members.len < BUDGET_CODE_FLOWS)
		vec_push(&names->members, ((struct member){names->function, object, result}));
}

/* A store to a place other than a word of the function's own frame, which may be a spilled
 * register. */
static void on_write(void *context, struct code_flow *flow, const struct code_state *state,
		     const struct code_op *op, code_value address)
{
	struct names *names = context;
	struct code_value_set set = code_value_set(&flow->values, address);
	struct offer offer = {.call = op->address, .function = names->function};

	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&flow->values, set, i);

		if (atom->kind == ATOM_STACK) {
			note_member(names, atom->a, object_of(flow, state->registers[op->target]));
			continue;
		}
		hand_on(names, object_of(flow, state->registers[op->target]));
		/* A variable of its own is followed to the call; others are settings. An element
		 * of an array matters near the call: argv[first] = "groff". */
		if (atom->kind == ATOM_CONSTANT ||
		    (atom->kind == ATOM_UNKNOWN &&
		     !code_targets_hold(&names->starters.near, names->function)) ||
		    (atom->kind != ATOM_PARAMETER && is_later_element(flow, op)))
			continue;
		offer.object = object_of(flow, address);
		offer_value(names, flow, state, state->registers[op->target], offer);
		return;
	}
}

static void look_at(struct names *names, const struct code_starter *starter)
{
	struct code_calls *calls = names->calls;
	const struct code_function *function =
	    code_functions_find(&calls->functions, starter->function);
	struct code_question question = {.sites = names->starters.sites.ptr + starter->first,
					 .site_count = starter->count,
					 .on_call = on_call,
					 .on_write = on_write,
					 .context = names};

	if (!function)
		return;
	names->function = function->start;
	if (calls->flow.steps > BUDGET_CODE_STEPS || calls->decoded_bytes > BUDGET_CODE_DECODED) {
		calls->constants_limited = true;
		return;
	}
	names->question = &question;
	if (code_flow_function(&calls->flow, function, &question))
		calls->decoded_bytes += calls->flow.unit.counts.decoded;
	names->question = NULL;
}

/* Names in rows of tables, each kept at a place of its own. */
static void take_rows(struct names *names)
{
	struct code_row_names rows = {0};

	code_rows_find(names->calls, &names->starters, &rows);
	vec_each (row, &rows)
		vec_push(&names->offers, ((struct offer){.call = row->word, .text = row->text}));
	vec_release(&rows);
}

static int by_call(const void *left, const void *right)
{
	const struct offer *a = left, *b = right;

	if (a->call != b->call)
		return a->call < b->call ? -1 : 1;
	if (a->argument != b->argument)
		return a->argument < b->argument ? -1 : 1;
	return (a->text > b->text) - (a->text < b->text);
}

static bool is_handed(const struct names *names, uint64_t function, int64_t object)
{
	vec_each (handed, &names->handed)
		if (handed->function == function && handed->object == object)
			return true;
	return false;
}

/* Whether the object that may keep it is handed on; one of the frame may be part of that. */
static bool is_handed_on(const struct names *names, const struct offer *offer)
{
	int64_t largest = offer->object < 0 ? LARGEST_OBJECT : 1;

	vec_each (handed, &names->handed)
		if (handed->function == offer->function && handed->object <= offer->object &&
		    offer->object - handed->object < largest)
			return true;
	vec_each (member, &names->members)
		if (member->function == offer->function && member->object == offer->object &&
		    is_handed(names, member->function, member->result))
			return true;
	return false;
}

/* Whether it may be the program: false where it is known to be another argument of one. */
static bool is_program(const struct code_calls *calls, const struct offer *offer)
{
	uint32_t index = code_calls_first_parameter(calls, offer->callee);
	bool is_argument = false;

	while (index != UINT32_MAX) {
		const struct code_parameter *parameter = &calls->parameters.ptr[index];
		struct slice text = code_texts_get(&calls->texts, parameter->text);

		if (code_text_parameter(text) == offer->argument) {
			if (parameter->role == FACTS_ROLE_NAME)
				return true;
			is_argument = true;
		}
		index = parameter->next - 1;
	}
	return !is_argument;
}

static bool is_kept(const struct names *names, const struct offer *offer)
{
	/* Where a call is given none by its address, its members may be handed on. */
	if (offer->object && !is_handed_on(names, offer) &&
	    (!offer->callee || code_targets_hold(&names->giving, offer->function)))
		return false;
	if (!offer->callee)
		return true;
	/* Nothing is seen that keeps it: a setting, if the call is far away. */
	if (!offer->object && !offer->argument &&
	    code_targets_hold(&names->starters.far, offer->function))
		return false;
	if (code_targets_hold(&names->starters.near, offer->callee))
		return is_program(names->calls, offer);
	return names->keepers.list.ptr[offer->keeper].mask >> offer->argument & 1;
}

static void tell(struct names *names, const struct offer *offer)
{
	struct code_calls *calls = names->calls;
	bool added;

	if (calls->constants.len >= BUDGET_CODE_CONSTANTS) {
		calls->constants_limited = true;
		return;
	}
	map_put(&names->known, code_calls_key(calls, &offer->text, sizeof(offer->text)), 0, &added);
	if (added)
		vec_push(&calls->constants,
			 ((struct code_constant){.call = offer->call,
						 .target = offer->callee,
						 .symbol = CODE_NO_SYMBOL,
						 .parameter = FACTS_CONSTANT_NAME,
						 .text = offer->text}));
}

void code_calls_names(struct code_calls *calls)
{
	struct names names = {.calls = calls};

	if (!code_calls_want_names(calls))
		return;
	code_starters_find(calls, &names.starters);
	names.keepers.calls = calls;
	names.keepers.starters = &names.starters;
	vec_each (starter, &names.starters.list)
		look_at(&names, starter);
	take_rows(&names);
	vec_each (offer, &names.offers)
		if (offer->callee)
			offer->keeper = code_keepers_ask(&names.keepers, offer->callee);
	code_keepers_answer(&names.keepers);
	if (names.offers.len)
		qsort(names.offers.ptr, names.offers.len, sizeof(*names.offers.ptr), by_call);
	/* Of what one call is given, the first is a program, the others are its arguments. */
	for (size_t i = 0; i < names.offers.len; i++) {
		const struct offer *offer = &names.offers.ptr[i];

		if (!is_kept(&names, offer))
			continue;
		tell(&names, offer);
		while (i + 1 < names.offers.len && names.offers.ptr[i + 1].call == offer->call &&
		       names.offers.ptr[i + 1].argument != offer->argument)
			i++;
	}
	code_keepers_release(&names.keepers);
	calls->starters = names.starters.functions;
	names.starters.functions = (struct code_targets){0};
	code_starters_release(&names.starters);
	vec_release(&names.offers);
	vec_release(&names.handed);
	vec_release(&names.members);
	code_targets_release(&names.giving);
	vec_release(&names.pushes);
	map_release(&names.known);
}
