/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constant texts given to functions that the table does not know, in other libraries. A library's
 * summaries say which of its functions hand a parameter on to dlopen or exec; whoever joins the
 * records finds here what such a function is given. Only short ways are looked at: the address goes
 * into an argument register, and a call follows at once.
 */
#include <stdlib.h>

#include "binary/code_calls.h"
#include "util/budget.h"

#define WINDOW 64	 /* bytes from the address to the call */
#define LONGEST_NAME 255 /* bytes of a name or command */
#define ARGUMENTS 4	 /* argument registers looked at */

struct constant_key {
	uint64_t target;
	uint32_t symbol, parameter, text;
};

struct finder {
	struct code_calls *calls;
	struct code_targets imports; /* stubs and slots of functions of other libraries */
	bool holds_loader;	     /* the file defines dlopen: its own calls of it have no name */
	struct code_ops ops;
	struct map known;
};

/* The C and C++ run-time libraries: what they do with names is all in calls.def. */
static bool is_runtime(struct slice file)
{
	static const char *const names[] = {
	    "libc.so.",	      "libm.so.",  "libstdc++.so.", "libgcc_s.so.", "ld-linux",
	    "libpthread.so.", "libdl.so.", "librt.so.",	    "libgomp.so.",  "libutil.so."};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_starts_with(file, names[i]))
			return true;
	return false;
}

static bool is_candidate(const struct code_calls *calls, uint32_t index)
{
	const struct facts_builder *builder = calls->image.builder;
	const struct facts_symbol *symbol;

	if (!index || index >= builder->symbols.len || calls->callees.rows[index])
		return false;
	symbol = &builder->symbols.ptr[index];
	return (symbol->flags & FACTS_SYMBOL_UNDEFINED) && symbol->type != STT_OBJECT &&
	       symbol->type != STT_TLS &&
	       !is_runtime(slice_of(builder->strings.ptr + symbol->version_file.offset,
				    symbol->version_file.length));
}

static bool is_mangled(const struct finder *finder, uint32_t symbol)
{
	const char *name = code_symbol_name(&finder->calls->image, symbol);

	return name[0] == '_' && (name[1] == 'Z' || name[1] == 'R');
}

static bool names_library(struct slice text)
{
	return text.len > 3 && memmem(text.ptr, text.len, ".so", 3) &&
	       !memchr(text.ptr, ' ', text.len);
}

/* Names and commands start with a letter, a digit, a dot or a slash and hold no format. */
static bool looks_like_name(const struct finder *finder, uint32_t symbol, struct slice text)
{
	uint8_t first = text.len ? text.ptr[0] : 0;

	if (text.len < 2 || text.len > LONGEST_NAME || memchr(text.ptr, '%', text.len) ||
	    memchr(text.ptr, '\n', text.len))
		return false;
	if (symbol == CODE_NO_SYMBOL || names_library(text))
		return names_library(text);
	if (is_mangled(finder, symbol))
		return first == '/' && !memchr(text.ptr, ' ', text.len);
	return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
	       (first >= '0' && first <= '9') || first == '/' || first == '.';
}

static int argument_of(const struct code_machine *machine, unsigned reg)
{
	for (int i = 0; i < ARGUMENTS; i++)
		if (machine->arguments[i] == reg)
			return i;
	return -1;
}

/* Whether the register still holds what the first instruction put there when the last one runs. */
static bool keeps(const struct code_ops *ops, uint8_t reg, uint64_t from, uint64_t call)
{
	bool set = false;

	for (size_t i = 0; i < ops->len; i++) {
		const struct code_op *op = &ops->ptr[i];

		if (op->address == call)
			return set && (op->kind == OP_CALL || op->kind == OP_JUMP);
		switch (op->kind) {
		case OP_CALL:
		case OP_JUMP:
		case OP_BRANCH:
		case OP_RETURN:
		case OP_STOP:
			return false;
		case OP_STORE:
		case OP_COMPARE:
		case OP_CLOBBER_MEMORY:
			break;
		default:
			if (op->target == reg) {
				if (op->address != from && set)
					return false;
				set = true;
			}
			break;
		}
	}
	return false;
}

static void add(struct finder *finder, uint64_t call, const struct code_callee *callee,
		uint32_t parameter, struct slice text)
{
	struct code_calls *calls = finder->calls;
	struct constant_key key = {callee->symbol == CODE_NO_SYMBOL ? callee->target : 0,
				   callee->symbol, parameter, code_texts_add(&calls->texts, text)};

	if (map_get(&finder->known, slice_of(&key, sizeof(key))))
		return;
	if (calls->constants.len >= BUDGET_CODE_CONSTANTS) {
		calls->constants_limited = true;
		return;
	}
	map_put(&finder->known, code_calls_key(calls, &key, sizeof(key)), 0, NULL);
	vec_push(&calls->constants, ((struct code_constant){.call = call,
							    .target = key.target,
							    .symbol = key.symbol,
							    .parameter = key.parameter,
							    .text = key.text}));
}

