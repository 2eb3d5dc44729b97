/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The canonical forms of x86-64 code. Beside fields that relocations fill, linkers rewrite whole
 * instructions: loads from the GOT (psABI, "Optimize GOTPCRELX Relocations") and accesses to thread
 * variables (Drepper, "ELF Handling For Thread-Local Storage", 4.4.6 and 5). Each such group has
 * one form here, whichever of them the code holds.
 */
#include <string.h>

#include "binary/fingerprint.h"
#include "binary/length_x86.h"

#define TOKEN_ROOM 16
#define REX_W 0x08
#define JUMP 0xeb
/* Blocks of thread variables are not larger: a distance in it is negative and not below this. */
#define THREAD_DISTANCE (-(INT32_C(1) << 20))

struct run {
	const struct fingerprint_file *file;
	const struct fingerprint_code *code;
	struct fingerprint_scratch *scratch;
	size_t relocation; /* the next one */
	uint8_t *strict, *loose;
	/* Known so far of the function, and whether knowing it earlier would have changed a form.
	 */
	bool thread, thread_missed;   /* it uses thread variables */
	bool dynamic, dynamic_missed; /* it asks __tls_get_addr for the module's block */
	enum {
		ADDRESS_NONE,
		ADDRESS_PLACE,
		ADDRESS_NUMBER
	} address; /* in RAX, since the last branch */
};

/* One instruction on its way to its canonical form. */
struct token {
	const uint8_t *at; /* as it is */
	uint32_t offset;
	struct x86_instruction in;
	uint8_t bytes[TOKEN_ROOM], length; /* canonical */
	bool displacement_relocated, immediate_relocated, helper_relocated;
	bool leaves;  /* a jump out of the function, through memory or not */
	bool dropped; /* not in the loose form */
};

