/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of device code: one run over the bytes of one file. Only src/binary includes this.
 *
 *	device_scan.c	  where containers are; the table of their kinds (device_containers.def)
 *	device_fatbin.c	  NVIDIA's container	device_bundle.c	  clang's bundle
 *	device_decode.c	  one image at a time, within the budget
 *	device_cubin.c, device_info.c, device_sass.c, device_ptx.c, device_object.c	  kernels
 *	device_sources.c  which source files they were made of
 *	device_wrappers.c which containers the host code registers
 *	device_outside.c  what lies beside them		device_rest.c	  bytes of no image
 *	device_named.c	  sections of the host in which names of kernels stand
 *
 * Everything in a file is hostile. Nothing here fails: what cannot be read becomes a state of its
 * entry and a diagnostic.
 */
#ifndef BINARY_DEVICE_H
#define BINARY_DEVICE_H

#include <endian.h>

#include "binary/device_elf.h"
#include "binary/elf_input.h"
#include "util/arena.h"

/* The image being read; there is never more than one. */
struct device_buffer {
	uint8_t *ptr;
	size_t cap;
};

struct device_range {
	uint64_t start, end;
};

struct device {
	const struct elf_input *in; /* NULL where there are bytes alone */
	struct slice file;
	struct facts_builder *builder;
	struct device_buffer decoded;
	uint64_t decoded_total; /* bytes decoded so far, all images */
	struct arena arena;	/* keys of the maps */
	struct map texts;	/* texts already in the record: index into offsets */
	VEC(struct facts_text) offsets;
	struct map tools;   /* "name\0version\0build\0options": index into device_tools */
	struct map sources; /* "crc name": index into device_sources */
	VEC(struct device_range) understood; /* in the file, by offset: what readers answer for */
	uint32_t diagnostics, opaque;
	bool full; /* a budget on the number of things was reached, and said */
};

/* A kind of container, recognised by its first four bytes; a row of device_containers.def. */
struct device_container_reader {
	const char *magic; /* of four bytes */
	/*
	 * Reads what is at an offset of the file. Gives how many bytes were understood: the search
	 * goes on behind them, so nothing inside a sound container is taken for another one. 0: no
	 * container.
	 */
	uint64_t (*read)(struct device *device, uint64_t offset);
};

void device_run(struct elf_input *in, struct facts_builder *builder);
/* The search alone, over any bytes: for tests and for files that are no ELF files. */
void device_search(struct slice file, struct facts_builder *builder);

/* The record (device_scan.c). Texts are shared. false: the budget is spent, and that was said. */
struct facts_text device_text(struct device *device, struct slice text);
bool device_add_container(struct device *device, struct facts_device_container container);
struct facts_device_entry *device_add_entry(struct device *device, enum facts_device_kind kind,
					    uint64_t offset);
bool device_add_kernel(struct device *device, struct facts_kernel kernel);
bool device_add_wrapper(struct device *device, struct facts_device_wrapper wrapper);
void device_add_tool(struct device *device, struct slice name, struct slice version,
		     struct slice build, struct slice options);
void device_damage(struct device *device, uint64_t offset, const char *format, ...)
    printf_format(3, 4);
void device_limit(struct device *device, uint64_t offset, const char *format, ...)
    printf_format(3, 4);

/* The container that was added last: what entries are added to. */
static inline struct facts_device_container *device_container(struct device *device)
{
	return &device->builder->device_containers.ptr[device->builder->device_containers.len - 1];
}

/* The entry that was added last: what kernels and tools are added to. */
static inline struct facts_device_entry *device_entry(struct device *device)
{
	return &device->builder->device_entries.ptr[device->builder->device_entries.len - 1];
}

/*
 * Decodes one image of exactly size bytes; *ret is valid until the next call, *ret_used tells how
 * many of the stored bytes it is made of. A limit or damage is said, with the offset.
 */
enum facts_device_state device_decode(struct device *device,
				      enum facts_device_compression compression,
				      struct slice stored, uint64_t size, uint64_t offset,
				      struct slice *ret, size_t *ret_used);

/* Reads one whole image into the last entry: kind, state, content, kernels, tools. */
void device_image(struct device *device, struct slice image);
/* These read into the last entry; false when the image is not what it should be. */
bool device_cubin(struct device *device, struct slice image);
bool device_object(struct device *device, struct slice image);
void device_ptx(struct device *device, struct slice text);

/* The bytes that an ELF image without a container takes in the file; 0: none begins there. */
uint64_t device_bare_size(struct slice bytes);
uint64_t device_fatbin_read(struct device *device, uint64_t offset);
uint64_t device_bare_read(struct device *device, uint64_t offset);
uint64_t device_bundle_read(struct device *device, uint64_t offset);
uint64_t device_ccob_read(struct device *device, uint64_t offset);

/* device_info.c: attributes and notes of a cubin. */
struct device_symbols;
uint64_t device_info_kernel(struct device *device, const struct device_elf *elf,
			    const struct device_symbols *symbols, struct slice info);
void device_info_notes(struct device *device, const struct device_elf *elf);
/* Sets the version of the last entry, unless it has one. */
void device_info_version(struct device *device, uint32_t major, uint32_t minor);

/* device_sass.c: instructions of NVIDIA's machines. */
struct device_code {
	struct facts_fingerprint masked;
	uint32_t instructions, masked_count;
	uint16_t parts[FACTS_KERNEL_PARTS];
};
void device_sass(struct slice text, uint32_t architecture, struct device_code *ret);

/* device_sources.c: notes the source file a name tells of; in the end proves their paths. */
void device_sources_note(struct device *device, struct slice name);
void device_sources_prove(struct device *device);

/* What points to containers, as the host code registers them. */
#define WRAPPER_SIZE 24u
#define WRAPPER_POINTER 8u /* offset of the address of the container */
bool device_is_wrapper_section(const char *name);
bool device_is_wrapper(const uint8_t *at); /* of at least four bytes */
void device_wrappers(struct device *device, struct elf_input *in);
void device_outside(struct device *device, const struct elf_input *in);
void device_named(struct device *device, const struct elf_input *in);
bool device_holds_containers(const char *section);
/* A section as a loader sees it, and where that lies in the file. */
bool device_section_bytes(const struct elf_input *in, const struct facts_section *section,
			  struct slice *ret, uint64_t *ret_offset);

static inline struct slice device_trim_end(struct slice bytes)
{
	while (bytes.len && !bytes.ptr[bytes.len - 1])
		bytes.len--;
	return bytes;
}

static inline uint16_t device_u16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return le16toh(value);
}

static inline uint32_t device_u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static inline uint64_t device_u64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

#endif
