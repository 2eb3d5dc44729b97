/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device code inside one ELF file: the device tier of the facts record. Included by facts.h; the
 * formats are those of research/fatbin.md. A container holds entries (one image each, by
 * architecture), an image holds kernels. All of the file is searched, not only known sections.
 */
#ifndef BINARY_DEVICE_FACTS_H
#define BINARY_DEVICE_FACTS_H

#include <stdint.h>

#include "binary/function_facts.h"

#define FACTS_NO_TOOL UINT32_MAX
#define FACTS_KERNEL_PARTS 16

/* How images are held, FACTS_DEVICE_CONTAINER(id, text). */
#define FACTS_DEVICE_CONTAINERS(X)                                        \
	X(FATBIN, "fatbin")	     /* NVIDIA's container */             \
	X(BARE, "bare")		     /* one image without a container */  \
	X(BUNDLE, "offload-bundle")  /* clang's bundle, as HIP uses it */ \
	X(COMPRESSED_BUNDLE, "ccob") /* the same, compressed as a whole */

/* What an image is, FACTS_DEVICE_KIND(id, text). */
#define FACTS_DEVICE_KINDS(X)                                                          \
	X(OTHER, "other")                                                              \
	X(PTX, "ptx")		      /* text for the driver's compiler */             \
	X(CUBIN, "cubin")	      /* ELF of EM_CUDA */                             \
	X(LTO, "lto-ir")	      /* opaque: scrambled by the vendor's compiler */ \
	X(CODE_OBJECT, "code-object") /* ELF of EM_AMDGPU */                           \
	X(HOST, "host")		      /* the empty place of the host in a bundle */

#define FACTS_DEVICE_COMPRESSIONS(X) \
	X(NONE, "none")              \
	X(LZ4, "lz4")                \
	X(LZ4_FRAME, "lz4-frame")    \
	X(ZSTD, "zstd")              \
	X(ZLIB, "zlib")

/* How far an image was read, FACTS_DEVICE_STATE(id, text). */
#define FACTS_DEVICE_STATES(X)                                                       \
	X(READ, "read")                                                              \
	X(OPAQUE, "opaque")   /* nobody but the vendor's tools can: not inspected */ \
	X(LIMIT, "limit")     /* a budget was reached: not decoded */                \
	X(DAMAGED, "damaged") /* malformed, as the diagnostics say */

#define FACTS_DEVICE_ENUM(id, text) FACTS_DEVICE_ENUM_PREFIX(id),
enum facts_device_container_kind {
#define FACTS_DEVICE_ENUM_PREFIX(id) FACTS_DEVICE_CONTAINER_##id
	FACTS_DEVICE_CONTAINERS(FACTS_DEVICE_ENUM)
#undef FACTS_DEVICE_ENUM_PREFIX
	    FACTS_DEVICE_CONTAINER_COUNT
};

enum facts_device_kind {
#define FACTS_DEVICE_ENUM_PREFIX(id) FACTS_DEVICE_KIND_##id
	FACTS_DEVICE_KINDS(FACTS_DEVICE_ENUM)
#undef FACTS_DEVICE_ENUM_PREFIX
	    FACTS_DEVICE_KIND_COUNT
};

enum facts_device_compression {
#define FACTS_DEVICE_ENUM_PREFIX(id) FACTS_DEVICE_COMPRESSION_##id
	FACTS_DEVICE_COMPRESSIONS(FACTS_DEVICE_ENUM)
#undef FACTS_DEVICE_ENUM_PREFIX
	    FACTS_DEVICE_COMPRESSION_COUNT
};

enum facts_device_state {
#define FACTS_DEVICE_ENUM_PREFIX(id) FACTS_DEVICE_STATE_##id
	FACTS_DEVICE_STATES(FACTS_DEVICE_ENUM)
#undef FACTS_DEVICE_ENUM_PREFIX
	    FACTS_DEVICE_STATE_COUNT
};
#undef FACTS_DEVICE_ENUM

enum facts_device_container_flag {
	FACTS_DEVICE_REGISTERED = 1u << 0, /* a wrapper of the host code points to it */
	FACTS_DEVICE_LINKED_PART = 1u
				   << 1, /* in a section of relocatable code: nvcc -rdc links it */
	FACTS_DEVICE_UNUSUAL_PLACE = 1u << 2, /* not in a section that other tools look into */
};

struct facts_device_container {	   /* sorted by offset */
	uint64_t offset, size;	   /* in the file; a container's header is counted */
	uint64_t place;		   /* its address; without one, where in its section it is */
	uint64_t checksum;	   /* a compressed bundle's, of its content; 0: none */
	struct facts_text section; /* that holds it; length 0: none is known */
	uint32_t kind;		   /* enum facts_device_container_kind */
	uint32_t flags;		   /* enum facts_device_container_flag */
	uint32_t entry_first, entry_count; /* into device_entries */
	/* Of bytes inside it that belong to no entry, without zeros. Zero: there are none. */
	struct facts_fingerprint rest;
};

