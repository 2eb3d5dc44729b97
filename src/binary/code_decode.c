/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes to operations, through capstone; keeps count of what it could not decode. */
#include <stdlib.h>

#include <capstone/capstone.h>
#include <elf.h>

#include "binary/code_ops.h"
#include "util/memory.h"

struct code_decoder {
	csh handle;
	cs_insn *instruction;
	uint16_t machine;
};

static const struct code_machine x86_machine = {
    .stack_pointer = 4,
    .frame_pointer = 5,
    .result = 0,
    .link = CODE_NO_REGISTER,
    .arguments = {7, 6, 2, 1, 8, 9},
    .argument_count = 6,
    .preserved = 1u << 3 | 1u << 4 | 1u << 5 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 15,
    .entry_stack = 8,
    .stack_arguments = 8,
    .step = 0,
};

static const struct code_machine arm64_machine = {
    .stack_pointer = 31,
    .frame_pointer = 29,
    .result = 0,
    .link = 30,
    .arguments = {0, 1, 2, 3, 4, 5, 6, 7},
    .argument_count = 8,
    .preserved = 0x3ff80000u | 1u << 31,
    .entry_stack = 0,
    .stack_arguments = 0,
    .step = 4,
};

struct code_decoder *code_decoder_new(uint16_t machine)
{
	struct code_decoder *decoder = memory_calloc(1, sizeof(*decoder));
	bool x86 = machine == EM_X86_64;

	decoder->machine = machine;
	if (cs_open(x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, x86 ? CS_MODE_64 : CS_MODE_LITTLE_ENDIAN,
		    &decoder->handle) != CS_ERR_OK) {
		free(decoder);
		return NULL;
	}
	cs_option(decoder->handle, CS_OPT_DETAIL, CS_OPT_ON);
	decoder->instruction = cs_malloc(decoder->handle);
	if (!decoder->instruction) {
		cs_close(&decoder->handle);
		free(decoder);
		return NULL;
	}
	return decoder;
}

void code_decoder_free(struct code_decoder *decoder)
{
	if (!decoder)
		return;
	cs_free(decoder->instruction, 1);
	cs_close(&decoder->handle);
	free(decoder);
}

const struct code_machine *code_decoder_machine(const struct code_decoder *decoder)
{
	return decoder->machine == EM_X86_64 ? &x86_machine : &arm64_machine;
}

static void finish_instruction(struct code_ops *ops, size_t first, uint64_t address, size_t length)
{
	if (first == ops->len)
		return;
	for (size_t i = first; i < ops->len; i++) {
		ops->ptr[i].address = address;
		ops->ptr[i].length = (uint32_t)length;
	}
	ops->ptr[ops->len - 1].last = true;
}

static size_t skip(const struct code_decoder *decoder, struct slice code, uint64_t address,
		   struct code_ops *ops)
{
	return decoder->machine == EM_X86_64 ? code_x86_skip(code, address, ops)
					     : code_arm64_skip(code, address, ops);
}

void code_decode(struct code_decoder *decoder, struct slice code, uint64_t address,
		 struct code_ops *ops, struct code_decoded *counts)
{
	const uint8_t *at = code.ptr;
	size_t left = code.len;

	while (left) {
		size_t first = ops->len, length;
		uint64_t here = address;

		counts->instructions++;
		if (cs_disasm_iter(decoder->handle, &at, &left, &address, decoder->instruction)) {
			length = (size_t)(address - here);
			counts->decoded += length;
			if (decoder->machine == EM_X86_64)
				code_x86_translate(decoder->instruction, ops);
			else
				code_arm64_translate(decoder->instruction, ops);
			finish_instruction(ops, first, here, length);
			continue;
		}
		length = skip(decoder, slice_of(at, left), here, ops);
		if (!length || length > left) {
			code_op_add(ops, OP_STOP)->number = CODE_STOP_UNDECODED;
			finish_instruction(ops, first, here, left);
			counts->undecoded += left;
			return;
		}
		finish_instruction(ops, first, here, length);
		counts->undecoded += length;
		at += length;
		left -= length;
		address += length;
	}
}
