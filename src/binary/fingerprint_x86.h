/* SPDX-License-Identifier: BSD-2-Clause */
/* What the halves of the canonical forms of x86-64 share: fields, and whole instructions. */
#ifndef BINARY_FINGERPRINT_X86_H
#define BINARY_FINGERPRINT_X86_H

#include "binary/fingerprint.h"
#include "binary/length_x86.h"

#define TOKEN_ROOM 16
#define REX_W 0x08

struct x86_run {
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
struct x86_token {
	const uint8_t *at; /* as it is */
	uint32_t offset;
	struct x86_instruction in;
	uint8_t bytes[TOKEN_ROOM], length; /* canonical */
	bool displacement_relocated, immediate_relocated, helper_relocated;
	bool leaves;  /* a jump out of the function, through memory or not */
	bool dropped; /* not in the loose form */
};

static inline int32_t read32(const uint8_t *at)
{
	return (int32_t)((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
			 (uint32_t)at[3] << 24);
}

/* A number that may be the distance of a thread variable from the end of the block. */
bool x86_thread_distance(struct x86_run *run, int32_t value);
/* Any number may be a distance from the start of the module's block of thread variables. */
bool x86_dynamic_block(struct x86_run *run);
/* Zeroes a field, and counts it. */
void x86_mask(struct x86_run *run, struct x86_token *token, unsigned at, unsigned size);
/* Zeroes what relocations of an object file fill in this instruction. */
void x86_relocations(struct x86_run *run, struct x86_token *token);
/* Zero the displacement or the immediate where linkers set it. */
void x86_displacement(struct x86_run *run, struct x86_token *token);
void x86_immediate(struct x86_run *run, struct x86_token *token);

#endif
