/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Canonical forms: pairs of code that linkers make of each other have one strict fingerprint, pairs
 * that differ in anything else have two.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "binary/fingerprint.h"

/* Code as hexadecimal digits; relocations of the first side by offset and type. */
struct pair {
	const char *object, *linked;
	struct fingerprint_relocation relocations[3];
	size_t relocation_count;
	bool strict, loose; /* whether these agree */
	const char *text;
};

static const struct pair x86[] = {
    {"e800000000c3", "e812345678c3", {{1, R_X86_64_PLT32, false}}, 1, true, true, "call"},
    {"488b0500000000c3",
     "488d0511223344c3",
     {{3, R_X86_64_REX_GOTPCRELX, false}},
     1,
     true,
     true,
     "load from the GOT as LEA"},
    {"4c8b0500000000c3",
     "49c7c011223344c3",
     {{3, R_X86_64_REX_GOTPCRELX, false}},
     1,
     true,
     true,
     "the same as MOV, with another register"},
    {"488b0500000000c3",
     "488d0d11223344c3",
     {{3, R_X86_64_REX_GOTPCRELX, false}},
     1,
     false,
     false,
     "another register"},
    {"ff1500000000c3",
     "67e811223344c3",
     {{2, R_X86_64_GOTPCRELX, false}},
     1,
     true,
     true,
     "call through the GOT"},
    {"ff2500000000",
     "e91122334490",
     {{2, R_X86_64_GOTPCRELX, false}},
     1,
     true,
     true,
     "jump through the GOT"},
    {"66488d3d00000000666648e800000000c3",
     "64488b042500000000488d80fcffffffc3",
     {{4, R_X86_64_TLSGD, false}, {12, R_X86_64_PLT32, true}},
     2,
     true,
     true,
     "thread variable, general dynamic to local exec"},
    {"66488d3d00000000666648e800000000c3",
     "64488b042500000000480305112233f0c3",
     {{4, R_X86_64_TLSGD, false}, {12, R_X86_64_PLT32, true}},
     2,
     true,
     true,
     "to initial exec"},
    {"488d3d00000000e800000000488d9000000000c3",
     "66666664488b042500000000488d9000ffffffc3",
     {{3, R_X86_64_TLSLD, false}, {8, R_X86_64_PLT32, true}, {15, R_X86_64_DTPOFF32, false}},
     3,
     true,
     true,
     "local dynamic to local exec"},
    {"488b0500000000648b00c3",
     "48c7c0f0ffffff648b00c3",
     {{3, R_X86_64_GOTTPOFF, false}},
     1,
     true,
     true,
     "initial exec to local exec"},
    {"48c7c0f0ffffffc3",
     "48c7c0e0ffffffc3",
     {{0}},
     0,
     false,
     false,
     "error codes, where there is no thread variable"},
    {"b805000000c3", "b806000000c3", {{0}}, 0, false, false, "a constant"},
    {"8b8780000000c3", "8b8784000000c3", {{0}}, 0, false, false, "a member of a structure"},
    {"7502ebfec3", "7500ebfec3", {{0}}, 0, false, false, "a branch inside"},
    {"31c07402ffc0c3", "31c00f8402000000ffc0c3", {{0}}, 0, false, true, "short and long branch"},
    {"f30f1efa31c0c3", "31c0c3", {{0}}, 0, true, true, "landing mark"},
    {"31c00f1f4000ffc0c3", "31c0ffc0c3", {{0}}, 0, false, true, "padding"},
    {"3effe0", "ffe0", {{0}}, 0, true, true, "NOTRACK"},
    {"e900000000", "e911223344", {{1, R_X86_64_PLT32, false}}, 1, true, true, "tail call"},
    {"66b80100ebfa", "66b80100e9f7ffffff", {{0}}, 0, false, true, "jump to the start"},
};

static const struct pair arm64[] = {
    {"00000094c0035fd6", "34120094c0035fd6", {{0, R_AARCH64_CALL26, false}}, 1, true, true, "call"},
    {"0000009000000091c0035fd6",
     "a00000f000c00a91c0035fd6",
     {{0, R_AARCH64_ADR_PREL_PG_HI21, false}, {4, R_AARCH64_ADD_ABS_LO12_NC, false}},
     2,
     true,
     true,
     "address in two parts"},
    {"00000090000040f9c0035fd6",
     "a00000f000c00a91c0035fd6",
     {{0, R_AARCH64_ADR_GOT_PAGE, false}, {4, R_AARCH64_LD64_GOT_LO12_NC, false}},
     2,
     true,
     true,
     "load from the GOT as an addition"},
    {"0000009000000091c0035fd6",
     "1f2003d5a0000010c0035fd6",
     {{0, R_AARCH64_ADR_PREL_PG_HI21, false}, {4, R_AARCH64_ADD_ABS_LO12_NC, false}},
     2,
     true,
     true,
     "address in reach of ADR"},
    {"00000090010040f90000009120003fd6c0035fd6",
     "0000a0d2800280f21f2003d51f2003d5c0035fd6",
     {{0, R_AARCH64_TLSDESC_ADR_PAGE21, false},
      {4, R_AARCH64_TLSDESC_LD64_LO12, false},
      {8, R_AARCH64_TLSDESC_ADD_LO12, false}},
     3,
     true,
     true,
     "descriptor to local exec"},
    {"5f2403d500008052c0035fd6", "00008052c0035fd6", {{0}}, 0, false, true, "landing mark"},
    {"00008052c0035fd6", "20008052c0035fd6", {{0}}, 0, false, false, "a constant"},
    {"000440b9c0035fd6", "000840b9c0035fd6", {{0}}, 0, false, false, "a member of a structure"},
};

