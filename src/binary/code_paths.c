/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts that look like the path of a program, in files with a call that starts programs whose
 * argument is not known. It is the weakest evidence: whoever knows the file tree keeps those that
 * name a program in it. The text must be pointed to, and not only to be copied behind another one.
 */
#include <stdlib.h>
#include <string.h>

#include "binary/code_calls.h"
#include "util/budget.h"

#define LONGEST_PATH 255
#define SHORTEST_PATH 5 /* "/a/sh" */
#define WINDOW 48	/* bytes from a text's address to the call it is made for */

struct candidate {
	uint64_t address;
	struct slice text;
};

struct candidates {
	VEC(struct candidate) list; /* by address */
	struct code_targets addresses;
};

static bool is_path_byte(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || memchr("/._+-", byte, 5);
}

/* A text of a segment at an offset, when all of it is a path; 0: none starts there. */
static size_t path_length(struct slice bytes, size_t at)
{
	size_t length = 0;

	while (length <= LONGEST_PATH && at + length < bytes.len &&
	       is_path_byte(bytes.ptr[at + length]))
		length++;
	if (length < SHORTEST_PATH || length > LONGEST_PATH || at + length >= bytes.len ||
	    bytes.ptr[at + length] || bytes.ptr[at + length - 1] == '/')
		return 0;
	return length;
}

static void add(struct code_calls *calls, uint64_t address, struct slice text)
{
	if (calls->constants.len >= BUDGET_CODE_CONSTANTS) {
		calls->constants_limited = true;
		return;
	}
	vec_push(&calls->constants,
		 ((struct code_constant){.call = address,
					 .target = address,
					 .symbol = CODE_NO_SYMBOL,
					 .parameter = FACTS_CONSTANT_LITERAL,
					 .text = code_texts_add(&calls->texts, text)}));
}

static void scan_segment(const struct code_calls *calls, uint64_t address, struct slice bytes,
			 struct candidates *candidates)
{
	for (size_t at = 0; at + SHORTEST_PATH < bytes.len; at++) {
		const uint8_t *slash = memchr(bytes.ptr + at, '/', bytes.len - at);
		size_t length;

		if (!slash)
			return;
		at = (size_t)(slash - bytes.ptr);
		if (at && bytes.ptr[at - 1])
			continue;
		length = path_length(bytes, at);
		if (!length)
			continue;
		if (!code_image_code(&calls->image, address + at) &&
		    candidates->list.len < BUDGET_CODE_CONSTANTS) {
			struct slice text = slice_of(bytes.ptr + at, length);

			vec_push(&candidates->list, ((struct candidate){address + at, text}));
			code_targets_add(&candidates->addresses, address + at);
		}
		at += length;
	}
}

/* Whether some call starts a program, or may do so, whose name is not known. */
static bool is_open(const struct code_calls *calls)
{
	vec_each (site, &calls->sites)
		if ((site->row->kind == FACTS_CALL_EXEC ||
		     site->row->kind == FACTS_CALL_EXEC_SEARCH ||
		     site->row->kind == FACTS_CALL_SHELL) &&
		    site->reasons)
			return true;
	return false;
}

/* Whether the first instruction makes it the second argument of a call. */
static bool is_second_argument(const struct code_calls *calls, const struct code_ops *ops)
{
	for (size_t n = 0; n < ops->len && ops->ptr[n].address == ops->ptr[0].address; n++)
		if (ops->ptr[n].target == calls->flow.memory.machine->arguments[1])
			return true;
	return false;
}

/*
 * Whether the next call behind a reference puts it behind another text: strcpy, strcat. So do
 * functions of the file itself that get it behind their first argument.
 */
static bool is_copied(struct code_calls *calls, uint64_t from, struct code_ops *ops)
{
	const struct code_range *range = code_image_code(&calls->image, from);
	struct code_decoded counts = {0};
	struct slice window;

	if (!range)
		return false;
	window = slice_of(range->bytes.ptr + (from - range->address),
			  range->bytes.len - (size_t)(from - range->address));
	if (window.len > WINDOW)
		window.len = WINDOW;
	ops->len = 0;
	code_decode(calls->decoder, window, from, ops, &counts);
	for (size_t i = 0; i < ops->len; i++) {
		const struct code_op *op = &ops->ptr[i];
		struct code_callee callee;

		if (op->kind == OP_RETURN || op->kind == OP_STOP || op->kind == OP_JUMP)
			return false;
		if (op->kind != OP_CALL)
			continue;
		callee = code_callees_at(&calls->callees, (uint64_t)op->number);
		if (!callee.row && callee.target)
			return is_second_argument(calls, ops);
		return callee.row && callee.row->kind < 0 &&
		       (callee.row->effect == EFFECT_COPY ||
			callee.row->effect == EFFECT_COPY_END ||
			callee.row->effect == EFFECT_APPEND);
	}
	return false;
}

/* Texts that code or data points to. */
static void keep_referenced(struct code_calls *calls, const struct candidates *candidates)
{
	struct code_references references = {0};
	struct code_targets pointed = {0};
	struct code_ops ops = {0};

	code_scan(&calls->image, &candidates->addresses, NULL, 0, false, &references);
	for (size_t i = 0; i < references.len; i++)
		if (references.ptr[i].kind == REFERENCE_ADDRESS &&
		    !is_copied(calls, references.ptr[i].from, &ops))
			code_targets_add(&pointed, references.ptr[i].target);
	vec_each (relocation, &calls->image.relocations)
		if (!relocation->symbol &&
		    code_targets_hold(&candidates->addresses, (uint64_t)relocation->addend))
			code_targets_add(&pointed, (uint64_t)relocation->addend);
	vec_each (candidate, &candidates->list)
		if (code_targets_hold(&pointed, candidate->address))
			add(calls, candidate->address, candidate->text);
	code_targets_release(&pointed);
	free(references.ptr);
	free(ops.ptr);
}

void code_calls_paths(struct code_calls *calls)
{
	const struct elf_input *in = calls->image.in;
	struct candidates candidates = {0};

	if (!is_open(calls))
		return;
	for (size_t i = 0; i < in->segment_count; i++) {
		const GElf_Phdr *segment = &in->segments[i];
		struct slice bytes;
		uint64_t offset;

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) ||
		    !elf_input_at_address(in, segment->p_vaddr, &bytes, &offset))
			continue;
		if (bytes.len > segment->p_filesz)
			bytes.len = (size_t)segment->p_filesz;
		scan_segment(calls, segment->p_vaddr, bytes, &candidates);
	}
	if (candidates.list.len)
		keep_referenced(calls, &candidates);
	code_targets_release(&candidates.addresses);
	vec_release(&candidates.list);
}
