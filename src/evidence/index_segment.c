/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping one file of an index, and checking all of it before anything of it is used. */
#include "evidence/index_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(struct index_disk_posting) == 20, "part of the format");
_Static_assert(sizeof(struct index_disk_member) == 24, "part of the format");
_Static_assert(sizeof(struct index_disk_origin) == 48, "part of the format");
_Static_assert(sizeof(struct index_disk_build_id) == 8, "part of the format");

struct checking {
	struct index_segment *segment;
	const char *path;
	struct diags *diags;
};

static bool bad(const struct checking *checking, uint64_t offset, const char *what)
{
	diag_add(checking->diags, DIAG_INDEX_BAD, checking->path, offset, "%s", what);
	return false;
}

/* Where an entry stands in the file, for diagnostics. */
static uint64_t offset_of(const struct checking *checking, const void *entry)
{
	return (uint64_t)((const uint8_t *)entry - checking->segment->map.ptr);
}

static enum status map_file(const char *path, struct slice *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;
	struct stat info;
	void *map;

	if (fd < 0)
		return STATUS_IO;
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) {
		close(fd);
		errno = EINVAL;
		return STATUS_IO;
	}
	map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	error = errno;
	close(fd);
	errno = error;
	if (map == MAP_FAILED)
		return STATUS_IO;
	*ret = slice_of(map, (size_t)info.st_size);
	return STATUS_OK;
}

/* Of a header with so many sections. */
static size_t header_size(uint32_t sections)
{
	return offsetof(struct index_disk_header, sections) +
	       sections * sizeof(struct index_disk_section);
}

static bool check_header(const struct checking *checking)
{
	struct index_segment *segment = checking->segment;
	const struct index_disk_header *header = (const void *)segment->map.ptr;

	if (segment->map.len < header_size(INDEX_SECTIONS_ALWAYS))
		return bad(checking, segment->map.len, "the file ends inside its header");
	if (header->magic == __builtin_bswap64(INDEX_MAGIC))
		return bad(checking, 0, "made for little-endian machines");
	if (header->magic != INDEX_MAGIC)
		return bad(checking, 0, "no index of fingerprints");
	if (header->version != INDEX_VERSION || header->section_count < INDEX_SECTIONS_ALWAYS ||
	    header->section_count > INDEX_SECTION_COUNT)
		return bad(checking, 8, "made by another version of elfleft; build it again");
	if (segment->map.len < header_size(header->section_count))
		return bad(checking, segment->map.len, "the file ends inside its header");
	if (header->rules != FACTS_FINGERPRINT_RULES)
		return bad(checking, offset_of(checking, &header->rules),
			   "made by other rules of fingerprints; build it again");
	if (header->literal_rules != FACTS_LITERAL_RULES)
		return bad(checking, offset_of(checking, &header->literal_rules),
			   "made by other rules of texts; build it again");
	if (header->size != segment->map.len)
		return bad(checking, 16, "the file has not the size it says");
	segment->header = header;
	return true;
}

/* One section as an array; its entries have this size. */
static bool take_section(const struct checking *checking, enum index_section index,
			 size_t entry_size, const void **ret, uint32_t *ret_count)
{
	const struct index_segment *segment = checking->segment;
	const struct index_disk_section *section = &segment->header->sections[index];
	struct slice bytes;
	uint64_t size;

	if (section->entry_size != entry_size || section->offset % INDEX_ALIGN ||
	    section->count >= UINT32_MAX ||
	    __builtin_mul_overflow(section->count, entry_size, &size) ||
	    !slice_sub(segment->map, section->offset, size, &bytes))
		return bad(checking, offset_of(checking, section),
			   "a section is not inside the file");
	*ret = bytes.ptr;
	*ret_count = (uint32_t)section->count;
	return true;
}

static bool take_build_ids(const struct checking *checking)
{
	struct index_segment *segment = checking->segment;
	const void *at;

	if (segment->header->section_count <= INDEX_SECTION_BUILD_IDS)
		return true;
	if (!take_section(checking, INDEX_SECTION_BUILD_IDS, sizeof(*segment->build_ids), &at,
			  &segment->build_id_count))
		return false;
	segment->build_ids = at;
	return true;
}

