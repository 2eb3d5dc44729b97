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
#define LONGEST_LIBRARY 64
#define ARGUMENTS 4 /* argument registers looked at */

struct constant_key {
	uint64_t target;
	uint32_t symbol, parameter, text;
};

struct finder {
	struct code_calls *calls;
	struct code_targets imports; /* stubs and slots of functions of other libraries */
	bool wants_libraries; /* names of libraries given to any function of the file itself */
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

/* "libx.so", "libx.so.1.2", with or without a directory. */
static bool names_library(struct slice text)
{
	const uint8_t *so = text.len > 3 ? memmem(text.ptr, text.len, ".so", 3) : NULL;
	size_t at = so ? (size_t)(so - text.ptr) + 3 : 0;

	if (!so || so == text.ptr || memchr(text.ptr, ' ', text.len))
		return false;
	if (at < text.len && (text.ptr[at] != '.' || at + 1 == text.len))
		return false;
	for (; at < text.len; at++)
		if (text.ptr[at] != '.' && (text.ptr[at] < '0' || text.ptr[at] > '9'))
			return false;
	return true;
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

/*
 * Which general registers hold, when the last instruction runs, what the first one put into one of
 * them: bits. 0 when control does not go straight from one to the other.
 */
static uint32_t holders(const struct code_ops *ops, uint8_t reg, uint64_t from, uint64_t call)
{
	uint32_t held = 0;

	for (size_t i = 0; i < ops->len; i++) {
		const struct code_op *op = &ops->ptr[i];

		if (op->address == call)
			return op->kind == OP_CALL || op->kind == OP_JUMP ? held : 0;
		switch (op->kind) {
		case OP_CALL:
		case OP_JUMP:
		case OP_BRANCH:
		case OP_RETURN:
		case OP_STOP:
			return 0;
		case OP_STORE:
		case OP_COMPARE:
		case OP_CLOBBER_MEMORY:
			break;
		default:
			if (op->target >= 32)
				break;
			held &= ~(1u << op->target);
			if ((op->address == from && op->target == reg) ||
			    (op->kind == OP_MOVE && op->size == 8 && op->left < 32 &&
			     (held >> op->left & 1)))
				held |= 1u << op->target;
			break;
		}
	}
	return 0;
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
	const struct code_machine *machine = calls->flow.memory.machine;
	struct code_callee callee = code_callees_at(&calls->callees, target);
	struct code_decoded counts = {0};
	uint32_t slot = code_callees_slot(&calls->callees, target);
	struct slice text, window;
	uint32_t held;

	if (slot != CODE_NO_SYMBOL)
		callee = (struct code_callee){.symbol = slot};
	if (callee.row || !code_image_constant(&calls->image, address, 1) ||
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
	held = holders(&finder->ops, reg, from, call);
	for (uint32_t i = 0; i < ARGUMENTS; i++)
		if (held >> machine->arguments[i] & 1)
			add(finder, call, &callee, i, text);
}

static bool is_wanted(const struct finder *finder, uint64_t target, bool is_library)
{
	if (code_targets_hold(&finder->imports, target))
		return true;
	return is_library && code_image_code(&finder->calls->image, target) != NULL;
}

/* A look at the bytes that is quick enough for every address in the code. */
static bool points_to_library(const struct finder *finder, uint64_t address)
{
	struct slice bytes;
	const uint8_t *end;
	uint64_t offset;

	if (!finder->wants_libraries ||
	    !elf_input_at_address(finder->calls->image.in, address, &bytes, &offset))
		return false;
	if (bytes.len > LONGEST_LIBRARY)
		bytes.len = LONGEST_LIBRARY;
	end = memchr(bytes.ptr, 0, bytes.len);
	return end && names_library(slice_of(bytes.ptr, (size_t)(end - bytes.ptr)));
}

/* Calls behind an address that goes into a register: E8, E9, FF 15. */
static void scan_calls_x86(struct finder *finder, const struct code_range *range, size_t at,
			   size_t length, uint8_t reg, uint64_t address)
{
	size_t start = at + length, end = start + WINDOW;
	bool is_library = points_to_library(finder, address);

	for (size_t i = start; i < end && i + 5 <= range->bytes.len; i++) {
		const uint8_t *byte = range->bytes.ptr + i;
		bool slot = i + 6 <= range->bytes.len && byte[0] == 0xff && byte[1] == 0x15;
		uint64_t target, here = range->address + i;

		if (byte[0] != 0xe8 && byte[0] != 0xe9 && !slot)
			continue;
		target = here + (slot ? 6u : 5u) +
			 (uint64_t)(int64_t)(int32_t)code_read32(byte + (slot ? 2 : 1));
		if (is_wanted(finder, target, is_library))
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

/* Calls behind the ADD that completes an address: BL, B. */
static void scan_calls_arm64(struct finder *finder, const struct code_range *range, size_t at,
			     uint8_t reg, uint64_t address)
{
	bool is_library = points_to_library(finder, address);

	for (size_t i = at + 4; i < at + WINDOW && i + 4 <= range->bytes.len; i += 4) {
		uint32_t word = code_read32(range->bytes.ptr + i);
		uint64_t here = range->address + i;
		uint64_t target = here + (uint64_t)(signed_bits(word, 0, 26) * 4);

		if ((word & 0x7c000000) == 0x14000000 && is_wanted(finder, target, is_library))
			check(finder, range, range->address + at, reg, address, here, target);
	}
}

/* ADRP and, a few instructions later, ADD of the same register. */
static void scan_arm64(struct finder *finder, const struct code_range *range)
{
	uint64_t pages[32] = {0};
	size_t places[32] = {0};

	for (size_t i = 0; i + 4 <= range->bytes.len; i += 4) {
		uint32_t word = code_read32(range->bytes.ptr + i);
		uint64_t here = range->address + i;
		unsigned from = word >> 5 & 31;

		if ((word & 0x9f000000) == 0x10000000) { /* ADR */
			scan_calls_arm64(
			    finder, range, i, word & 31,
			    here + (uint64_t)(signed_bits(word, 5, 19) * 4 + (word >> 29 & 3)));
		} else if ((word & 0x9f000000) == 0x90000000) {
			pages[word & 31] =
			    (here & ~UINT64_C(0xfff)) +
			    ((uint64_t)(signed_bits(word, 5, 19) * 4 + (word >> 29 & 3)) << 12);
			places[word & 31] = i + 4;
		} else if ((word & 0xffc00000) == 0x91000000 && places[from] &&
			   i + 4 - places[from] < WINDOW) {
			scan_calls_arm64(finder, range, i, word & 31,
					 pages[from] + (word >> 10 & 0xfff));
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
	/* dlopen itself has no name inside a C library; and names that go through objects on the
	 * heap are not followed to the call. */
	vec_each (internal, &calls->callees.internal)
		finder.wants_libraries |= internal->row->kind == FACTS_CALL_LOAD;
	vec_each (site, &calls->sites)
		finder.wants_libraries |= site->row->kind == FACTS_CALL_LOAD &&
					  (site->reasons & ~(uint32_t)FACTS_REASON_ENVIRONMENT);
	vec_each (range, &calls->image.code) {
		if (range->is_plt || (!finder.imports.len && !finder.wants_libraries))
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