/* An address at from goes into a register, and at call something is called. */
static void check(struct finder *finder, const struct code_range *range, uint64_t from, uint8_t reg,
		  uint64_t address, uint64_t call, uint64_t target)
{
	struct code_calls *calls = finder->calls;
	int parameter = argument_of(calls->flow.memory.machine, reg);
	struct code_callee callee = code_callees_at(&calls->callees, target);
	struct code_decoded counts = {0};
	uint32_t slot = code_callees_slot(&calls->callees, target);
	struct slice text, window;

	if (slot != CODE_NO_SYMBOL)
		callee = (struct code_callee){.symbol = slot};
	if (parameter < 0 || callee.row || !code_image_constant(&calls->image, address, 1) ||
	    code_image_code(&calls->image, address) ||
	    !code_image_text(&calls->image, address, &text) ||
	    !looks_like_name(finder, callee.symbol, text))
		return;
	window = slice_of(range->bytes.ptr + (from - range->address),
			  range->bytes.len - (size_t)(from - range->address));
	if (window.len > call - from + 6)
		window.len = (size_t)(call - from) + 6;
	finder->ops.len = 0;
	code_decode(calls->decoder, window, from, &finder->ops, &counts);
	if (keeps(&finder->ops, reg, from, call))
		add(finder, call, &callee, (uint32_t)parameter, text);
}

static bool is_wanted(const struct finder *finder, uint64_t target)
{
	if (code_targets_hold(&finder->imports, target))
		return true;
	return finder->holds_loader && code_image_code(&finder->calls->image, target) != NULL;
}

/* Calls behind an address that goes into a register: E8, E9, FF 15. */
static void scan_calls_x86(struct finder *finder, const struct code_range *range, size_t at,
			   size_t length, uint8_t reg, uint64_t address)
{
	size_t start = at + length, end = start + WINDOW;

	for (size_t i = start; i < end && i + 5 <= range->bytes.len; i++) {
		const uint8_t *byte = range->bytes.ptr + i;
		bool slot = i + 6 <= range->bytes.len && byte[0] == 0xff && byte[1] == 0x15;
		uint64_t target, here = range->address + i;

		if (byte[0] != 0xe8 && byte[0] != 0xe9 && !slot)
			continue;
		target = here + (slot ? 6u : 5u) +
			 (uint64_t)(int64_t)(int32_t)code_read32(byte + (slot ? 2 : 1));
		if (is_wanted(finder, target))
			check(finder, range, range->address + at, reg, address, here, target);
	}
}

/* LEA r64, [rip + x]; and MOV r32, x in files that are loaded at a fixed address. */
static void scan_x86(struct finder *finder, const struct code_range *range)
{
	const uint8_t *bytes = range->bytes.ptr;

	for (size_t i = 0; i + 8 < range->bytes.len; i++) {
		uint64_t end = range->address + i + 7;

		if ((bytes[i] & 0xfb) == 0x48 && bytes[i + 1] == 0x8d &&
		    (bytes[i + 2] & 0xc7) == 0x05)
			scan_calls_x86(finder, range, i, 7,
				       (uint8_t)((bytes[i] & 4) << 1 | (bytes[i + 2] >> 3 & 7)),
				       end +
					   (uint64_t)(int64_t)(int32_t)code_read32(bytes + i + 3));
		else if (finder->calls->image.fixed_address && (bytes[i] & 0xf8) == 0xb8)
			scan_calls_x86(finder, range, i, 5, bytes[i] & 7,
				       code_read32(bytes + i + 1));
	}
}

static int64_t signed_bits(uint32_t word, unsigned low, unsigned count)
{
	uint64_t value = (uint64_t)word >> low & ((UINT64_C(1) << count) - 1);
	uint64_t sign = UINT64_C(1) << (count - 1);

	return (int64_t)((value ^ sign) - sign);
}

/* ADRP and ADD of one register, then BL or B. */
static void scan_arm64(struct finder *finder, const struct code_range *range)
{
	for (size_t i = 0; i + 12 <= range->bytes.len; i += 4) {
		const uint8_t *bytes = range->bytes.ptr + i;
		uint32_t page = code_read32(bytes), add_word = code_read32(bytes + 4);
		uint64_t here = range->address + i, address;

		if ((page & 0x9f000000) != 0x90000000 || (add_word & 0xffc00000) != 0x91000000 ||
		    (add_word >> 5 & 31) != (page & 31))
			continue;
		address = (here & ~UINT64_C(0xfff)) +
			  ((uint64_t)(signed_bits(page, 5, 19) * 4 + (page >> 29 & 3)) << 12) +
			  (add_word >> 10 & 0xfff);
		for (size_t j = 8; j < WINDOW && i + j + 4 <= range->bytes.len; j += 4) {
			uint32_t word = code_read32(bytes + j);
			uint64_t target = here + j + (uint64_t)(signed_bits(word, 0, 26) * 4);

			if ((word & 0x7c000000) == 0x14000000 && is_wanted(finder, target))
				check(finder, range, here + 4, add_word & 31, address, here + j,
				      target);
		}
	}
}

void code_calls_constants(struct code_calls *calls)
{
	struct finder finder = {.calls = calls};

	vec_each (relocation, &calls->image.relocations)
		if (relocation->is_slot && is_candidate(calls, relocation->symbol))
			code_targets_add(&finder.imports, relocation->address);
	for (size_t i = 0; i < calls->callees.stubs.len; i++)
		if (code_targets_hold(&finder.imports, calls->callees.stubs.ptr[i].slot))
			code_targets_add(&finder.imports, calls->callees.stubs.ptr[i].start);
	vec_each (internal, &calls->callees.internal)
		finder.holds_loader |= internal->row->kind == FACTS_CALL_LOAD;
	vec_each (range, &calls->image.code) {
		if (range->is_plt || (!finder.imports.len && !finder.holds_loader))
			continue;
		if (calls->image.in->header.e_machine == EM_X86_64)
			scan_x86(&finder, range);
		else
			scan_arm64(&finder, range);
	}
	code_targets_release(&finder.imports);
	map_release(&finder.known);
	free(finder.ops.ptr);
}