static bool buckets_fit(uint32_t bits, uint32_t count)
{
	return bits <= 31 && count == (UINT32_C(1) << bits) + 1;
}

static bool take_sections(const struct checking *checking)
{
	struct index_segment *segment = checking->segment;
	const void *at[INDEX_SECTION_COUNT];
	uint32_t counts[INDEX_SECTION_COUNT];
	uint64_t blocks;

#define INDEX_TAKE(tag, type)                                                                    \
	if (!take_section(checking, INDEX_SECTION_##tag, sizeof(type), &at[INDEX_SECTION_##tag], \
			  &counts[INDEX_SECTION_##tag]))                                         \
		return false;
	INDEX_SECTIONS(INDEX_TAKE)
#undef INDEX_TAKE
	segment->keys = at[INDEX_SECTION_KEYS];
	segment->first = at[INDEX_SECTION_FIRST];
	segment->buckets = at[INDEX_SECTION_BUCKETS];
	segment->postings = at[INDEX_SECTION_POSTINGS];
	segment->components = at[INDEX_SECTION_COMPONENTS];
	segment->origins = at[INDEX_SECTION_ORIGINS];
	segment->members = at[INDEX_SECTION_MEMBERS];
	segment->name_blocks = at[INDEX_SECTION_NAME_BLOCKS];
	segment->names = slice_of(at[INDEX_SECTION_NAMES], counts[INDEX_SECTION_NAMES]);
	segment->strings = slice_of(at[INDEX_SECTION_STRINGS], counts[INDEX_SECTION_STRINGS]);
	segment->literal_keys = at[INDEX_SECTION_LITERAL_KEYS];
	segment->literal_members = at[INDEX_SECTION_LITERAL_MEMBERS];
	segment->literal_buckets = at[INDEX_SECTION_LITERAL_BUCKETS];
	segment->member_literals = at[INDEX_SECTION_MEMBER_LITERALS];
	segment->literal_count = counts[INDEX_SECTION_LITERAL_KEYS];
	segment->key_count = counts[INDEX_SECTION_KEYS];
	segment->posting_count = counts[INDEX_SECTION_POSTINGS];
	segment->component_count = counts[INDEX_SECTION_COMPONENTS];
	segment->origin_count = counts[INDEX_SECTION_ORIGINS];
	segment->member_count = counts[INDEX_SECTION_MEMBERS];
	segment->name_count = segment->header->name_count;
	blocks =
	    ((uint64_t)segment->name_count + INDEX_NAMES_PER_BLOCK - 1) / INDEX_NAMES_PER_BLOCK;
	if (counts[INDEX_SECTION_FIRST] != segment->key_count + 1 ||
	    !buckets_fit(segment->header->bucket_bits, counts[INDEX_SECTION_BUCKETS]) ||
	    !buckets_fit(segment->header->literal_bits, counts[INDEX_SECTION_LITERAL_BUCKETS]) ||
	    counts[INDEX_SECTION_LITERAL_MEMBERS] != segment->literal_count ||
	    counts[INDEX_SECTION_MEMBER_LITERALS] != segment->member_count ||
	    counts[INDEX_SECTION_NAME_BLOCKS] != blocks + 1)
		return bad(checking, offset_of(checking, segment->header->sections),
			   "sections do not fit each other");
	return true;
}

/* A table of places: ascending, the last one equal to end. */
static bool check_places(const struct checking *checking, const uint32_t *places, uint64_t count,
			 uint32_t end)
{
	for (uint64_t i = 0; i < count; i++)
		if (places[i] > places[i + 1])
			return bad(checking, offset_of(checking, &places[i]),
				   "places do not ascend");
	if (places[0] != 0 || places[count] != end)
		return bad(checking, offset_of(checking, &places[count]),
			   "places do not cover what they count");
	return true;
}

static bool check_keys(const struct checking *checking)
{
	const struct index_segment *segment = checking->segment;
	unsigned bits = segment->header->bucket_bits;
	uint32_t bucket = 0;

	if (!check_places(checking, segment->first, segment->key_count, segment->posting_count) ||
	    !check_places(checking, segment->buckets, UINT64_C(1) << bits, segment->key_count))
		return false;
	for (uint32_t i = 0; i < segment->key_count; i++) {
		if (i && segment->keys[i] <= segment->keys[i - 1])
			return bad(checking, offset_of(checking, &segment->keys[i]),
				   "keys do not ascend");
		while (segment->buckets[bucket + 1] <= i)
			bucket++;
		if (bits && segment->keys[i] >> (64 - bits) != bucket)
			return bad(checking, offset_of(checking, &segment->keys[i]),
				   "a key stands in the wrong bucket");
	}
	return true;
}

static bool check_literals(const struct checking *checking)
{
	const struct index_segment *segment = checking->segment;
	unsigned bits = segment->header->literal_bits;
	uint32_t bucket = 0;

	if (!check_places(checking, segment->literal_buckets, UINT64_C(1) << bits,
			  segment->literal_count))
		return false;
	for (uint32_t i = 0; i < segment->literal_count; i++) {
		const uint64_t *key = &segment->literal_keys[i];

		if (i && *key < key[-1])
			return bad(checking, offset_of(checking, key), "keys do not ascend");
		while (segment->literal_buckets[bucket + 1] <= i)
			bucket++;
		if (bits && *key >> (64 - bits) != bucket)
			return bad(checking, offset_of(checking, key),
				   "a key stands in the wrong bucket");
		if (segment->literal_members[i] >= segment->member_count &&
		    segment->literal_members[i] != INDEX_LITERAL_SHARED)
			return bad(checking, offset_of(checking, &segment->literal_members[i]),
				   "a text is of a member that is not there");
	}
	return true;
}

static bool check_postings(const struct checking *checking)
{
	const struct index_segment *segment = checking->segment;

	for (uint32_t i = 0; i < segment->posting_count; i++)
		if (segment->postings[i].member >= segment->member_count ||
		    segment->postings[i].name >= segment->name_count)
			return bad(checking, offset_of(checking, &segment->postings[i]),
				   "a posting names what is not there");
	return true;
}

static bool check_texts(const struct checking *checking, const uint32_t *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (texts[i] >= checking->segment->strings.len)
			return bad(checking, offset_of(checking, &texts[i]),
				   "a text is outside the strings");
	return true;
}

static bool check_tables(const struct checking *checking)
{
	const struct index_segment *segment = checking->segment;
	uint32_t next = 0;

	if (!segment->strings.len || segment->strings.ptr[segment->strings.len - 1])
		return bad(checking, segment->map.len, "the strings do not end in NUL");
	for (uint32_t i = 0; i < segment->component_count; i++)
		if (!check_texts(checking, &segment->components[i].name, 1))
			return false;
		else if (segment->components[i].class >= INDEX_CLASS_COUNT)
			return bad(checking, offset_of(checking, &segment->components[i]),
				   "a component of an unknown class");
	for (uint32_t i = 0; i < segment->origin_count; i++) {
		const struct index_disk_origin *origin = &segment->origins[i];

		if (!check_texts(checking, &origin->version, 8))
			return false;
		if (origin->component >= segment->component_count || origin->machine > UINT16_MAX ||
		    origin->first_member != next ||
		    origin->member_count > segment->member_count - next)
			return bad(checking, offset_of(checking, origin),
				   "an origin names what is not there");
		next += origin->member_count;
		for (uint32_t j = origin->first_member; j < next; j++)
			if (segment->members[j].origin != i)
				return bad(checking, offset_of(checking, &segment->members[j]),
					   "a member of another origin");
	}
	for (uint32_t i = 0; i < segment->member_count; i++)
		if (!check_texts(checking, &segment->members[i].name, 1))
			return false;
	if (next != segment->member_count)
		return bad(checking, segment->map.len, "members of no origin");
	return true;
}

static bool check_build_ids(const struct checking *checking)
{
	const struct index_segment *segment = checking->segment;

	for (uint32_t i = 0; i < segment->build_id_count; i++) {
		const struct index_disk_build_id *entry = &segment->build_ids[i];
		int order;

		if (entry->member >= segment->member_count)
			return bad(checking, offset_of(checking, entry),
				   "a build-id is of a member that is not there");
		if (!check_texts(checking, &entry->id, 1))
			return false;
		if (!index_build_id_eligible(index_segment_text(segment, entry->id)))
			return bad(checking, offset_of(checking, entry), "no build-id");
		order = i ? strcmp(index_segment_text(segment, entry[-1].id),
				   index_segment_text(segment, entry->id))
			  : -1;
		if (order > 0 || (order == 0 && entry[-1].member >= entry->member))
			return bad(checking, offset_of(checking, entry), "build-ids do not ascend");
	}
	return true;
}

static bool check_all(const struct checking *checking)
{
	return check_header(checking) && take_sections(checking) && check_keys(checking) &&
	       check_postings(checking) && check_tables(checking) && check_literals(checking) &&
	       take_build_ids(checking) && check_build_ids(checking) &&
	       check_places(checking, checking->segment->name_blocks,
			    (checking->segment->name_count + INDEX_NAMES_PER_BLOCK - 1) /
				INDEX_NAMES_PER_BLOCK,
			    (uint32_t)checking->segment->names.len);
}

enum status index_segment_open(const char *path, struct diags *diags, struct index_segment *ret)
{
	struct checking checking = {ret, path, diags};
	enum status status;
	int error;

	*ret = (struct index_segment){0};
	status = map_file(path, &ret->map);
	if (status != STATUS_OK) {
		error = errno;
		diag_add(diags, DIAG_INDEX_BAD, path, DIAG_NO_OFFSET, "%s", strerror(error));
		errno = error;
		return status;
	}
	if (check_all(&checking))
		return STATUS_OK;
	index_segment_close(ret);
	return STATUS_FORMAT;
}

void index_segment_close(struct index_segment *segment)
{
	if (segment->map.ptr)
		munmap((void *)(uintptr_t)segment->map.ptr, segment->map.len);
	*segment = (struct index_segment){0};
}

/* The first place of a key in a list with such buckets. */
static uint32_t find_key(const uint64_t *keys, const uint32_t *buckets, unsigned bits, uint64_t key)
{
	uint64_t bucket = bits ? key >> (64 - bits) : 0;
	uint32_t low = buckets[bucket], end = buckets[bucket + 1], high = end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < end && keys[low] == key ? low : UINT32_MAX;
}

uint32_t index_segment_find(const struct index_segment *segment, uint64_t key)
{
	return find_key(segment->keys, segment->buckets, segment->header->bucket_bits, key);
}

uint32_t index_segment_find_literal(const struct index_segment *segment, uint64_t key)
{
	return find_key(segment->literal_keys, segment->literal_buckets,
			segment->header->literal_bits, key);
}

/* A LEB128 number of at most 32 bits; false when the bytes end or it is larger. */
static bool take_number(struct slice *rest, uint32_t *ret)
{
	uint32_t value = 0;

	for (unsigned shift = 0; shift < 28 && rest->len; shift += 7) {
		uint8_t byte = rest->ptr[0];

		*rest = slice_of(rest->ptr + 1, rest->len - 1);
		value |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

/* Names are not checked when a file is opened: a malformed one is shown as far as it goes. */
const char *index_segment_name(const struct index_segment *segment, uint32_t name,
			       char buffer[static INDEX_NAME_SIZE])
{
	uint32_t block = name / INDEX_NAMES_PER_BLOCK, shared, length;
	struct slice rest = slice_of(segment->names.ptr + segment->name_blocks[block],
				     segment->name_blocks[block + 1] - segment->name_blocks[block]);
	size_t used = 0;

	for (uint32_t i = block * INDEX_NAMES_PER_BLOCK; i <= name; i++) {
		if (!take_number(&rest, &shared) || !take_number(&rest, &length) || shared > used ||
		    length > rest.len || length >= INDEX_NAME_SIZE - shared)
			break;
		memcpy(buffer + shared, rest.ptr, length);
		rest = slice_of(rest.ptr + length, rest.len - length);
		used = shared + length;
	}
	buffer[used] = 0;
	return buffer;
}
