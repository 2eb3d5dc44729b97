/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .eh_frame as a list of address ranges. Format: Linux Standard Base, "DWARF Extensions"; pointer
 * encodings are DW_EH_PE_*. Of unwind instructions only the first is looked at.
 */
#include "binary/code_functions.h"
#include "util/budget.h"

#define ENCODING_OMIT 0xff
#define ENCODING_INDIRECT 0x80

struct frames {
	const struct code_image *image;
	struct code_functions *functions;
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

/* What a CIE says of its frames. */
struct cie {
	uint8_t encoding; /* of pointers: augmentation 'R'; ENCODING_OMIT when unreadable */
	bool augmented;	  /* frames have augmentation data */
};

static uint8_t read_encoding(struct slice content, bool big_endian)
{
	struct cursor cursor = cursor_of(content, big_endian);
	const char *augmentation;
	uint8_t encoding = 0, version;
	size_t length;

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

static struct cie read_cie(struct slice content, bool big_endian)
{
	const char *augmentation = "";
	size_t length;
	bool augmented = slice_cstr(content, 1, &augmentation, &length) && augmentation[0] == 'z';

	return (struct cie){read_encoding(content, big_endian), augmented};
}

/*
 * Unwind instructions that hold from the first byte on: the caller's frame is not the nearest one
 * there, as in parts that the compiler moved away. Ordinary functions start with an advance.
 */
static bool starts_inside(struct cursor *cursor, bool augmented)
{
	uint8_t operation;

	if (augmented)
		cursor_bytes(cursor, read_uleb(cursor));
	operation = cursor_u8(cursor);
	return !cursor->bad && ((operation & 0xc0) == 0x80 || operation == 0x05 ||
				(operation >= 0x0c && operation <= 0x0f));
}

/* A frame's description from its content, which lies content_at bytes into the section. */
static bool read_fde(struct slice content, uint64_t content_at, bool big_endian, struct cie cie,
		     struct code_frame *ret)
{
	struct cursor cursor = cursor_of(content, big_endian);

	if (cie.encoding == ENCODING_OMIT || (cie.encoding & ENCODING_INDIRECT))
		return false;
	*ret = (struct code_frame){.place = content_at, .encoding = cie.encoding};
	ret->start = read_pointer(&cursor, cie.encoding, content_at, 0);
	ret->size = read_number(&cursor, cie.encoding & 0x0f);
	ret->is_fragment = starts_inside(&cursor, cie.augmented);
	return !cursor.bad && ret->size;
}

/* The CIE at an offset of the section; one that cannot be read describes no frame. */
static struct cie cie_at(struct slice bytes, bool big_endian, uint64_t at)
{
	struct cursor cursor = cursor_of(bytes, big_endian);
	struct slice content;
	uint32_t size;

	cursor_seek(&cursor, at);
	size = cursor_u32(&cursor);
	if (cursor.bad || size < 4 || size == UINT32_MAX ||
	    !slice_sub(bytes, at + 8, size - 4, &content))
		return (struct cie){.encoding = ENCODING_OMIT};
	return read_cie(content, big_endian);
}

void code_frames_each(struct slice bytes, bool big_endian, code_frame_visit *visit, void *context)
{
	struct cie cie = {.encoding = ENCODING_OMIT};
	uint64_t known = UINT64_MAX, at = 0;

	while (bytes.len - at >= 8) {
		struct cursor cursor = cursor_of(bytes, big_endian);
		struct code_frame frame;
		uint64_t size, body, owner;
		struct slice content;
		uint32_t id;

		cursor_seek(&cursor, at);
		size = cursor_u32(&cursor);
		if (!size) {
			/* The terminator of one input file; others may lie behind it. */
			at += 4;
			continue;
		}
		if (size == UINT32_MAX)
			size = cursor_u64(&cursor);
		body = cursor.pos;
		id = cursor_u32(&cursor);
		if (cursor.bad || size < 4 || !slice_sub(bytes, body + 4, size - 4, &content))
			return;
		owner = id ? body - id : at; /* wraps for nonsense and then matches nothing */
		if (owner != known) {
			known = owner;
			cie = cie_at(bytes, big_endian, owner);
		}
		if (id && read_fde(content, body + 4, big_endian, cie, &frame))
			visit(context, &frame);
		at = body + size;
	}
}

static void add_frame(void *context, const struct code_frame *frame)
{
	const struct frames *frames = context;
	struct code_functions *functions = frames->functions;
	uint64_t start = frame->start;

	if ((frame->encoding & 0x70) == 0x10)
		start += frames->address;
	if (!frames->image->in->is_64)
		start = (uint32_t)start;
	if (start + frame->size < start || !code_image_code(frames->image, start) ||
	    functions->list.len >= BUDGET_CODE_FUNCTIONS)
		return;
	vec_push(&functions->list,
		 ((struct code_function){start, start + frame->size, frame->is_fragment}));
}

/*
 * Where no section says how long .eh_frame is: the table of the header names every frame, and the
 * last of them ends it.
 */
static void bound_frames(struct frames *frames, struct cursor *cursor, uint64_t header,
			 uint8_t count_encoding, uint8_t table_encoding)
{
	uint64_t count = read_pointer(cursor, count_encoding, header, header), last = 0;
	uint32_t size;

	if (cursor->bad || table_encoding != 0x3b || count > BUDGET_CODE_FUNCTIONS)
		return;
	for (uint64_t i = 0; i < count && !cursor->bad; i++) {
		uint64_t frame;

		cursor_u32(cursor); /* where the function starts */
		frame = header + extend(cursor_u32(cursor), 32) - frames->address;
		if (!cursor->bad && frame > last && frame < frames->bytes.len)
			last = frame;
	}
	if (frames->bytes.len - last < 4)
		return;
	*cursor = cursor_of(frames->bytes, cursor->big_endian);
	cursor_seek(cursor, last);
	size = cursor_u32(cursor);
	if (size < frames->bytes.len - last - 4)
		frames->bytes.len = (size_t)(last + 4 + size);
}

/* The section when it is there, else what PT_GNU_EH_FRAME points to. */
static bool find_frames(const struct code_image *image, struct code_functions *functions,
			struct frames *ret)
{
	uint64_t offset;

	*ret = (struct frames){.image = image, .functions = functions};
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
		uint8_t encoding, count_encoding, table_encoding;

		if (segment->p_type != PT_GNU_EH_FRAME ||
		    !elf_input_at_address(image->in, segment->p_vaddr, &header, &offset))
			continue;
		cursor = cursor_of(header, image->in->big_endian);
		if (cursor_u8(&cursor) != 1)
			return false;
		encoding = cursor_u8(&cursor);
		count_encoding = cursor_u8(&cursor);
		table_encoding = cursor_u8(&cursor);
		ret->address = read_pointer(&cursor, encoding, segment->p_vaddr, segment->p_vaddr);
		if (cursor.bad || encoding == ENCODING_OMIT ||
		    !elf_input_at_address(image->in, ret->address, &ret->bytes, &offset))
			return false;
		if (count_encoding != ENCODING_OMIT)
			bound_frames(ret, &cursor, segment->p_vaddr, count_encoding,
				     table_encoding);
		return true;
	}
	return false;
}

void code_frames_read(const struct code_image *image, struct code_functions *functions)
{
	struct frames frames;

	if (find_frames(image, functions, &frames))
		code_frames_each(frames.bytes, image->in->big_endian, add_frame, &frames);
	functions->from_frames = functions->list.len;
}
