/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .eh_frame as a list of address ranges. Format: Linux Standard Base, "DWARF Extensions"; pointer
 * encodings are DW_EH_PE_*. Unwind instructions are not looked at.
 */
#include "binary/code_functions.h"
#include "util/budget.h"

#define ENCODING_OMIT 0xff
#define ENCODING_INDIRECT 0x80

struct frames {
	const struct code_image *image;
	struct slice bytes; /* from .eh_frame on */
	uint64_t address;   /* of bytes */
};

static uint64_t read_uleb(struct cursor *cursor)
{
	uint64_t value = 0;
	unsigned shift = 0;

	for (;;) {
		uint8_t byte = cursor_u8(cursor);

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80) || cursor->bad)
			return value;
	}
}

static uint64_t extend(uint64_t value, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	return (value ^ sign) - sign;
}

/* The number alone; sizes and formats that code addresses do not use make the cursor bad. */
static uint64_t read_number(struct cursor *cursor, uint8_t encoding)
{
	switch (encoding & 0x0f) {
	case 0x00: /* absptr */
	case 0x04: /* udata8 */
	case 0x0c: /* sdata8 */
		return cursor_u64(cursor);
	case 0x03: /* udata4 */
		return cursor_u32(cursor);
	case 0x0b: /* sdata4 */
		return extend(cursor_u32(cursor), 32);
	case 0x02: /* udata2 */
		return cursor_u16(cursor);
	case 0x0a: /* sdata2 */
		return extend(cursor_u16(cursor), 16);
	default:
		cursor->bad = true;
		return 0;
	}
}

/* A pointer whose own place is address + cursor->pos. */
static uint64_t read_pointer(struct cursor *cursor, uint8_t encoding, uint64_t address,
			     uint64_t data_base)
{
	uint64_t place = address + cursor->pos;
	uint64_t value = read_number(cursor, encoding);

	switch (encoding & 0x70) {
	case 0x00:
		return value;
	case 0x10: /* pcrel */
		return value + place;
	case 0x30: /* datarel */
		return value + data_base;
	default:
		cursor->bad = true;
		return 0;
	}
}

/* The pointer encoding of the frames of a CIE: augmentation 'R'; ENCODING_OMIT when unreadable. */
static uint8_t read_cie(const struct frames *frames, struct slice content)
{
	struct cursor cursor = cursor_of(content, false);
	const char *augmentation;
	uint8_t encoding = 0, version;
	size_t length;

	(void)frames;
	version = cursor_u8(&cursor);
	if (!slice_cstr(content, 1, &augmentation, &length))
		return ENCODING_OMIT;
	cursor_seek(&cursor, 1 + length + 1);
	if (version == 4)
		cursor_u16(&cursor); /* address and segment selector sizes */
	read_uleb(&cursor);	     /* code alignment */
	read_uleb(&cursor);	     /* data alignment */
	if (version == 1)
		cursor_u8(&cursor);
	else
		read_uleb(&cursor); /* return address register */
	if (augmentation[0] != 'z')
		return cursor.bad || length ? ENCODING_OMIT : 0;
	read_uleb(&cursor);
	for (size_t i = 1; i < length; i++) {
		if (augmentation[i] == 'R')
			encoding = cursor_u8(&cursor);
		else if (augmentation[i] == 'P')
			read_number(&cursor, cursor_u8(&cursor));
		else if (augmentation[i] == 'L')
			cursor_u8(&cursor);
		else if (augmentation[i] != 'S' && augmentation[i] != 'B')
			return ENCODING_OMIT; /* what follows cannot be told apart */
	}
	return cursor.bad ? ENCODING_OMIT : encoding;
}

static void add_fde(const struct frames *frames, struct code_functions *functions,
		    struct slice content, uint64_t content_at, uint8_t encoding)
{
	struct cursor cursor = cursor_of(content, false);
	uint64_t start, size;

	if (encoding == ENCODING_OMIT || (encoding & ENCODING_INDIRECT))
		return;
	start = read_pointer(&cursor, encoding, frames->address + content_at, 0);
	size = read_number(&cursor, encoding & 0x0f);
	if (cursor.bad || !size || start + size < start ||
	    !code_image_code(frames->image, start) || functions->list.len >= BUDGET_CODE_FUNCTIONS)
		return;
	vec_push(&functions->list, ((struct code_function){start, start + size}));
}

static void read_entries(const struct frames *frames, struct code_functions *functions)
{
	uint64_t cie_at = UINT64_MAX, at = 0;
	uint8_t encoding = ENCODING_OMIT;

	while (frames->bytes.len - at >= 8) {
		struct cursor cursor = cursor_of(frames->bytes, false);
		uint64_t size, body, id, owner;
		struct slice content;

		cursor_seek(&cursor, at);
		size = cursor_u32(&cursor);
		if (!size)
			return; /* the terminator */
		if (size == UINT32_MAX)
			size = cursor_u64(&cursor);
		body = cursor.pos;
		id = cursor_u32(&cursor);
		if (cursor.bad || size < 4 ||
		    !slice_sub(frames->bytes, body + 4, size - 4, &content))
			return;
		if (!id) {
			cie_at = at;
			encoding = read_cie(frames, content);
		} else {
			owner = body - id; /* wraps for nonsense and then matches nothing */
			if (owner != cie_at) {
				struct slice cie;
				struct cursor other = cursor_of(frames->bytes, false);
				uint32_t cie_size;

				cursor_seek(&other, owner);
				cie_size = cursor_u32(&other);
				cie_at = owner;
				encoding = ENCODING_OMIT;
				if (!other.bad && cie_size >= 4 && cie_size != UINT32_MAX &&
				    slice_sub(frames->bytes, owner + 8, cie_size - 4, &cie))
					encoding = read_cie(frames, cie);
			}
			add_fde(frames, functions, content, body + 4, encoding);
		}
		at = body + size;
	}
}

/* The section when it is there, else what PT_GNU_EH_FRAME points to. */
static bool find_frames(const struct code_image *image, struct frames *ret)
{
	uint64_t offset;

	*ret = (struct frames){.image = image};
	vec_each (section, &image->builder->sections)
		if (section->name.length == 9 &&
		    strcmp(image->builder->strings.ptr + section->name.offset, ".eh_frame") == 0 &&
		    section->type != SHT_NOBITS &&
		    slice_sub(image->in->bytes, section->offset, section->size, &ret->bytes)) {
			ret->address = section->address;
			return true;
		}
	for (size_t i = 0; i < image->in->segment_count; i++) {
		const GElf_Phdr *segment = &image->in->segments[i];
		struct cursor cursor;
		struct slice header;
		uint8_t encoding;

		if (segment->p_type != PT_GNU_EH_FRAME ||
		    !elf_input_at_address(image->in, segment->p_vaddr, &header, &offset))
			continue;
		cursor = cursor_of(header, false);
		if (cursor_u8(&cursor) != 1)
			return false;
		encoding = cursor_u8(&cursor);
		cursor_u16(&cursor); /* encodings of the count and the table */
		ret->address =
		    read_pointer(&cursor, encoding, segment->p_vaddr, segment->p_vaddr);
		return !cursor.bad && encoding != ENCODING_OMIT &&
		       elf_input_at_address(image->in, ret->address, &ret->bytes, &offset);
	}
	return false;
}

void code_frames_read(const struct code_image *image, struct code_functions *functions)
{
	struct frames frames;

	if (find_frames(image, &frames))
		read_entries(&frames, functions);
	functions->from_frames = functions->list.len;
}