struct facts_device_entry {
	uint64_t offset;       /* of its header in the file; of the image where there is none */
	uint64_t stored;       /* bytes of the image as it lies in the file */
	uint64_t size;	       /* bytes of the image uncompressed, as declared */
	uint64_t header_flags; /* of a fatbin entry, as they are */
	struct facts_text architecture; /* "sm_90a", "compute_90", "lto_75", "gfx90a:xnack+" */
	struct facts_text version;	/* "13.0": toolkit of a cubin; ISA of PTX; "" unknown */
	struct facts_text options;	/* of the compiler, as the entry's header tells */
	struct facts_text source;	/* name of the source file, as the entry's header tells */
	/* Of the whole image but zeros at its end; of the stored bytes when it was not decoded. */
	struct facts_fingerprint content;
	/*
	 * Of all that its header tells but sizes and compression, and of bytes around it that are
	 * zero as a rule. Zero: it has no header.
	 */
	struct facts_fingerprint header;
	/* Of the data all kernels share: constants, initial values. Zero: there is none. */
	struct facts_fingerprint module;
	uint32_t container;		     /* index into device_containers */
	uint32_t tool;			     /* index into device_tools, or FACTS_NO_TOOL */
	uint32_t kernel_first, kernel_count; /* into kernels */
	uint16_t kind;			     /* enum facts_device_kind */
	uint16_t compression;		     /* enum facts_device_compression */
	uint16_t state;			     /* enum facts_device_state */
	uint16_t reserved;
};

enum facts_kernel_flag {
	FACTS_KERNEL_FUNCTION = 1u << 0, /* no kernel: a function that kernels call */
	FACTS_KERNEL_PTX = 1u << 1,	 /* fingerprints are of text */
};

/*
 * One kernel (or device function with code of its own) of one image.
 *
 * raw: its instructions, its relocations and attributes by symbol name, its own constants. masked:
 * the instructions alone, without the immediate of a plain move (where __LINE__ and string numbers
 * stand) and without the offsets into the constant banks that the compiler lays out for a whole
 * module (3: user constants, 4: addresses). Equal raw: the same code. Equal masked and other parts:
 * near-equal; parts then tells how many instructions differ at least: instruction i counts in part
 * i modulo FACTS_KERNEL_PARTS, and each part is a checksum over what masked leaves out.
 */
struct facts_kernel {
	struct facts_text name; /* as in the image */
	uint64_t size;		/* bytes of instructions, of text in PTX */
	uint32_t entry;		/* index into device_entries */
	uint32_t flags;		/* enum facts_kernel_flag */
	uint32_t instructions;	/* 0 in PTX */
	uint32_t masked_count;	/* of them, those that masked leaves something out of */
	struct facts_fingerprint raw, masked;
	uint16_t parts[FACTS_KERNEL_PARTS];
};

struct facts_device_tool {	   /* as notes in images name it; each once */
	struct facts_text name;	   /* "ptxas", "nvlink", "Debian clang version 19" */
	struct facts_text version; /* "Cuda compilation tools, release 13.0, V13.0.88" */
	struct facts_text build;   /* "Build cuda_13.0.r13.0/compiler.36424714_0" */
	struct facts_text options; /* "-arch sm_90 -m 64" */
	uint32_t images;	   /* that name it */
	uint32_t reserved;
};

/*
 * A source file that names with internal linkage tell of: CUDA's compiler puts a CRC-32 of the
 * absolute path into them. path is filled when some text in the file has that very CRC.
 */
struct facts_device_source {
	struct facts_text name; /* "Distributions_cu": the file's name, other characters as '_' */
	struct facts_text path; /* proved by crc; length 0: not known */
	uint32_t crc;
	uint32_t kernels; /* names that carry it */
};

#define FACTS_DEVICE_NO_CONTAINER UINT32_MAX

enum facts_device_wrapper_flag {
	FACTS_DEVICE_RELOCATED = 1u << 0, /* a relocation fills its pointer in */
};

/* What the host code gives to the runtime to register one container; in the order of the file. */
struct facts_device_wrapper {
	uint64_t address;   /* its own; in an object file where in its section it is */
	uint64_t target;    /* what it points to, as it will be loaded; in an object file 0 */
	uint32_t container; /* that begins there: index, or FACTS_DEVICE_NO_CONTAINER */
	uint32_t flags;	    /* enum facts_device_wrapper_flag */
};

/*
 * A section of the host's in which names with internal linkage stand. The hash of the path of their
 * source (facts_device_source.crc) counts as its number, by first use in the file: builds of one
 * source in two folders have this content in common.
 */
struct facts_device_named {
	struct facts_text section;
	uint64_t size;
	uint64_t names; /* hashes that were masked */
	struct facts_fingerprint content;
};

#define FACTS_DEVICE_OUTSIDE_UNKNOWN UINT64_MAX

/*
 * What a section for device code holds beside its containers, which no kernel speaks for: the bytes
 * between two containers without the zeros around them, and so on to the end of the section; of
 * the wrappers that point to containers, all but those pointers. No row: there is none. One row has
 * no section: dynamic relocations, but for those that fill in the pointer of a wrapper.
 */
struct facts_device_outside {
	struct facts_text section; /* length 0: relocations */
	uint64_t size; /* bytes; FACTS_DEVICE_OUTSIDE_UNKNOWN: there are too many sections */
	struct facts_fingerprint content; /* of the length and the bytes of each run */
};

#endif
