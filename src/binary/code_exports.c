/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names and paths that a library's exported functions return: a consumer that starts or loads what
 * such a function returned is matched with them. Only short functions are looked into, and only
 * those that take the address of such a text.
 */
#include <stdlib.h>

#include "binary/code_calls.h"
#include "util/budget.h"

#define SHORTEST 3
#define LONGEST 128
#define LARGEST_FUNCTION 512
#define MOST_CODE (UINT64_C(16) << 20) /* bytes of code of a library that is looked at */
#define MOST_FUNCTIONS 256

static bool is_wanted(struct slice text)
{
	bool letter = false;

	if (text.len < SHORTEST || text.len > LONGEST)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.ptr[i];
		bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');

		if (!is_letter && !(byte >= '0' && byte <= '9') && !memchr("_+-./", byte, 5))
			return false;
		letter |= is_letter;
	}
	return letter;
}

static void find_texts(struct code_calls *calls, struct code_targets *texts)
{
	const struct code_image *image = &calls->image;
	struct slice bytes;
	uint64_t address;

	for (size_t i = 0; i < image->in->segment_count; i++) {
		if (!code_image_read_only(image, i, &address, &bytes))
			continue;
		for (size_t at = 0, end; at < bytes.len; at = end + 1) {
			const uint8_t *zero = memchr(bytes.ptr + at, 0, bytes.len - at);

			if (!zero)
				break;
			end = (size_t)(zero - bytes.ptr);
			if (!is_wanted(slice_of(bytes.ptr + at, end - at)))
				continue;
			if (texts->len >= BUDGET_CODE_WORDS) {
				calls->constants_limited = true;
				return;
			}
			code_targets_add(texts, address + at);
		}
	}
}

static bool is_exported(const struct code_calls *calls, uint64_t function,
			const struct code_name **ret_name)
{
	size_t count = code_functions_names(&calls->functions, function, ret_name);

	for (; count; count--, ++*ret_name)
		if ((*ret_name)->is_exported && (*ret_name)->is_function &&
		    (*ret_name)->symbol != UINT32_MAX)
			return true;
	return false;
}

struct answer {
	struct code_calls *calls;
	const struct code_function *function;
	uint32_t symbol;
	struct map *known;
};

struct answer_key {
	uint32_t symbol, text;
};

static void on_return(void *context, struct code_flow *flow, const struct code_state *state)
{
	struct answer *answer = context;
	struct code_calls *calls = answer->calls;
	struct code_founds founds;

	code_find_texts(flow, state, state->registers[flow->memory.machine->result], &founds);
	for (size_t i = 0; i < founds.count; i++) {
		struct answer_key key = {answer->symbol, founds.items[i].text};
		bool added;

		if (founds.items[i].source != FACTS_VALUE_CONSTANT ||
		    !is_wanted(code_texts_get(&calls->texts, key.text)))
			continue;
		if (calls->constants.len >= BUDGET_CODE_CONSTANTS) {
			calls->constants_limited = true;
			return;
		}
		map_put(answer->known, code_calls_key(calls, &key, sizeof(key)), 0, &added);
		if (added)
			vec_push(&calls->constants,
				 ((struct code_constant){.call = answer->function->start,
							 .symbol = key.symbol,
							 .parameter = FACTS_CONSTANT_RESULT,
							 .text = key.text}));
	}
}

/* Follows what takes the addresses of texts, once each. */
static void follow(struct code_calls *calls, const struct code_references *references)
{
	struct code_targets seen = {0};
	struct map known = {0};

	for (size_t i = 0; i < references->len; i++) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, references->ptr[i].from);
		struct answer answer = {.calls = calls, .function = function, .known = &known};
		struct code_question question = {.on_return = on_return, .context = &answer};
		const struct code_name *name;

		if (!function || references->ptr[i].kind != REFERENCE_ADDRESS ||
		    function->end - function->start > LARGEST_FUNCTION ||
		    code_targets_hold(&seen, function->start) ||
		    !is_exported(calls, function->start, &name))
			continue;
		if (seen.len == MOST_FUNCTIONS || calls->flow.steps > BUDGET_CODE_STEPS ||
		    calls->decoded_bytes > BUDGET_CODE_DECODED)
			break;
		code_targets_add(&seen, function->start);
		answer.symbol = name->symbol;
		if (code_flow_function(&calls->flow, function, &question))
			calls->decoded_bytes += calls->flow.unit.counts.decoded;
	}
	map_release(&known);
	code_targets_release(&seen);
}

void code_calls_exports(struct code_calls *calls)
{
	struct code_references references = {0};
	struct code_targets texts = {0};

	if (calls->image.in->header.e_type != ET_DYN || calls->image.code_bytes > MOST_CODE)
		return;
	find_texts(calls, &texts);
	if (texts.len)
		code_calls_scan(calls, &texts, &references);
	follow(calls, &references);
	free(references.ptr);
	code_targets_release(&texts);
}
