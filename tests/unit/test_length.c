/* SPDX-License-Identifier: BSD-2-Clause */
/* The x86-64 length decoder: one row per form of instruction, and any bytes at all. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "binary/length_x86.h"

#define RIP X86_RIP_RELATIVE

struct row {
	const char *bytes;
	uint8_t length; /* 0: no instruction; bytes behind it are padding */
	uint8_t map, opcode, displacement_at, displacement_size, immediate_at, immediate_size;
	uint8_t flags; /* RIP and X86_BRANCH only */
	const char *text;
};

/* Lengths and fields as binutils 2.40 prints them. */
static const struct row rows[] = {
    {"\x90", 1, 0, 0x90, 0, 0, 0, 0, 0, "nop"},
    {"\x41\x55", 2, 0, 0x55, 0, 0, 0, 0, 0, "push %r13"},
    {"\x48\x89\xe5", 3, 0, 0x89, 0, 0, 0, 0, 0, "mov %rsp,%rbp"},
    {"\x8b\x45\xfc", 3, 0, 0x8b, 2, 1, 0, 0, 0, "mov -4(%rbp),%eax"},
    {"\x8b\x05\1\2\3\4", 6, 0, 0x8b, 2, 4, 0, 0, RIP, "mov x(%rip),%eax"},
    {"\x8b\x04\x25\1\2\3\4", 7, 0, 0x8b, 3, 4, 0, 0, 0, "mov 0x4030201,%eax"},
    {"\x8b\x44\x24\x08", 4, 0, 0x8b, 3, 1, 0, 0, 0, "mov 8(%rsp),%eax"},
    {"\x8b\x84\x24\1\2\3\4", 7, 0, 0x8b, 3, 4, 0, 0, 0, "mov x(%rsp),%eax"},
    {"\x8b\x04\xb5\1\2\3\4", 7, 0, 0x8b, 3, 4, 0, 0, 0, "mov x(,%rsi,4),%eax"},
    {"\x8b\x44\x8d\x10", 4, 0, 0x8b, 3, 1, 0, 0, 0, "mov 16(%rbp,%rcx,4),%eax"},
    {"\xe8\1\2\3\4", 5, 0, 0xe8, 0, 0, 1, 4, X86_BRANCH, "call"},
    {"\x66\xe8\1\2\3\4", 6, 0, 0xe8, 0, 0, 2, 4, X86_BRANCH, "data16 call, as on Intel's"},
    {"\xeb\x10", 2, 0, 0xeb, 0, 0, 1, 1, X86_BRANCH, "jmp"},
    {"\x0f\x84\1\2\3\4", 6, 1, 0x84, 0, 0, 2, 4, X86_BRANCH, "je"},
    {"\xe3\x10", 2, 0, 0xe3, 0, 0, 1, 1, X86_BRANCH, "jrcxz"},
    {"\xc7\xf8\1\2\3\4", 6, 0, 0xc7, 0, 0, 2, 4, X86_BRANCH, "xbegin"},
    {"\x48\xc7\xc0\1\2\3\4", 7, 0, 0xc7, 0, 0, 3, 4, 0, "mov $x,%rax"},
    {"\xc7\x05\1\2\3\4\5\6\7\x08", 10, 0, 0xc7, 2, 4, 6, 4, RIP, "movl $x,y(%rip)"},
    {"\x66\xc7\x44\x24\4\1\2", 7, 0, 0xc7, 4, 1, 5, 2, 0, "movw $x,4(%rsp)"},
    {"\x48\xb8\1\2\3\4\5\6\7\x08", 10, 0, 0xb8, 0, 0, 2, 8, 0, "movabs $x,%rax"},
    {"\x66\xb8\1\2", 4, 0, 0xb8, 0, 0, 2, 2, 0, "mov $x,%ax"},
    {"\xb8\1\2\3\4", 5, 0, 0xb8, 0, 0, 1, 4, 0, "mov $x,%eax"},
    {"\x66\x48\x05\1\2\3\4", 7, 0, 0x05, 0, 0, 3, 4, 0, "data16 add $x,%rax"},
    {"\xa1\1\2\3\4\5\6\7\x08", 9, 0, 0xa1, 0, 0, 1, 8, 0, "movabs x,%eax"},
    {"\x67\xa1\1\2\3\4", 6, 0, 0xa1, 0, 0, 2, 4, 0, "addr32 mov x,%eax"},
    {"\xf6\xc1\1", 3, 0, 0xf6, 0, 0, 2, 1, 0, "test $1,%cl"},
    {"\xf6\xd1", 2, 0, 0xf6, 0, 0, 0, 0, 0, "not %cl"},
    {"\x48\xf7\xc7\1\2\3\4", 7, 0, 0xf7, 0, 0, 3, 4, 0, "test $x,%rdi"},
    {"\xf7\xd8", 2, 0, 0xf7, 0, 0, 0, 0, 0, "neg %eax"},
    {"\xc8\1\2\3", 4, 0, 0xc8, 0, 0, 1, 3, 0, "enter"},
    {"\xc2\1\2", 3, 0, 0xc2, 0, 0, 1, 2, 0, "ret $x"},
    {"\x6b\xc0\x0a", 3, 0, 0x6b, 0, 0, 2, 1, 0, "imul $10,%eax,%eax"},
    {"\x69\xc0\1\2\3\4", 6, 0, 0x69, 0, 0, 2, 4, 0, "imul $x,%eax,%eax"},
    {"\x68\1\2\3\4", 5, 0, 0x68, 0, 0, 1, 4, 0, "push $x"},
    {"\xf3\x0f\x1e\xfa", 4, 1, 0x1e, 0, 0, 0, 0, 0, "endbr64"},
    {"\x66\x2e\x0f\x1f\x84\0\0\0\0\0", 10, 1, 0x1f, 6, 4, 0, 0, 0, "nopw"},
    {"\x64\x48\x8b\x04\x25\x28\0\0\0", 9, 0, 0x8b, 5, 4, 0, 0, 0, "mov %fs:40,%rax"},
    {"\x0f\x20\xc0", 3, 1, 0x20, 0, 0, 0, 0, 0, "mov %cr0,%rax"},
    {"\x0f\x20\x05", 3, 1, 0x20, 0, 0, 0, 0, 0, "the same: both are registers"},
    {"\x0f\x05", 2, 1, 0x05, 0, 0, 0, 0, 0, "syscall"},
    {"\x0f\x0b", 2, 1, 0x0b, 0, 0, 0, 0, 0, "ud2"},
    {"\x0f\xba\xe0\5", 4, 1, 0xba, 0, 0, 3, 1, 0, "bt $5,%eax"},
    {"\x0f\xa4\xd0\5", 4, 1, 0xa4, 0, 0, 3, 1, 0, "shld"},
    {"\x66\x0f\x70\xc0\x4e", 5, 1, 0x70, 0, 0, 4, 1, 0, "pshufd"},
    {"\x66\x0f\x38\x00\xc1", 5, 2, 0x00, 0, 0, 0, 0, 0, "pshufb"},
    {"\x66\x0f\x3a\x0f\xc1\4", 6, 3, 0x0f, 0, 0, 5, 1, 0, "palignr"},
    {"\x66\x0f\x78\xc0\1\2", 6, 1, 0x78, 0, 0, 4, 2, 0, "extrq $1,$2,%xmm0"},
    {"\x0f\x0f\xc1\x9e", 4, 1, 0x0f, 0, 0, 3, 1, 0, "pfadd"},
    {"\xc5\xf8\x77", 3, 1, 0x77, 0, 0, 0, 0, 0, "vzeroupper"},
    {"\xc5\xfd\x6f\x05\1\2\3\4", 8, 1, 0x6f, 4, 4, 0, 0, RIP, "vmovdqa x(%rip),%ymm0"},
    {"\xc5\xf9\x70\xc8\xee", 5, 1, 0x70, 0, 0, 4, 1, 0, "vpshufd"},
    {"\xc4\xe2\x65\x36\x04\x95\1\2\3\4", 10, 2, 0x36, 6, 4, 0, 0, 0, "vpermd x(,%rdx,4)"},
    {"\xc4\xe3\x7d\x39\xc1\1", 6, 3, 0x39, 0, 0, 5, 1, 0, "vextracti128"},
    {"\x62\xf1\x7c\x48\x28\x41\1", 7, 1, 0x28, 6, 1, 0, 0, 0, "vmovaps 64(%rcx),%zmm0"},
    {"\x62\xf2\x7d\x48\x79\x38", 6, 2, 0x79, 0, 0, 0, 0, 0, "vpbroadcastw (%rax),%zmm7"},
    {"\x62\xf3\x7d\x48\x3b\xc9\1", 7, 3, 0x3b, 0, 0, 6, 1, 0, "vextracti32x8"},
    {"\x62\xf5\x7c\x48\x58\xc1", 6, 5, 0x58, 0, 0, 0, 0, 0, "vaddph, of AVX512-FP16"},
    {"\x8f\xe8\x78\xa2\xc1\x10", 6, 8, 0xa2, 0, 0, 5, 1, 0, "vpcmov, of XOP"},
    {"\x8f\xea\x78\x10\xc1\1\2\3\4", 9, 10, 0x10, 0, 0, 5, 4, 0, "bextr $x, of TBM"},
    {"\x8f\xc0", 2, 0, 0x8f, 0, 0, 0, 0, 0, "pop %rax"},
    {"\xd5\x48\x8b\x05\1\2\3\4", 8, 0, 0x8b, 4, 4, 0, 0, RIP, "mov x(%rip),%r16"},
    {"\x66\x66\x48\xe8\1\2\3\4", 8, 0, 0xe8, 0, 0, 4, 4, X86_BRANCH, "call __tls_get_addr"},
    {"\x06", 0, 0, 0, 0, 0, 0, 0, 0, "push %es, of 32-bit mode"},
    {"\xea", 0, 0, 0, 0, 0, 0, 0, 0, "far jump, of 32-bit mode"},
    {"\x0f\x04", 0, 0, 0, 0, 0, 0, 0, 0, "no instruction"},
    {"\x66\xc5\xf8\x77", 0, 0, 0, 0, 0, 0, 0, 0, "66 before VEX"},
    {"\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66", 0, 0, 0, 0, 0, 0, 0, 0,
     "too many prefixes"},
};

