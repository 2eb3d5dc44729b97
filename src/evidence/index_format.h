/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a segment of an index is laid out: shared by the reader and the writer, nobody else.
 *
 * A header, a directory of sections, the sections: arrays of entries of one fixed size, each at a
 * multiple of 64. Numbers are little-endian, and a machine of the other order refuses the file.
 * Equal input gives equal bytes.
 *
 * Lookup: the upper bits of a key choose an entry of BUCKETS, which bounds a binary search in KEYS;
 * the postings of keys[i] are POSTINGS[FIRST[i]] up to FIRST[i + 1]. With 16 keys to a bucket a
 * lookup costs two or three cache misses however many keys there are.
 *
 * Long texts and tables (binary/literal_facts.h) are a second such list: LITERAL_KEYS with
 * LITERAL_MEMBERS beside them, where a key stands once for each member that has it. One that
 * several components have, or many object files of one, stands once, of INDEX_LITERAL_SHARED: it
 * says nothing of any of them, and never will when segments are merged.
 *
 * Behind the sections that every segment has come those it has only when there is something in
 * them; section_count tells. BUILD_IDS: which members are linked files with a build-id, sorted by
 * its text and the member.
 */
#ifndef EVIDENCE_INDEX_FORMAT_H
#define EVIDENCE_INDEX_FORMAT_H

#include <stdint.h>

#define INDEX_MAGIC UINT64_C(0x0a315844494c4645) /* "EFLIDX1\n" read as a little-endian number */
#define INDEX_VERSION 3
#define INDEX_ALIGN 64u
#define INDEX_KEYS_PER_BUCKET 16
#define INDEX_NAMES_PER_BLOCK 16
#define INDEX_LITERAL_SHARED UINT32_MAX
/* With more object files of one component it is of a header, or of a generator. */
#define INDEX_LITERAL_FILES 4

/* SECTION(tag, type) */
#define INDEX_SECTIONS(X)                                                                    \
	X(KEYS, uint64_t)                                                                    \
	X(FIRST, uint32_t)   /* keys + 1 */                                                  \
	X(BUCKETS, uint32_t) /* 2^bits + 1 */                                                \
	X(POSTINGS, struct index_disk_posting)                                               \
	X(COMPONENTS, struct index_disk_component)                                           \
	X(ORIGINS, struct index_disk_origin)                                                 \
	X(MEMBERS, struct index_disk_member)                                                 \
	X(NAME_BLOCKS, uint32_t) /* where each block of names begins in NAMES; blocks + 1 */ \
	X(NAMES, uint8_t)                                                                    \
	X(STRINGS, uint8_t)                                                                  \
	X(LITERAL_KEYS, uint64_t)                                                            \
	X(LITERAL_MEMBERS, uint32_t)                                                         \
	X(LITERAL_BUCKETS, uint32_t) /* 2^bits + 1 */                                        \
	X(MEMBER_LITERALS, uint32_t) /* of each member, those that are not shared */

#define INDEX_OPTIONAL_SECTIONS(X) X(BUILD_IDS, struct index_disk_build_id)

enum index_section {
#define INDEX_SECTION(tag, type) INDEX_SECTION_##tag,
	INDEX_SECTIONS(INDEX_SECTION) INDEX_OPTIONAL_SECTIONS(INDEX_SECTION)
#undef INDEX_SECTION
	    INDEX_SECTION_COUNT,
	INDEX_SECTIONS_ALWAYS = INDEX_SECTION_BUILD_IDS
};

struct index_disk_section {
	uint64_t offset, count; /* bytes from the start of the file; entries */
	uint32_t entry_size, reserved;
};

struct index_disk_header {
	uint64_t magic;
	uint32_t version, section_count;
	uint64_t size;	     /* bytes of the whole file */
	uint32_t name_count; /* names in NAMES */
	uint32_t bucket_bits;
	uint32_t rules;		/* FACTS_FINGERPRINT_RULES */
	uint32_t literal_rules; /* FACTS_LITERAL_RULES */
	uint32_t literal_bits;
	uint32_t reserved;
	struct index_disk_section sections[INDEX_SECTION_COUNT]; /* section_count of them */
};

/* Texts are offsets into STRINGS, where each ends in NUL; offset 0 is "". */

struct index_disk_component {
	uint32_t name, class;
};

struct index_disk_origin {
	uint32_t component, first_member, member_count, machine;
	uint32_t version, licence, source, source_version, package, distribution, path, carrier;
};

struct index_disk_member {
	uint32_t origin, name, functions, unique;
	uint64_t bytes;
};

/* Sorted by key, component, member, name; components are sorted by name. */
struct index_disk_posting {
	uint32_t member, name;		 /* name: its number in NAMES */
	uint32_t strict;		 /* upper half of the low half of the strict fingerprint */
	uint32_t size;			 /* bytes; UINT32_MAX for more */
	uint32_t instructions_and_flags; /* flags in the upper 8 bits */
};

struct index_disk_build_id {
	uint32_t id, member; /* id: a text, lower-case hexadecimal */
};

#define INDEX_INSTRUCTIONS_MAX ((UINT32_C(1) << 24) - 1)

/*
 * NAMES: distinct names in ascending order of bytes, in blocks of INDEX_NAMES_PER_BLOCK. Each name
 * is: how many bytes it shares with the name before it in its block (LEB128), how many follow
 * (LEB128), those bytes. Name 0 is "".
 */

#endif
