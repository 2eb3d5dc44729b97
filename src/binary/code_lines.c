/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Command lines that are split at run time: texts such as "ssh -q --" and "$SVN_SSH ssh -q --",
 * where a variable of the environment may stand for the program. A word and an option are a command
 * line when a function refers to them that leads to a call whose program is not known.
 */
#include <stdlib.h>

#include "binary/code_starters.h"
#include "util/budget.h"

#define LONGEST_LINE 255
#define LONGEST_NAME 64

struct line {
	uint64_t address;
	struct slice name;
};

struct lines {
	struct code_calls *calls;
	VEC(struct line) list; /* by address */
	struct code_targets addresses;
};

static bool is_lower(uint8_t byte)
{
	return byte >= 'a' && byte <= 'z';
}

static bool is_upper(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z';
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* The program of a command line; empty when it is none. */
static struct slice program_of(struct slice text)
{
	size_t from = 1, end;

	if (!text.len || text.ptr[0] != '$')
		return slice_of(NULL, 0);
	while (from < text.len &&
	       (is_upper(text.ptr[from]) || is_digit(text.ptr[from]) || text.ptr[from] == '_'))
		from++;
	if (from == 1 || from == text.len || text.ptr[from++] != ' ')
		return slice_of(NULL, 0);
	for (end = from; end < text.len; end++)
		if (!is_lower(text.ptr[end]) && !is_digit(text.ptr[end]) &&
		    !(end > from && memchr("_+-.", text.ptr[end], 4)))
			break;
	if (end - from < 2 || end - from > LONGEST_NAME || (end < text.len && text.ptr[end] != ' '))
		return slice_of(NULL, 0);
	return slice_of(text.ptr + from, end - from);
}

static void scan_bytes(struct lines *lines, uint64_t address, struct slice bytes)
{
	for (size_t at = 0, end; at < bytes.len; at = end + 1) {
		const uint8_t *zero = memchr(bytes.ptr + at, 0, bytes.len - at);
		struct slice name;

		if (!zero)
			return;
		end = (size_t)(zero - bytes.ptr);
		if (end - at > LONGEST_LINE || lines->list.len >= BUDGET_CODE_WORDS)
			continue;
		name = program_of(slice_of(bytes.ptr + at, end - at));
		if (!name.len)
			continue;
		vec_push(&lines->list, ((struct line){address + at, name}));
		code_targets_add(&lines->addresses, address + at);
	}
}

static void find_lines(struct lines *lines)
{
	const struct code_image *image = &lines->calls->image;
	struct slice bytes;
	uint64_t address;

	for (size_t i = 0; i < image->in->segment_count; i++)
		if (code_image_read_only(image, i, &address, &bytes))
			scan_bytes(lines, address, bytes);
}

static void keep_used(struct lines *lines, const struct code_references *references)
{
	struct code_calls *calls = lines->calls;
	struct code_targets used = {0};

	for (size_t i = 0; i < references->len; i++) {
		const struct code_function *function =
		    code_functions_find(&calls->functions, references->ptr[i].from);

		if (function && references->ptr[i].kind == REFERENCE_ADDRESS &&
		    code_targets_hold(&calls->starters, function->start))
			code_targets_add(&used, references->ptr[i].target);
	}
	vec_each (line, &lines->list) {
		if (!code_targets_hold(&used, line->address))
			continue;
		if (calls->constants.len >= BUDGET_CODE_CONSTANTS) {
			calls->constants_limited = true;
			break;
		}
		vec_push(
		    &calls->constants,
		    ((struct code_constant){.call = line->address,
					    .target = line->address,
					    .symbol = CODE_NO_SYMBOL,
					    .parameter = FACTS_CONSTANT_COMMAND,
					    .text = code_texts_add(&calls->texts, line->name)}));
	}
	code_targets_release(&used);
}

void code_calls_lines(struct code_calls *calls)
{
	struct lines lines = {.calls = calls};
	struct code_references references = {0};

	if (!calls->starters.len)
		return;
	find_lines(&lines);
	if (lines.list.len) {
		code_calls_scan(calls, &lines.addresses, &references);
		keep_used(&lines, &references);
	}
	free(references.ptr);
	code_targets_release(&lines.addresses);
	vec_release(&lines.list);
}
