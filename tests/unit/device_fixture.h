/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers, cubins and bundles made byte by byte, and what the reader makes of them. */
#ifndef UNIT_DEVICE_FIXTURE_H
#define UNIT_DEVICE_FIXTURE_H

#include <lz4.h>
#include <lz4frame.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "binary/device.h"
#include "util/vec.h"

#ifndef EM_AMDGPU
#define EM_AMDGPU 224
#endif

struct bytes {
	uint8_t *ptr;
	size_t len, cap;
};

static inline void add(struct bytes *to, const void *from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		vec_push(to, ((const uint8_t *)from)[i]);
}

static inline void add_number(struct bytes *to, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		vec_push(to, (uint8_t)(value >> 8 * i));
}

static inline void pad(struct bytes *to, size_t align)
{
	while (to->len % align)
		vec_push(to, 0);
}

static inline void put_number(struct bytes *to, size_t at, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		to->ptr[at + i] = (uint8_t)(value >> 8 * i);
}

static inline struct slice slice_bytes(const struct bytes *bytes)
{
	return slice_of(bytes->ptr, bytes->len);
}

/* A cubin of these kernels; machine, osabi and flags as ptxas 13 writes them. */
struct fixture_kernel {
	const char *name;
	const uint64_t *words; /* instructions: pairs of words */
	size_t count;	       /* of pairs */
	bool is_function;
	uint16_t registers; /* an attribute, at most so many; 0: none */
};

struct fixture_section {
	char name[200];
	uint32_t type, info, link;
	struct bytes bytes;
};

struct fixture_elf {
	struct fixture_section sections[24];
	uint32_t count;
	uint16_t machine;
};

static inline uint32_t add_section(struct fixture_elf *elf, uint32_t type, const char *name,
				   const char *suffix)
{
	struct fixture_section *section = &elf->sections[elf->count];

	*section = (struct fixture_section){.type = type};
	snprintf(section->name, sizeof(section->name), "%s%s", name, suffix);
	return elf->count++;
}

static inline void add_symbol(struct fixture_elf *elf, const char *name, uint8_t type,
			      uint8_t other, uint32_t section, uint64_t value, uint64_t size)
{
	struct bytes *symbols = &elf->sections[2].bytes, *names = &elf->sections[1].bytes;

	add_number(symbols, names->len, 4);
	add(names, name, strlen(name) + 1);
	add_number(symbols, type, 1);
	add_number(symbols, other, 1);
	add_number(symbols, section, 2);
	add_number(symbols, value, 8);
	add_number(symbols, size, 8);
}

static inline void begin_elf(struct fixture_elf *elf, uint16_t machine)
{
	*elf = (struct fixture_elf){.machine = machine};
	add_section(elf, SHT_NULL, "", "");
	add_section(elf, SHT_STRTAB, ".strtab", "");
	add_section(elf, SHT_SYMTAB, ".symtab", "");
	elf->sections[2].link = 1;
	add_symbol(elf, "", 0, 0, 0, 0, 0);
}

static inline struct bytes end_elf(struct fixture_elf *elf, uint32_t flags)
{
	uint32_t names = add_section(elf, SHT_STRTAB, ".shstrtab", "");
	struct bytes file = {0}, headers = {0};
	Elf64_Ehdr header = {
	    .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT, 0x41, 8},
	    .e_type = ET_EXEC,
	    .e_machine = elf->machine,
	    .e_version = EV_CURRENT,
	    .e_flags = flags,
	    .e_ehsize = sizeof(Elf64_Ehdr),
	    .e_shentsize = sizeof(Elf64_Shdr),
	    .e_shnum = (uint16_t)elf->count,
	    .e_shstrndx = (uint16_t)names};

	add(&file, &header, sizeof(header));
	for (uint32_t i = 0; i < elf->count; i++) {
		struct fixture_section *section = &elf->sections[i];
		Elf64_Shdr shdr = {.sh_name = (uint32_t)elf->sections[names].bytes.len,
				   .sh_type = section->type,
				   .sh_link = section->link,
				   .sh_info = section->info};

		add(&elf->sections[names].bytes, section->name, strlen(section->name) + 1);
		add(&headers, &shdr, sizeof(shdr));
	}
	for (uint32_t i = 0; i < elf->count; i++) {
		pad(&file, 16);
		put_number(&headers, i * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_offset),
			   file.len, 8);
		put_number(&headers, i * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_size),
			   elf->sections[i].bytes.len, 8);
		add(&file, elf->sections[i].bytes.ptr, elf->sections[i].bytes.len);
		vec_release(&elf->sections[i].bytes);
	}
	pad(&file, 16);
	put_number(&file, offsetof(Elf64_Ehdr, e_shoff), file.len, 8);
	add(&file, headers.ptr, headers.len);
	vec_release(&headers);
	return file;
}

