/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that give the path of one of several programs by number: they put texts such as
 * "/gpg-agent" behind a folder that is found at run time. Which of them a file asks for is seen at
 * the calls: with a number that is known, only what is done for that number counts.
 */
#include <stdlib.h>

#include "binary/code_starters.h"
#include "util/budget.h"

#define LONGEST_NAME 64
#define LEAST_NAMES 3 /* a function with fewer chooses nothing; a chooser may call it */
#define CHOICES 256   /* numbers above are no choice */
#define MOST_CHOOSERS 64

struct chooser {
	uint64_t function;
	size_t names;
	bool any;    /* asked for a number that is not known */
	size_t done; /* callers looked at */
	struct code_targets asked;
	VEC(uint64_t) numbers, callers; /* callers: the call for each number */
};

struct choosers {
	struct code_calls *calls;
	VEC(struct chooser) list;
	struct code_targets functions;
	uint64_t caller;
	struct map known;
	bool only_counts; /* texts are counted, not told */
	size_t counted;
};

/* "/name", as a whole. */
static bool is_suffix(struct slice text)
{
	bool letter = false;

	if (text.len < 4 || text.len > LONGEST_NAME || text.ptr[0] != '/')
		return false;
	for (size_t i = 1; i < text.len; i++) {
		uint8_t byte = text.ptr[i];
		bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');

		if (!is_letter && !(byte >= '0' && byte <= '9') && !memchr("_+-.", byte, 4))
			return false;
		letter |= is_letter;
	}
	return letter;
}

static void find_suffixes(struct code_calls *calls, struct code_targets *texts)
{
	const struct code_image *image = &calls->image;

	for (size_t i = 0; i < image->in->segment_count; i++) {
		struct slice bytes;
		uint64_t address;

		if (!code_image_read_only(image, i, &address, &bytes))
			continue;
		for (size_t at = 1; at + 4 < bytes.len; at++) {
			const uint8_t *slash = memchr(bytes.ptr + at, '/', bytes.len - at);
			size_t room;
			const uint8_t *end;

			if (!slash)
				break;
			at = (size_t)(slash - bytes.ptr);
			room =
			    bytes.len - at < LONGEST_NAME + 1 ? bytes.len - at : LONGEST_NAME + 1;
			end = memchr(slash, 0, room);
			if (bytes.ptr[at - 1] || !end ||
			    !is_suffix(slice_of(slash, (size_t)(end - slash))))
				continue;
			if (texts->len >= BUDGET_CODE_WORDS) {
				calls->constants_limited = true;
				return;
			}
			code_targets_add(texts, address + at);
		}
	}
}

static struct chooser *find(struct choosers *choosers, uint64_t function)
{
	if (!code_targets_hold(&choosers->functions, function))
		return NULL;
	vec_each (chooser, &choosers->list)
		if (chooser->function == function)
			return chooser;
	return NULL;
}

static bool is_chooser(struct choosers *choosers, uint64_t function)
{
	const struct chooser *chooser = find(choosers, function);

	return chooser && chooser->names >= LEAST_NAMES;
}

/* Functions that take the addresses of several such texts. */
static void find_choosers(struct choosers *choosers, const struct code_targets *texts)
{
	struct code_calls *calls = choosers->calls;
	struct code_references references = {0};

	code_calls_scan(calls, texts, &references);
	for (size_t i = 0; i < references.len; i++) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, references.ptr[i].from);
		struct chooser *known;

		if (!function || references.ptr[i].kind != REFERENCE_ADDRESS ||
		    function->end - function->start > BUDGET_CODE_KEEPER)
			continue;
		known = find(choosers, function->start);
		if (known) {
			known->names++;
		} else if (choosers->list.len < MOST_CHOOSERS) {
			vec_push(&choosers->list,
				 ((struct chooser){.function = function->start, .names = 1}));
			code_targets_add(&choosers->functions, function->start);
		} else {
			calls->constants_limited = true;
		}
	}
	free(references.ptr);
}