static int32_t read32(const uint8_t *at)
{
	return (int32_t)((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
			 (uint32_t)at[3] << 24);
}

static enum fingerprint_pointer pointer(const struct run *run, int64_t value)
{
	return run->file->pointer ? run->file->pointer(run->file->context, (uint64_t)value)
				  : POINTER_NO;
}

/* A number where code that may lie anywhere has none of the linker's. */
static bool is_absolute(struct run *run, int64_t value)
{
	enum fingerprint_pointer sign = pointer(run, value);

	if (sign > run->scratch->absolute_sign)
		run->scratch->absolute_sign = sign;
	return sign != POINTER_NO && run->code->absolute;
}

static bool fits_byte(int32_t value)
{
	return value >= -128 && value <= 127;
}

/* The distance of a thread variable from the end of the block, where it may be one. */
static bool is_thread_distance(struct run *run, int32_t value)
{
	if (value >= 0 || value < THREAD_DISTANCE)
		return false;
	run->thread_missed |= !run->thread;
	return run->thread;
}

/* Any distance may be one from the start of the module's block, where the function asks for it. */
static bool in_dynamic_block(struct run *run)
{
	run->dynamic_missed |= !run->dynamic;
	return run->dynamic;
}

static bool is_helper(const struct run *run, uint64_t address)
{
	size_t low = 0, high = run->file->thread_helper_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (run->file->thread_helpers[middle] < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < run->file->thread_helper_count && run->file->thread_helpers[low] == address;
}

static void mask(struct run *run, struct token *token, unsigned at, unsigned size)
{
	memset(token->bytes + at, 0, size);
	run->scratch->masked++;
}

static void emit_strict(struct run *run, const uint8_t bytes[static TOKEN_ROOM], unsigned length)
{
	memcpy(run->strict, bytes, TOKEN_ROOM);
	run->strict += length;
}

static void emit_loose(struct run *run, const uint8_t bytes[static TOKEN_ROOM], unsigned length)
{
	memcpy(run->loose, bytes, TOKEN_ROOM);
	run->loose += length;
}

/* Zeroes what relocations of an object file fill in this instruction. */
static void apply_relocations(struct run *run, struct token *token)
{
	const struct fingerprint_code *code = run->code;
	uint64_t start = code->address + token->offset;

	while (run->relocation < code->relocation_count &&
	       code->relocations[run->relocation].offset < start + token->in.length) {
		const struct fingerprint_relocation *relocation =
		    &code->relocations[run->relocation++];
		unsigned width = fingerprint_width(run->file->machine, relocation->type), at;

		if (relocation->offset < start || !width)
			continue;
		at = (unsigned)(relocation->offset - start);
		for (unsigned i = at; i < at + width && i < token->in.length; i++)
			token->bytes[i] = 0;
		if (token->in.displacement_size && at >= token->in.displacement_at &&
		    at < token->in.displacement_at + token->in.displacement_size)
			token->displacement_relocated = true;
		else
			token->immediate_relocated = true;
		token->helper_relocated |= relocation->thread_helper;
	}
}

/* Whether the base may be the address of a block of thread variables: any register but RSP. */
static bool has_general_base(const struct token *token)
{
	uint8_t base = token->in.modrm & 7;

	if (base == 4)
		base = token->at[token->in.modrm_at + 1] & 7;
	return token->in.modrm >> 6 == 2 && (token->in.rex & 1 || base != 4);
}

static bool is_masked_displacement(struct run *run, const struct token *token)
{
	int32_t value = read32(token->at + token->in.displacement_at);
	bool based = token->in.modrm >> 6 == 2;

	if (token->in.flags & X86_RIP_RELATIVE || token->displacement_relocated)
		return true;
	/* From the thread pointer: variables lie below it, the stack protector's word above. */
	if (token->in.flags & X86_SEGMENT_FS)
		return value < 0;
	/* One byte would have done: a linker, and no compiler, wrote the value. */
	if (based && fits_byte(value))
		return true;
	if (is_absolute(run, value))
		return true;
	if (pointer(run, value) != POINTER_NO && token->in.opcode != 0x8d)
		run->scratch->absolute_memory = true;
	if (!has_general_base(token))
		return false;
	if (is_thread_distance(run, value))
		return true;
	return in_dynamic_block(run);
}

static void displacement(struct run *run, struct token *token)
{
	if (token->in.displacement_size == 4 && is_masked_displacement(run, token))
		mask(run, token, token->in.displacement_at, 4);
	if (!(token->in.flags & X86_SEGMENT_FS) || token->in.displacement_size != 4)
		run->thread |= (token->in.flags & X86_SEGMENT_FS) != 0;
	else if (token->displacement_relocated ||
		 read32(token->at + token->in.displacement_at) <= 0)
		run->thread = true;
}

/* Which immediates of four bytes may hold an address: not those of bit operations. */
static bool may_hold_pointer(const struct token *token)
{
	unsigned group = token->in.modrm >> 3 & 7;

	switch (token->in.opcode) {
	case 0x05: /* ADD */
	case 0x2d: /* SUB */
	case 0x3d: /* CMP */
	case 0x68: /* PUSH */
	case 0xc7: /* MOV */
		return true;
	case 0x81:
		return group == 0 || group == 5 || group == 7; /* the same */
	default:
		return token->in.opcode >= 0xb8 && token->in.opcode <= 0xbf;
	}
}

/* An operation on a register with what may have been an entry of the GOT before. */
static bool was_load(const struct token *token)
{
	uint8_t modrm = token->in.modrm;

	return token->in.rex & REX_W && modrm >= 0xc0 &&
	       (token->in.opcode == 0x81 || (token->in.opcode == 0xf7 && modrm < 0xc8));
}

static bool is_masked_immediate(struct run *run, const struct token *token)
{
	int32_t value = read32(token->at + token->in.immediate_at);

	if (token->immediate_relocated)
		return true;
	if (token->in.opcode == 0x81 && fits_byte(value))
		return true; /* opcode 83 would have done */
	if (was_load(token) && (pointer(run, value) == POINTER_FUNCTION ||
				(value % 4 == 0 && pointer(run, value) != POINTER_NO)))
		return true;
	if (may_hold_pointer(token) &&
	    is_absolute(run, token->in.rex & REX_W ? value : (int64_t)(uint32_t)value))
		return true;
	if (!(token->in.rex & REX_W) ||
	    (token->in.opcode != 0x05 &&
	     !(token->in.opcode == 0x81 && (token->in.modrm & 0xf8) == 0xc0)))
		return false;
	return is_thread_distance(run, value) || in_dynamic_block(run);
}

static void immediate(struct run *run, struct token *token)
{
	if (token->in.immediate_size == 4) {
		if (is_masked_immediate(run, token))
			mask(run, token, token->in.immediate_at, 4);
	} else if (token->in.immediate_size == 8) {
		int64_t value =
		    (int64_t)((uint32_t)read32(token->at + token->in.immediate_at) |
			      (uint64_t)(uint32_t)read32(token->at + token->in.immediate_at + 4)
				  << 32);

		if (token->immediate_relocated || is_absolute(run, value))
			mask(run, token, token->in.immediate_at, 8);
	}
}

/* REX.W, opcode, ModRM and four bytes of zero. */
static void rewrite(struct token *token, uint8_t rex, uint8_t opcode, uint8_t modrm)
{
	token->bytes[0] = rex;
	token->bytes[1] = opcode;
	token->bytes[2] = modrm;
	memset(token->bytes + 3, 0, 4);
	token->length = 7;
}

/* Loads from a place relative to the instruction: what linkers make of those from the GOT. */
static void canonical_load(struct run *run, struct token *token)
{
	uint8_t reg = token->in.modrm >> 3 & 7, rex = token->in.rex;
	uint8_t as_base = (uint8_t)(0x48 | (rex >> 2 & 1));

	if (token->in.opcode == 0xff && reg == 2 && token->length == 6) {
		memcpy(token->bytes, "\x67\xe8\0\0\0\0", 6);
	} else if (token->in.opcode == 0xff && reg == 4 && token->length == 6) {
		memcpy(token->bytes, "\xe9\0\0\0\0\x90", 6);
		token->leaves = true;
	} else if (token->in.opcode == 0x8b && (rex & REX_W || token->in.encoding == X86_REX2)) {
		token->bytes[token->in.displacement_at - 2] = 0x8d;
	} else if (!(rex & REX_W) || token->length != 7) {
		return;
	} else if (token->in.opcode == 0x8d) {
		run->scratch->position_independent = true;
	} else if (token->in.opcode == 0x85) {
		rewrite(token, as_base, 0xf7, 0xc0 | reg);
	} else if (token->in.opcode < 0x40 && (token->in.opcode & 7) == 3) {
		rewrite(token, as_base, 0x81, (uint8_t)(0xc0 | (token->in.opcode & 0x38) | reg));
	}
}

/* The other side: what linkers made of loads, in forms that compilers do not choose. */
static void canonical_relaxed(struct run *run, struct token *token)
{
	uint8_t rex = token->in.rex, modrm = token->in.modrm;

	if (!(rex & REX_W) || token->length != 7)
		return;
	if (token->in.opcode == 0xc7 && (modrm & 0xf8) == 0xc0) {
		int32_t value = read32(token->at + 3);

		/* B8 would have done for what is not negative. */
		if (token->immediate_relocated || value >= 0 ||
		    (value <= -4 && is_thread_distance(run, value)))
			rewrite(token, (uint8_t)(0x48 | (rex & 1) << 2), 0x8d,
				(uint8_t)((modrm & 7) << 3 | 5));
	} else if (token->in.opcode == 0x8d && modrm >> 6 == 2 && (modrm >> 3 & 7) == (modrm & 7) &&
		   (rex >> 2 & 1) == (rex & 1)) {
		if (token->displacement_relocated || in_dynamic_block(run) ||
		    is_thread_distance(run, read32(token->at + token->in.displacement_at)))
			rewrite(token, (uint8_t)(0x48 | (rex & 1)), 0x81, 0xc0 | (modrm & 7));
	}
}

/* The address that a direct call, or one through memory, leads to; of linked files only. */
static uint64_t call_target(const struct run *run, const struct token *token, unsigned field)
{
	return run->code->address + token->offset + token->in.length +
	       (uint64_t)(int64_t)read32(token->at + field);
}

static void notice_helper(struct run *run, const struct token *token)
{
	bool direct = token->in.opcode == 0xe8 && token->in.flags & X86_BRANCH;
	bool through = token->in.opcode == 0xff && token->in.flags & X86_RIP_RELATIVE;

	if (token->helper_relocated ||
	    (run->file->thread_helper_count && (direct || through) &&
	     is_helper(run,
		       call_target(run, token,
				   direct ? token->in.immediate_at : token->in.displacement_at))))
		run->dynamic = run->thread = true;
}

/* A branch in the loose form, where it has one size and names an instruction. */
static void emit_branch(struct run *run, uint8_t condition, uint32_t target)
{
	uint8_t loose[TOKEN_ROOM] = {condition};

	vec_push(&run->scratch->branches,
		 ((struct fingerprint_branch){(size_t)(run->loose - run->scratch->loose.ptr) + 1,
					      target}));
	emit_loose(run, loose, 5);
}

static void branch(struct run *run, struct token *token)
{
	size_t size = run->code->bytes.len;
	int64_t distance = token->in.immediate_size == 1
			       ? (int8_t)token->at[token->in.immediate_at]
			       : read32(token->at + token->in.immediate_at);
	int64_t target = (int64_t)token->offset + token->in.length + distance;
	/* A jump to the start may have been relocated as one to the function's name. */
	bool outside = token->immediate_relocated || target <= 0 || (uint64_t)target >= size;
	uint8_t condition = token->in.opcode;

	if (token->in.map == 0 && token->in.opcode == 0xe8) {
		mask(run, token, token->in.immediate_at, token->in.immediate_size);
		emit_strict(run, token->bytes, token->length);
		emit_loose(run, token->bytes, token->length);
		return;
	}
	if (outside)
		mask(run, token, token->in.immediate_at, token->in.immediate_size);
	if (outside && !run->file->relocatable && target != 0)
		vec_push(&run->scratch->targets, run->code->address + (uint64_t)target);
	emit_strict(run, token->bytes, token->length);
	if (token->in.map == 1)
		condition = 0x70 | (token->in.opcode & 15);
	else if (token->in.opcode == 0xe9)
		condition = JUMP;
	emit_branch(run, condition, outside ? UINT32_MAX : (uint32_t)target);
}

static bool is_nop(const struct x86_instruction *in)
{
	if (in->encoding != X86_LEGACY)
		return false;
	if (in->map == 1)
		return in->opcode == 0x1f;
	return in->map == 0 && in->opcode == 0x90 && !(in->rex & 1) && !(in->flags & X86_REP);
}

static bool is_landing_mark(const struct token *token)
{
	return token->in.length == 4 && (memcmp(token->at, "\xf3\x0f\x1e\xfa", 4) == 0 ||
					 memcmp(token->at, "\xf3\x0f\x1e\xfb", 4) == 0);
}

/* NOTRACK before an indirect call or jump belongs to the same feature as the landing marks. */
static void drop_notrack(struct token *token)
{
	if (!(token->in.flags & X86_NOTRACK) || token->at[0] != 0x3e || token->in.map ||
	    token->in.opcode != 0xff || (token->in.modrm & 0x30) == 0 ||
	    (token->in.modrm >> 3 & 7) > 5)
		return;
	memmove(token->bytes, token->bytes + 1, TOKEN_ROOM - 1);
	token->length--;
}

/* A whole sequence with one form, as if each part of it were an instruction. */
static void emit_pair(struct run *run, uint32_t offset, const char *first, unsigned first_length,
		      const char *second, unsigned second_length)
{
	uint8_t bytes[TOKEN_ROOM] = {0};

	fingerprint_count(run->scratch, offset, true);
	memcpy(bytes, first, first_length);
	emit_strict(run, bytes, first_length);
	emit_loose(run, bytes, first_length);
	fingerprint_count(run->scratch, offset + 1, true);
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, second, second_length);
	emit_strict(run, bytes, second_length);
	emit_loose(run, bytes, second_length);
	run->scratch->masked++;
	run->thread = true;
}

static bool matches(const struct run *run, uint32_t offset, const char *bytes, unsigned length)
{
	return run->code->bytes.len - offset >= length &&
	       memcmp(run->code->bytes.ptr + offset, bytes, length) == 0;
}

static void skip_relocations(struct run *run, uint64_t end)
{
	while (run->relocation < run->code->relocation_count &&
	       run->code->relocations[run->relocation].offset < run->code->address + end)
		run->relocation++;
}

/*
 * Sequences that ask for the address of a thread variable, in the form with which each linker and
 * model agrees: from the thread pointer, with the distance added. Returns the bytes taken.
 */
static unsigned thread_sequence(struct run *run, const struct token *token)
{
	uint32_t offset = token->offset;

	if (token->at[0] != 0x66)
		return 0;
	if (matches(run, offset, "\x66\x48\x8d\x3d", 4) && run->code->bytes.len - offset >= 16 &&
	    (matches(run, offset + 8, "\x66\x66\x48\xe8", 4) ||
	     matches(run, offset + 8, "\x66\x48\x67\xe8", 4) ||
	     matches(run, offset + 8, "\x66\x48\xff\x15", 4))) {
		emit_pair(run, offset, "\x64\x48\x8b\x04\x25\0\0\0\0", 9, "\x48\x81\xc0\0\0\0\0",
			  7);
		return 16;
	}
	if (matches(run, offset, "\x66\x66\x66\x64\x48\x8b\x04\x25\0\0\0\0", 12)) {
		run->dynamic = true;
		emit_pair(run, offset, "\x48\x8d\x3d\0\0\0\0", 7, "\xe8\0\0\0\0", 5);
		return 12;
	}
	if (matches(run, offset, "\x66\x66\x66\x66\x64\x48\x8b\x04\x25\0\0\0\0", 13)) {
		run->dynamic = true;
		emit_pair(run, offset, "\x48\x8d\x3d\0\0\0\0", 7, "\x67\xe8\0\0\0\0", 6);
		return 13;
	}
	return 0;
}

/*
 * CALL *(%rax) behind an address in RAX: what a thread variable's descriptor is called with.
 * Linkers that know the variable's distance load it instead, and put a NOP there.
 */
static void descriptor_call(struct run *run, struct token *token)
{
	bool call = token->at[0] == 0xff && token->at[1] == 0x10;
	bool nop = token->at[0] == 0x66 && token->at[1] == 0x90;

	if (token->length != 2 || run->address == ADDRESS_NONE || (!call && !nop))
		return;
	if (call)
		memcpy(token->bytes, "\x66\x90", 2);
	token->dropped = true;
	if (call || run->address == ADDRESS_NUMBER)
		run->thread = run->dynamic = true;
	run->address = ADDRESS_NONE;
}

/* What an instruction leaves in RAX, as far as the rule above needs it. */
static void notice_address(struct run *run, const struct token *token)
{
	if (memcmp(token->bytes, "\x48\x8d\x05", 3) == 0)
		run->address = token->in.opcode == 0xc7 ? ADDRESS_NUMBER : ADDRESS_PLACE;
}

static void plain(struct run *run, struct token *token)
{
	bool general = token->in.map == 0 &&
		       (token->in.encoding == X86_LEGACY || token->in.encoding == X86_REX2);

	displacement(run, token);
	if (general && token->in.immediate_size)
		immediate(run, token);
	descriptor_call(run, token);
	if (general && token->in.encoding == X86_LEGACY)
		drop_notrack(token);
	if (general && token->in.flags & X86_RIP_RELATIVE) {
		if (token->in.opcode == 0xff)
			notice_helper(run, token);
		canonical_load(run, token);
	} else if (general) {
		canonical_relaxed(run, token);
	}
	notice_address(run, token);
	emit_strict(run, token->bytes, token->length);
	fingerprint_count(run->scratch, token->offset, !token->dropped);
	if (token->leaves)
		emit_branch(run, JUMP, UINT32_MAX);
	else if (!token->dropped)
		emit_loose(run, token->bytes, token->length);
}

/* One instruction; the bytes it takes, or 0 when there is none. */
static unsigned step(struct run *run, uint32_t offset)
{
	size_t room = run->code->bytes.len - offset;
	struct token token = {.at = run->code->bytes.ptr + offset, .offset = offset};
	unsigned length = length_x86(token.at, room, &token.in), taken;

	if (!length)
		return 0;
	token.length = (uint8_t)length;
	taken = thread_sequence(run, &token);
	if (taken) {
		skip_relocations(run, offset + taken);
		return taken;
	}
	if (is_landing_mark(&token)) {
		fingerprint_count(run->scratch, offset, false);
		return length;
	}
	memcpy(token.bytes, token.at, room < TOKEN_ROOM ? length : TOKEN_ROOM);
	if (run->relocation < run->code->relocation_count)
		apply_relocations(run, &token);
	if (token.in.flags & X86_BRANCH) {
		fingerprint_count(run->scratch, offset, true);
		run->address = ADDRESS_NONE;
		if (token.in.map == 0 && token.in.opcode == 0xe8)
			notice_helper(run, &token);
		branch(run, &token);
	} else {
		token.dropped = is_nop(&token.in);
		plain(run, &token);
	}
	return length;
}

static bool run_over(struct run *run)
{
	struct fingerprint_scratch *scratch = run->scratch;
	uint32_t offset = 0;

	run->strict = scratch->strict.ptr;
	run->loose = scratch->loose.ptr;
	run->relocation = 0;
	run->address = ADDRESS_NONE;
	run->thread_missed = run->dynamic_missed = false;
	scratch->branches.len = scratch->targets.len = 0;
	scratch->instructions = scratch->masked = 0;
	while (offset < run->code->bytes.len) {
		unsigned taken = step(run, offset);

		if (!taken)
			return false;
		offset += taken;
	}
	scratch->strict.len = (size_t)(run->strict - scratch->strict.ptr);
	scratch->loose.len = (size_t)(run->loose - scratch->loose.ptr);
	return true;
}

bool fingerprint_x86(const struct fingerprint_file *file, const struct fingerprint_code *code,
		     struct fingerprint_scratch *scratch)
{
	struct run run = {.file = file, .code = code, .scratch = scratch};

	if (!run_over(&run))
		return false;
	/* What the function uses was learnt too late for its first instructions: once more. */
	if ((run.thread && run.thread_missed) || (run.dynamic && run.dynamic_missed))
		return run_over(&run);
	return true;
}