static inline void add_tool_note(struct fixture_elf *elf, const char *version)
{
	static const char *const texts[] = {"ptxas", "Build 1", "-arch sm_90 -m 64"};
	struct bytes *note =
	    &elf->sections[add_section(elf, SHT_NOTE, ".note.nv.tkinfo", "")].bytes;
	size_t length = 1, offsets[5] = {0, 1};

	for (size_t i = 0; i < 4; i++)
		length += strlen(i == 1 ? version : texts[i ? i - 1 : 0]) + 1;
	add_number(note, 12, 4);
	add_number(note, 24 + length, 4);
	add_number(note, 2000, 4);
	add(note, "NVIDIA Corp", 12);
	add_number(note, 2, 4);
	offsets[2] = offsets[1] + strlen(texts[0]) + 1;
	offsets[3] = offsets[2] + strlen(version) + 1;
	offsets[4] = offsets[3] + strlen(texts[1]) + 1;
	for (size_t i = 0; i < 5; i++)
		add_number(note, offsets[i], 4);
	add(note, "", 1);
	add(note, texts[0], strlen(texts[0]) + 1);
	add(note, version, strlen(version) + 1);
	add(note, texts[1], strlen(texts[1]) + 1);
	add(note, texts[2], strlen(texts[2]) + 1);
}

/* constant: what the one variable of the module holds. */
static inline struct bytes make_cubin(const struct fixture_kernel *kernels, size_t count,
				      uint32_t sm, uint32_t constant, const char *version)
{
	struct fixture_elf elf;
	uint32_t section;

	begin_elf(&elf, EM_CUDA);
	section = add_section(&elf, SHT_PROGBITS, ".nv.constant3", "");
	add_number(&elf.sections[section].bytes, constant, 4);
	add_symbol(&elf, "table", STT_OBJECT, 0, section, 0, 4);
	add_tool_note(&elf, version);
	for (size_t i = 0; i < count; i++) {
		section = add_section(&elf, SHT_PROGBITS, ".text.", kernels[i].name);
		for (size_t j = 0; j < 2 * kernels[i].count; j++)
			add_number(&elf.sections[section].bytes, kernels[i].words[j], 8);
		add_symbol(&elf, kernels[i].name, STT_FUNC, kernels[i].is_function ? 0 : 0x10,
			   section, 0, 16 * kernels[i].count);
		uint32_t info = add_section(&elf, SHT_LOPROC, ".nv.info.", kernels[i].name);
		elf.sections[info].info = section;
		add_number(&elf.sections[info].bytes, 0x00823704, 4); /* toolkit: not hashed */
		put_number(&elf.sections[info].bytes, 2, 4, 2);
		add_number(&elf.sections[info].bytes, 130, 4);
		if (kernels[i].registers) {
			add_number(&elf.sections[info].bytes, 0x1b03, 2);
			add_number(&elf.sections[info].bytes, kernels[i].registers, 2);
		}
	}
	return end_elf(&elf, 0x6000004 | sm << 8);
}

/* A fatbin entry; header_size 0: 64. */
struct fixture_entry {
	uint16_t kind;
	uint32_t sm, header_size;
	uint64_t flags;
	struct slice image;
	const char *source, *options;
	uint32_t options_at; /* offset of the descriptor: 64 or 72 */
	uint64_t declared;   /* size uncompressed to declare; 0: the true one */
};

enum { FLAG_LZ4 = 0x2000, FLAG_LZ4_FRAME = 0x4000, FLAG_ZSTD = 0x8000 };

static inline struct bytes compress_image(struct slice image, uint64_t flags)
{
	size_t room = image.len + image.len / 100 + 1024, length = 0;
	struct bytes to = {.ptr = malloc(room), .cap = room};

	if (flags & FLAG_LZ4)
		length = (size_t)LZ4_compress_default((const char *)image.ptr, (char *)to.ptr,
						      (int)image.len, (int)room);
	else if (flags & FLAG_LZ4_FRAME)
		length = LZ4F_compressFrame(to.ptr, room, image.ptr, image.len, NULL);
	else
		length = ZSTD_compress(to.ptr, room, image.ptr, image.len, 3);
	assert_true(length && length < room);
	to.len = length;
	return to;
}