static void ask_anything(struct chooser *chooser, uint64_t call)
{
	if (chooser->any)
		return;
	chooser->any = true;
	chooser->callers.len = chooser->numbers.len = chooser->done = 0;
	vec_push(&chooser->callers, call);
}

static void ask_number(struct chooser *chooser, uint64_t number, uint64_t call)
{
	/* Zero is free in a set of targets. */
	if (chooser->any || code_targets_hold(&chooser->asked, number + 1))
		return;
	code_targets_add(&chooser->asked, number + 1);
	vec_push(&chooser->numbers, number);
	vec_push(&chooser->callers, call);
}

/* A number that a row of a table holds: all of that column. */
static bool ask_column(struct chooser *chooser, struct code_flow *flow,
		       const struct code_atom *atom, uint64_t call)
{
	struct code_targets column = {0};
	bool known = code_find_column(flow, atom, CHOICES, &column);

	for (uint64_t number = 0; known && number < CHOICES; number++)
		if (code_targets_hold(&column, number + 1))
			ask_number(chooser, number, call);
	code_targets_release(&column);
	return known;
}

/* What one function asks of another with such texts. */
static void take_number(struct choosers *choosers, struct code_flow *flow,
			const struct code_call *call, size_t least_names)
{
	struct chooser *chooser = call->callee.target ? find(choosers, call->callee.target) : NULL;
	struct code_value_set set;

	if (!chooser || chooser->names < least_names)
		return;
	set = code_value_set(&flow->values, code_flow_argument(flow, call, 0));
	for (uint32_t i = 0; i < set.count; i++) {
		const struct code_atom *atom = code_value_at(&flow->values, set, i);

		if (atom->kind == ATOM_CONSTANT && atom->a >= 0 && atom->a < CHOICES)
			ask_number(chooser, (uint64_t)atom->a, call->op->address);
		else if (!ask_column(chooser, flow, atom, call->op->address))
			ask_anything(chooser, call->op->address);
	}
}

static void on_call(void *context, struct code_flow *flow, const struct code_call *call)
{
	take_number(context, flow, call, LEAST_NAMES);
}

static int by_from(const void *left, const void *right)
{
	const struct code_reference *a = left, *b = right;

	return (a->from > b->from) - (a->from < b->from);
}

static void follow(struct code_calls *calls, const struct code_function *function,
		   const struct code_question *question)
{
	if (calls->flow.steps > BUDGET_CODE_STEPS || calls->decoded_bytes > BUDGET_CODE_DECODED)
		calls->constants_limited = true;
	else if (code_flow_function(&calls->flow, function, question))
		calls->decoded_bytes += calls->flow.unit.counts.decoded;
}

/* What numbers they are asked for. */
static void ask_callers(struct choosers *choosers)
{
	struct code_calls *calls = choosers->calls;
	struct code_references references = {0};
	VEC(uint64_t) sites = {0};

	code_calls_scan(calls, &choosers->functions, &references);
	if (references.len)
		qsort(references.ptr, references.len, sizeof(*references.ptr), by_from);
	for (size_t i = 0; i < references.len;) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, references.ptr[i].from);
		struct code_question question = {.on_call = on_call, .context = choosers};

		sites.len = 0;
		do
			vec_push(&sites, references.ptr[i].from);
		while (++i < references.len && function && references.ptr[i].from < function->end);
		question.sites = sites.ptr;
		question.site_count = sites.len;
		/* What one asks of another is seen when it is looked into. */
		if (function && !is_chooser(choosers, function->start))
			follow(calls, function, &question);
	}
	vec_release(&sites);
	free(references.ptr);
}