static void forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct x86_instruction got;
		uint8_t bytes[40];

		memset(bytes, 0x90, sizeof(bytes));
		memcpy(bytes, row->bytes, row->length ? row->length : strlen(row->bytes));
		if (length_x86(bytes, sizeof(bytes), &got) != row->length)
			fail_msg("%s: %u bytes, not %u", row->text, row->length,
				 length_x86(bytes, sizeof(bytes), &got));
		if (!row->length)
			continue;
		if (got.map != row->map || got.opcode != row->opcode ||
		    got.displacement_at != row->displacement_at ||
		    got.displacement_size != row->displacement_size ||
		    got.immediate_at != row->immediate_at ||
		    got.immediate_size != row->immediate_size ||
		    (got.flags & (RIP | X86_BRANCH)) != row->flags)
			fail_msg("%s: map %u opcode %x displacement %u+%u immediate %u+%u flags %x",
				 row->text, got.map, got.opcode, got.displacement_at,
				 got.displacement_size, got.immediate_at, got.immediate_size,
				 got.flags);
	}
}

/* Every row cut short, in memory that ends where the room ends. */
static void cut_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t room = 0; room <= rows[i].length; room++) {
			uint8_t *bytes = malloc(room + !room);
			struct x86_instruction got;

			assert_non_null(bytes);
			memcpy(bytes, rows[i].bytes, room);
			assert_int_equal(length_x86(bytes, room, &got),
					 room == rows[i].length ? room : 0);
			free(bytes);
		}
}

/* Fields lie inside, and what lies behind an instruction does not change its length. */
static void any_bytes(void **state)
{
	uint64_t seed = 12345;

	(void)state;
	for (unsigned i = 0; i < 2000000; i++) {
		struct x86_instruction got, again;
		uint8_t bytes[48];
		unsigned length;

		for (size_t j = 0; j < sizeof(bytes); j++) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
			bytes[j] = (uint8_t)(seed >> 56);
		}
		length = length_x86(bytes, sizeof(bytes), &got);
		assert_true(length <= X86_LENGTH_MAX);
		if (!length)
			continue;
		assert_true(got.displacement_at + got.displacement_size <= length);
		assert_true(got.immediate_at + got.immediate_size <= length);
		assert_true(got.modrm_at < length);
		assert_int_equal(length_x86(bytes, length, &again), length);
		assert_memory_equal(&got, &again, sizeof(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(forms),
	    cmocka_unit_test(cut_short),
	    cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
