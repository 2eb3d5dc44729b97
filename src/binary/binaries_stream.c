/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records that are not kept. A file with much code is shared between the workers where one of them
 * would still be at it when the others are done.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "binary/binaries_internal.h"
#include "binary/facts_parts.h"

#define STREAM_UNDER_WAY 4		/* records a stream holds at a time */
#define SHARED_CODE (UINT64_C(2) << 20) /* bytes that are worth listing functions twice */

/* A file of which parts are with workers. */
struct shared {
	size_t index; /* in the list of the stream */
	size_t count, arrived;
	struct slice records[FACTS_PARTS_MAX]; /* owned; len 0: not here */
	bool failed;
};

struct stream {
	struct binaries *binaries;
	struct binary *const *list;
	size_t under_way;
	uint32_t groups;
	binaries_take_fn *take;
	void *context;
	VEC(struct shared) shared; /* that are not complete */
};

/* Its separate debug file, for what is not in the file itself; -1 when there is none. */
static int open_debug_file(const struct stream *stream, const struct entry *entry, uint32_t groups)
{
	uint32_t flags;

	if (!entry->binary.ready || entry->binary.status != STATUS_OK)
		return -1;
	flags = entry->binary.facts.identity->flags;
	if ((groups & FACTS_CODE && !(flags & FACTS_HAS_SYMTAB)) ||
	    (groups & FACTS_DEBUG && !(flags & FACTS_HAS_DEBUG)))
		return binaries_open_debug(stream->binaries, entry);
	return -1;
}

/* Bytes that functions may lie in, of files whose functions can be shared. */
static uint64_t code_size(const struct entry *entry)
{
	const struct facts *facts = &entry->binary.facts;
	uint64_t size = 0;

	if (!entry->binary.ready || entry->binary.status != STATUS_OK ||
	    facts->identity->elf_type != ET_DYN)
		return 0;
	for (size_t i = 0; i < facts->segments_count; i++)
		if (facts->segments[i].type == PT_LOAD && facts->segments[i].flags & PF_X)
			size += facts->segments[i].file_size;
	return size;
}

/* How many workers are to share a file; 1: none. What functions refer to cannot be joined. */
static size_t parts_of(const struct stream *stream, size_t index, uint64_t all_code)
{
	struct entry *const *entries = stream->binaries->entries.ptr;
	const struct entry *entry = entries[stream->list[index]->id];
	size_t workers = workers_count(stream->binaries->workers);
	uint64_t code = code_size(entry);

	if (!(stream->groups & FACTS_CODE) || stream->groups & FACTS_TARGETS || entry->container ||
	    code < SHARED_CODE || code <= all_code / workers)
		return 1;
	return workers < FACTS_PARTS_MAX ? workers : FACTS_PARTS_MAX;
}

static void tell_lost(struct binaries *binaries, const struct binary *binary)
{
	diag_add(binaries->diags, DIAG_WORKER_CRASHED, binaries_path(binaries, binary),
		 DIAG_NO_OFFSET, "no worker could be kept running");
}

static void take_record(struct stream *stream, struct binary *binary, struct slice record)
{
	struct facts facts;

	if (facts_open(record, &facts) != STATUS_OK) {
		diag_add(stream->binaries->diags, DIAG_WORKER_BAD_RECORD,
			 binaries_path(stream->binaries, binary), DIAG_NO_OFFSET, "%s", "");
		return;
	}
	binaries_copy_diagnostics(stream->binaries, binary, &facts);
	stream->take(stream->context, binary, &facts);
}

static void take_shared(struct stream *stream, struct binary *binary, struct shared *shared)
{
	uint8_t *record = NULL;
	size_t size = 0;
	enum status status = STATUS_FAULT;

	if (!shared->failed)
		status = facts_parts_join(shared->records, shared->count, &record, &size);
	for (size_t i = 0; i < shared->count; i++)
		free((void *)(uintptr_t)shared->records[i].ptr);
	if (status == STATUS_OK)
		take_record(stream, binary, slice_of(record, size));
	else if (!shared->failed)
		diag_add(stream->binaries->diags,
			 status == STATUS_LIMIT ? DIAG_LIMIT_REACHED : DIAG_WORKER_BAD_RECORD,
			 binaries_path(stream->binaries, binary), DIAG_NO_OFFSET, "%s",
			 status == STATUS_LIMIT ? "its record is too large" : "");
	free(record);
}