static inline void add_entry(struct bytes *to, const struct fixture_entry *entry)
{
	struct bytes payload = {0};
	size_t start = to->len, stored;
	uint32_t header = entry->header_size ? entry->header_size : 64;
	bool packed = entry->flags & (FLAG_LZ4 | FLAG_LZ4_FRAME | FLAG_ZSTD);

	if (packed)
		payload = compress_image(entry->image, entry->flags);
	else
		add(&payload, entry->image.ptr, entry->image.len);
	stored = payload.len;
	pad(&payload, 8);
	add_number(to, entry->kind, 2);
	add_number(to, 0x0101, 2);
	add_number(to, header, 4);
	add_number(to, payload.len, 8);
	add_number(to, packed ? stored : 0, 4);
	add_number(to, entry->options ? entry->options_at : 0, 4);
	add_number(to, 3, 2);
	add_number(to, 8, 2);
	add_number(to, entry->sm, 4);
	add_number(to, entry->source ? header - 24 : 0, 4);
	add_number(to, entry->source ? strlen(entry->source) : 0, 4);
	add_number(to, entry->flags | 0x11, 8);
	add_number(to, 0, 8);
	add_number(to, entry->declared ? entry->declared : packed ? entry->image.len : 0, 8);
	while (to->len < start + header)
		vec_push(to, 0);
	if (entry->options) {
		put_number(to, start + entry->options_at, entry->options_at + 8, 4);
		put_number(to, start + entry->options_at + 4, strlen(entry->options), 4);
		memcpy(to->ptr + start + entry->options_at + 8, entry->options,
		       strlen(entry->options));
	}
	if (entry->source)
		memcpy(to->ptr + start + header - 24, entry->source, strlen(entry->source));
	add(to, payload.ptr, payload.len);
	vec_release(&payload);
}

static inline size_t begin_container(struct bytes *to)
{
	pad(to, 8);
	add_number(to, 0xba55ed50, 4);
	add_number(to, 1, 2);
	add_number(to, 16, 2);
	add_number(to, 0, 8);
	return to->len;
}

static inline void end_container(struct bytes *to, size_t start)
{
	put_number(to, start - 8, to->len - start, 8);
}

static inline void add_container(struct bytes *to, const struct fixture_entry *entries,
				 size_t count)
{
	size_t start = begin_container(to);

	for (size_t i = 0; i < count; i++)
		add_entry(to, &entries[i]);
	end_container(to, start);
}

/* A checked record of these bytes. */
struct reading {
	uint8_t *record;
	struct facts facts;
};

static inline struct reading read_device(struct slice bytes)
{
	struct reading reading;
	struct facts_builder builder;
	size_t size;

	facts_builder_init(&builder);
	vec_push(&builder.identity, (struct facts_identity){.file_size = bytes.len});
	device_search(bytes, &builder);
	assert_int_equal(facts_builder_finish(&builder, &reading.record, &size), STATUS_OK);
	facts_builder_release(&builder);
	assert_int_equal(facts_open(slice_of(reading.record, size), &reading.facts), STATUS_OK);
	return reading;
}

static inline void end_reading(struct reading *reading)
{
	free(reading->record);
}

/* How many diagnostics have that id. */
static inline size_t count_diagnostics(const struct facts *facts, enum diag_id id)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->diagnostics_count; i++)
		count += facts->diagnostics[i].id == id;
	return count;
}

/* A code object and a bundle of two, as HIP makes them. */
static inline struct bytes code_object(uint8_t fill)
{
	struct fixture_elf elf;
	uint32_t section;
	uint8_t bytes[64];

	begin_elf(&elf, EM_AMDGPU);
	section = add_section(&elf, SHT_PROGBITS, ".text", "");
	memset(bytes, fill, sizeof(bytes));
	add(&elf.sections[section].bytes, bytes, sizeof(bytes));
	add_symbol(&elf, "_Z1kv", STT_FUNC, 0, section, 0, 48);
	add_symbol(&elf, "helper", STT_FUNC, 0, section, 48, 16);
	section = add_section(&elf, SHT_PROGBITS, ".rodata", "");
	add(&elf.sections[section].bytes, bytes, sizeof(bytes));
	add_symbol(&elf, "_Z1kv.kd", STT_OBJECT, 0, section, 0, 64);
	section = add_section(&elf, SHT_PROGBITS, ".comment", "");
	add(&elf.sections[section].bytes, "clang version 19", 17);
	return end_elf(&elf, 0x3f);
}

static inline struct bytes bundle(void)
{
	static const char *const ids[] = {"host-x86_64-unknown-linux-gnu-",
					  "hipv4-amdgcn-amd-amdhsa--gfx90a:xnack+",
					  "hipv4-amdgcn-amd-amdhsa--gfx1100"};
	struct bytes images[3] = {{0}, code_object(1), code_object(2)}, file = {0};
	size_t places[3];

	add(&file, "__CLANG_OFFLOAD_BUNDLE__", 24);
	add_number(&file, 3, 8);
	for (size_t i = 0; i < 3; i++) {
		places[i] = file.len;
		add_number(&file, 0, 8);
		add_number(&file, images[i].len, 8);
		add_number(&file, strlen(ids[i]), 8);
		add(&file, ids[i], strlen(ids[i]));
	}
	add(&file, "CCOB\2\0\1\0", 8); /* bytes that look like a container of their own */
	for (size_t i = 0; i < 3; i++) {
		pad(&file, 64);
		put_number(&file, places[i], file.len, 8);
		add(&file, images[i].ptr, images[i].len);
		vec_release(&images[i]);
	}
	return file;
}

#define assert_text(facts, text, expected) assert_string_equal(facts_text(facts, text), expected)

#endif