static void on_choice(void *context, struct code_flow *flow, const struct code_call *call)
{
	struct choosers *choosers = context;
	struct code_calls *calls = choosers->calls;
	const struct code_machine *machine = flow->memory.machine;

	if (!choosers->only_counts)
		take_number(choosers, flow, call, 1);
	for (uint8_t i = 0; i < machine->argument_count; i++) {
		struct code_value_set set =
		    code_value_set(&flow->values, call->state->registers[machine->arguments[i]]);

		for (uint32_t n = 0; n < set.count; n++) {
			const struct code_atom *atom = code_value_at(&flow->values, set, n);
			struct slice text;
			uint32_t number;
			bool added;

			if (atom->kind != ATOM_CONSTANT ||
			    !code_image_constant(&calls->image, (uint64_t)atom->a, 4) ||
			    !code_image_text(&calls->image, (uint64_t)atom->a, &text) ||
			    !is_suffix(text))
				continue;
			choosers->counted++;
			if (choosers->only_counts)
				continue;
			if (calls->constants.len >= BUDGET_CODE_CONSTANTS) {
				calls->constants_limited = true;
				return;
			}
			number =
			    code_texts_add(&calls->texts, slice_of(text.ptr + 1, text.len - 1));
			map_put(&choosers->known, code_calls_key(calls, &number, sizeof(number)), 0,
				&added);
			if (added)
				vec_push(&calls->constants,
					 ((struct code_constant){.call = choosers->caller,
								 .target = call->op->address,
								 .symbol = CODE_NO_SYMBOL,
								 .parameter = FACTS_CONSTANT_CHOICE,
								 .text = number}));
		}
	}
}

static void on_return(void *context, struct code_flow *flow, const struct code_state *state)
{
	(void)context, (void)flow, (void)state;
}

/* Whether it depends on the number: there are fewer texts for one that is not chosen from. */
static bool chooses(struct choosers *choosers, const struct code_function *function)
{
	struct code_question question = {.on_call = on_choice,
					 .on_return = on_return,
					 .context = choosers,
					 .has_first = true,
					 .first = CHOICES};
	size_t some;

	choosers->only_counts = true;
	choosers->counted = 0;
	follow(choosers->calls, function, &question);
	some = choosers->counted;
	choosers->counted = 0;
	question.has_first = false;
	follow(choosers->calls, function, &question);
	choosers->only_counts = false;
	return some < choosers->counted;
}

/* What is new since the last time; whether there was anything. */
static bool look_into(struct choosers *choosers, struct chooser *chooser)
{
	struct code_calls *calls = choosers->calls;
	const struct code_function *function =
	    code_functions_find(&calls->functions, chooser->function);
	size_t before = chooser->done;

	for (; chooser->done < chooser->callers.len; chooser->done++) {
		struct code_question question = {.on_call = on_choice,
						 .on_return = on_return,
						 .context = choosers,
						 .has_first = !chooser->any};

		if (!chooser->any)
			question.first = chooser->numbers.ptr[chooser->done];
		choosers->caller = chooser->callers.ptr[chooser->done];
		if (!chooser->any || chooses(choosers, function))
			follow(calls, function, &question);
	}
	return chooser->done != before;
}

void code_calls_choosers(struct code_calls *calls)
{
	struct choosers choosers = {.calls = calls};
	struct code_targets texts = {0};

	if (!code_calls_want_names(calls))
		return;
	find_suffixes(calls, &texts);
	if (texts.len)
		find_choosers(&choosers, &texts);
	if (choosers.list.len)
		ask_callers(&choosers);
	for (bool again = true; again;) {
		again = false;
		vec_each (chooser, &choosers.list)
			again |= look_into(&choosers, chooser);
	}
	vec_each (chooser, &choosers.list) {
		code_targets_release(&chooser->asked);
		vec_release(&chooser->numbers);
		vec_release(&chooser->callers);
	}
	code_targets_release(&choosers.functions);
	code_targets_release(&texts);
	vec_release(&choosers.list);
	map_release(&choosers.known);
}