static struct shared *find_shared(struct stream *stream, const struct binary *binary)
{
	vec_each (shared, &stream->shared)
		if (stream->list[shared->index] == binary)
			return shared;
	return NULL;
}

/* record: len 0 when there is none. */
static void take_part(struct stream *stream, struct binary *binary, size_t part,
		      struct slice record)
{
	struct shared *shared = find_shared(stream, binary);

	if (!shared || part >= shared->count || shared->records[part].len) {
		free((void *)(uintptr_t)record.ptr);
		return;
	}
	shared->records[part] = record;
	shared->failed |= record.len == 0;
	if (++shared->arrived < shared->count)
		return;
	take_shared(stream, binary, shared);
	*shared = stream->shared.ptr[--stream->shared.len];
}

static void take_result(struct stream *stream, const struct workers_result *result)
{
	uint64_t id = result->cookie & UINT32_MAX, part = result->cookie >> 32;
	struct binary *binary;
	const struct shared *shared;

	if (id >= stream->binaries->entries.len) {
		free(result->record);
		return;
	}
	binary = &stream->binaries->entries.ptr[id]->binary;
	shared = find_shared(stream, binary);
	if (result->status != STATUS_OK && (!shared || !shared->failed))
		diag_add(stream->binaries->diags, result->fault,
			 binaries_path(stream->binaries, binary), result->offset, "%s",
			 result->message);
	if (shared) {
		take_part(stream, binary, part,
			  result->status == STATUS_OK
			      ? slice_of(result->record, result->record_size)
			      : slice_of(NULL, 0));
		return;
	}
	if (result->status == STATUS_OK)
		take_record(stream, binary, slice_of(result->record, result->record_size));
	free(result->record);
}

/* Few are under way at a time: their records lie in memory until they are taken. */
static bool take_next(struct stream *stream)
{
	struct workers_result result;

	if (!stream->under_way || workers_next(stream->binaries->workers, &result) != STATUS_OK)
		return false;
	stream->under_way--;
	take_result(stream, &result);
	return true;
}

static void submit(struct stream *stream, size_t index, size_t parts)
{
	struct binary *binary = stream->list[index];
	const struct entry *entry = stream->binaries->entries.ptr[binary->id];

	if (parts > 1)
		vec_push(&stream->shared, ((struct shared){.index = index, .count = parts}));
	for (size_t i = 0; i < parts; i++) {
		int fd = binaries_reopen(stream->binaries, entry);
		struct workers_request request = binaries_request(entry, fd, stream->groups);

		if (parts > 1) {
			request.part = (uint16_t)i;
			request.parts = (uint16_t)parts;
			request.cookie |= (uint64_t)i << 32;
			if (i) /* all else that was asked for is in the first one */
				request.groups = FACTS_CODE;
		}
		request.debug_fd = fd < 0 ? -1 : open_debug_file(stream, entry, request.groups);
		if (fd >= 0 &&
		    workers_submit_request(stream->binaries->workers, &request) == STATUS_OK) {
			stream->under_way++;
			continue;
		}
		if (fd >= 0)
			tell_lost(stream->binaries, binary);
		if (parts > 1)
			take_part(stream, binary, i, slice_of(NULL, 0));
	}
}

void binaries_stream(struct binaries *binaries, struct binary *const *list, size_t count,
		     uint32_t groups, binaries_take_fn *take, void *context)
{
	struct stream stream = {
	    .binaries = binaries, .list = list, .groups = groups, .take = take, .context = context};
	uint64_t all_code = 0;

	for (size_t i = 0; i < count; i++)
		all_code += code_size(binaries->entries.ptr[list[i]->id]);
	for (size_t i = 0; i < count; i++) {
		while (stream.under_way >= STREAM_UNDER_WAY && take_next(&stream))
			;
		submit(&stream, i, parts_of(&stream, i, all_code));
	}
	while (take_next(&stream))
		;
	if (stream.under_way)
		diag_add(binaries->diags, DIAG_WORKER_CRASHED, NULL, DIAG_NO_OFFSET,
			 "no worker could be kept running");
	vec_each (shared, &stream.shared)
		for (size_t i = 0; i < shared->count; i++)
			free((void *)(uintptr_t)shared->records[i].ptr);
	vec_release(&stream.shared);
}