static size_t from_digits(const char *digits, uint8_t *bytes)
{
	size_t count = strlen(digits) / 2;

	for (size_t i = 0; i < count; i++) {
		char pair[3] = {digits[i * 2], digits[i * 2 + 1], 0};

		bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return count;
}

static struct facts_function fingerprint(uint16_t machine, const char *digits,
					 const struct fingerprint_relocation *relocations,
					 size_t count)
{
	struct fingerprint_file file = {.machine = machine, .relocatable = relocations != NULL};
	struct fingerprint_scratch scratch = {0};
	struct facts_function function = {0};
	uint8_t bytes[256];
	struct fingerprint_code code = {.bytes = {bytes, from_digits(digits, bytes)},
					.relocations = relocations,
					.relocation_count = count};

	fingerprint_function(&file, &code, &scratch, &function);
	fingerprint_release(&scratch);
	return function;
}

static bool equal(struct facts_fingerprint a, struct facts_fingerprint b)
{
	return a.low == b.low && a.high == b.high;
}

static void check_pairs(uint16_t machine, const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct pair *pair = &pairs[i];
		struct facts_function object =
		    fingerprint(machine, pair->object, pair->relocations, pair->relocation_count);
		struct facts_function linked = fingerprint(machine, pair->linked, NULL, 0);

		if ((object.flags | linked.flags) & FACTS_FUNCTION_UNDECODED)
			fail_msg("%s: not decoded", pair->text);
		if (equal(object.strict, linked.strict) != pair->strict)
			fail_msg("%s: strict", pair->text);
		if (equal(object.loose, linked.loose) != pair->loose)
			fail_msg("%s: loose", pair->text);
		assert_false(equal(object.raw, linked.raw));
		if (pair->loose)
			assert_int_equal(object.instructions, linked.instructions);
	}
}

static void x86_pairs(void **state)
{
	(void)state;
	check_pairs(EM_X86_64, x86, sizeof(x86) / sizeof(x86[0]));
}

static void arm64_pairs(void **state)
{
	(void)state;
	check_pairs(EM_AARCH64, arm64, sizeof(arm64) / sizeof(arm64[0]));
}

static void undecoded(void **state)
{
	struct facts_fingerprint none = {0, 0};
	static const struct {
		uint16_t machine;
		const char *digits;
	} cases[] = {
	    {EM_X86_64, "31c006c3"},	/* PUSH ES */
	    {EM_X86_64, "31c0e80000"},	/* ends inside of a call */
	    {EM_AARCH64, "c0035fd6ff"}, /* ends inside of an instruction */
	    {EM_AARCH64, "00000000"},	/* UDF */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct facts_function function =
		    fingerprint(cases[i].machine, cases[i].digits, NULL, 0);

		assert_true(function.flags & FACTS_FUNCTION_UNDECODED);
		assert_true(equal(function.strict, none) && equal(function.loose, none));
		assert_false(equal(function.raw, none));
		assert_int_equal(function.instructions, 0);
	}
}

/* Without a decoder: the bytes without their relocated fields. */
static void other_machine(void **state)
{
	static const struct fingerprint_relocation relocation = {4, R_RISCV_CALL_PLT, false};
	struct facts_function one = fingerprint(EM_RISCV, "1305000011223344", &relocation, 1);
	struct facts_function two = fingerprint(EM_RISCV, "1305000055667788", &relocation, 1);
	struct facts_function three = fingerprint(EM_RISCV, "1305000155667788", &relocation, 1);

	(void)state;
	assert_true(one.flags & FACTS_FUNCTION_MASKED_BYTES);
	assert_true(equal(one.strict, two.strict) && !equal(one.raw, two.raw));
	assert_false(equal(two.strict, three.strict));
	assert_int_equal(one.masked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(x86_pairs),
	    cmocka_unit_test(arm64_pairs),
	    cmocka_unit_test(undecoded),
	    cmocka_unit_test(other_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
