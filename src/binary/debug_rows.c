/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/debug_rows.h"

#define LENGTH_64 UINT32_MAX /* the 64-bit format of DWARF */
#define STANDARD_LENGTHS 256

enum { OPCODE_EXTENDED, OPCODE_COPY, OPCODE_SET_FILE = 4, OPCODE_FIXED_ADVANCE_PC = 9 };
enum { EXTENDED_END_SEQUENCE = 1 };

struct program {
	struct cursor cursor; /* over the instructions */
	uint8_t opcode_base;
	uint8_t lengths[STANDARD_LENGTHS]; /* operands of standard opcodes */
};

static uint64_t read_leb128(struct cursor *cursor)
{
	uint64_t value = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = cursor_u8(cursor);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while ((byte & 0x80) && !cursor->bad);
	return value;
}

/* The header, of which only what leads to the instructions matters. */
static bool open_program(struct slice section, uint64_t offset, bool big_endian,
			 struct program *ret)
{
	struct cursor cursor;
	struct slice table, instructions;
	uint64_t length, header_length, start;
	uint16_t version;
	bool is_64;

	if (offset > section.len || !slice_sub(section, offset, section.len - offset, &table))
		return false;
	cursor = cursor_of(table, big_endian);
	length = cursor_u32(&cursor);
	is_64 = length == LENGTH_64;
	if (is_64)
		length = cursor_u64(&cursor);
	if (cursor.bad || !slice_sub(table, 0, cursor.pos + length, &table) || length > table.len)
		return false;
	version = cursor_u16(&cursor);
	if (version < 2 || version > 5)
		return false;
	if (version >= 5)
		cursor_u16(&cursor); /* sizes of addresses and segment selectors */
	header_length = is_64 ? cursor_u64(&cursor) : cursor_u32(&cursor);
	if (cursor.bad || __builtin_add_overflow(cursor.pos, header_length, &start))
		return false;
	/* Instruction length, operations, is_stmt, line base and range. */
	cursor_bytes(&cursor, version >= 4 ? 5 : 4);
	ret->opcode_base = cursor_u8(&cursor);
	for (unsigned i = 1; i < ret->opcode_base; i++)
		ret->lengths[i] = cursor_u8(&cursor);
	if (cursor.bad || start > table.len ||
	    !slice_sub(table, start, table.len - start, &instructions))
		return false;
	ret->cursor = cursor_of(instructions, big_endian);
	return true;
}

static bool add_row(struct debug_rows *rows, uint64_t file)
{
	if (!rows->remaining)
		return false;
	rows->remaining--;
	if (file < rows->count)
		rows->counts[file]++;
	return true;
}

/* Those without operands of their own kind take as many LEB128 numbers as the header says. */
static void run_standard(struct program *program, uint8_t opcode, uint64_t *file)
{
	if (opcode == OPCODE_SET_FILE) {
		*file = read_leb128(&program->cursor);
	} else if (opcode == OPCODE_FIXED_ADVANCE_PC) {
		cursor_u16(&program->cursor);
	} else {
		for (unsigned i = 0; i < program->lengths[opcode]; i++)
			read_leb128(&program->cursor);
	}
}

bool debug_rows_add(struct slice section, uint64_t offset, bool big_endian, struct debug_rows *rows)
{
	struct program program;
	struct cursor *cursor = &program.cursor;
	uint64_t file = 1;

	if (!open_program(section, offset, big_endian, &program))
		return false;
	while (cursor->pos < cursor->in.len && !cursor->bad) {
		uint8_t opcode = cursor_u8(cursor);

		if (opcode == OPCODE_EXTENDED) {
			uint64_t length = read_leb128(cursor);
			struct slice operation = cursor_bytes(cursor, length);

			if (operation.len && operation.ptr[0] == EXTENDED_END_SEQUENCE)
				file = 1;
		} else if (opcode >= program.opcode_base || opcode == OPCODE_COPY) {
			if (!add_row(rows, file))
				return false;
		} else {
			run_standard(&program, opcode, &file);
		}
	}
	return !cursor->bad;
}
