/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of all ELF files of a run, by identity and by path. */
#include "binary/binaries_internal.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "binary/selection.h"
#include "util/budget.h"
#include "util/map.h"
#include "util/memory.h"
#include "util/transfer.h"
#include "util/vec.h"

#define OPEN_MAX_KEPT 200 /* descriptors kept between finding and queueing */
#define PATH_MISSING UINT32_MAX
#define PATH_ERROR (UINT32_MAX - 1)
#define DIGEST_BATCH 64 /* files open at a time while digests are computed */

struct identity_key {
	uint64_t device, inode;
};

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

struct binaries *binaries_new(struct root *root, struct workers *workers, uint32_t groups,
			      struct diags *diags)
{
	struct binaries *binaries = memory_calloc(1, sizeof(*binaries));

	binaries->root = root;
	binaries->workers = workers;
	binaries->groups = groups;
	binaries->diags = diags;
	arena_init(&binaries->arena);
	raise_descriptor_limit();
	return binaries;
}

void binaries_free(struct binaries *binaries)
{
	if (!binaries)
		return;
	vec_each (entry, &binaries->entries) {
		if ((*entry)->fd >= 0)
			close((*entry)->fd);
		if ((*entry)->selected)
			close((*entry)->selection_fd);
		if ((*entry)->has_debug_fd)
			close((*entry)->debug_fd);
		free((void *)(uintptr_t)(*entry)->binary.facts.record.ptr);
	}
	vec_release(&binaries->entries);
	map_release(&binaries->by_path);
	map_release(&binaries->by_identity);
	map_release(&binaries->errors);
	arena_release(&binaries->arena);
	free(binaries);
}

void binaries_want(struct binaries *binaries, uint32_t groups)
{
	binaries->groups = groups;
}

struct root *binaries_root(const struct binaries *binaries)
{
	return binaries->root;
}

static struct elf_ident parse_ident(const uint8_t *head, size_t size)
{
	struct elf_ident ident = {.is_elf = size >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0};
	struct cursor cursor;
	size_t needed;

	if (!ident.is_elf || size < EI_NIDENT)
		return ident;
	ident.elf_class = head[EI_CLASS];
	ident.encoding = head[EI_DATA];
	ident.version = head[EI_VERSION];
	ident.osabi = head[EI_OSABI];
	ident.abi_version = head[EI_ABIVERSION];
	ident.padding_zero = true;
	for (size_t i = EI_PAD; i < EI_NIDENT; i++)
		ident.padding_zero &= head[i] == 0;
	needed = ident.elf_class == ELFCLASS64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	ident.complete = size >= needed;
	cursor = cursor_of(slice_of(head, size), ident.encoding == ELFDATA2MSB);
	cursor_seek(&cursor, EI_NIDENT);
	ident.type = cursor_u16(&cursor);
	ident.machine = cursor_u16(&cursor);
	ident.elf_version = cursor_u32(&cursor);
	cursor_seek(&cursor, ident.elf_class == ELFCLASS64 ? offsetof(Elf64_Ehdr, e_phentsize)
							   : offsetof(Elf32_Ehdr, e_phentsize));
	ident.segment_entry_size = cursor_u16(&cursor);
	return ident;
}

static struct entry *add_entry(struct binaries *binaries, const char *path, int fd,
			       const struct root_file *file)
{
	struct entry *entry = arena_alloc(&binaries->arena, sizeof(*entry));
	uint8_t head[sizeof(Elf64_Ehdr)];

	entry->fd = fd;
	entry->binary.id = (uint32_t)binaries->entries.len;
	entry->binary.file = *file;
	entry->binary.ident = parse_ident(head, transfer_read_at(fd, 0, head, sizeof(head)));
	entry->binary.found = path;
	vec_push(&binaries->entries, entry);
	return entry;
}

const char *binaries_path(struct binaries *binaries, const struct binary *binary)
{
	struct entry *entry = binaries->entries.ptr[binary->id];
	enum status status;
	char *path = NULL;

	if (entry->canonical)
		return entry->canonical;
	status = entry->fd >= 0
		     ? root_realpath_open(binaries->root, entry->fd, binary->found,
					  &binaries->arena, &path)
		     : root_realpath(binaries->root, binary->found, &binaries->arena, &path);
	entry->canonical = status == STATUS_OK ? path : binary->found;
	return entry->canonical;
}

/* Keeps few descriptors open: the oldest ones are closed, and opened again when they are wanted. */
static void keep_open(struct binaries *binaries, struct entry *entry)
{
	if (binaries->kept_open >= OPEN_MAX_KEPT) {
		close(entry->fd);
		entry->fd = -1;
		return;
	}
	binaries->kept_open++;
}

enum status binaries_find(struct binaries *binaries, const char *path, struct binary **ret)
{
	const struct map_entry *known = map_get(&binaries->by_path, slice_text(path));
	struct map_entry *by_identity;
	struct root_file file;
	struct identity_key *key;
	struct entry *entry;
	struct slice kept;
	enum status status;
	bool added;
	int fd;

	*ret = NULL;
	if (known) {
		if (known->value == PATH_MISSING)
			return STATUS_NOT_FOUND;
		if (known->value == PATH_ERROR) {
			errno = (int)map_get(&binaries->errors, slice_text(path))->value;
			return STATUS_IO;
		}
		*ret = &binaries->entries.ptr[known->value]->binary;
		return STATUS_OK;
	}
	kept = slice_text(arena_strdup(&binaries->arena, path));
	status = root_open(binaries->root, path, &fd, &file);
	if (status == STATUS_IO && errno == EACCES)
		status = STATUS_NOT_FOUND;
	if (status != STATUS_OK) {
		int error = errno;

		map_put(&binaries->by_path, kept,
			status == STATUS_NOT_FOUND ? PATH_MISSING : PATH_ERROR, NULL);
		if (status != STATUS_NOT_FOUND)
			map_put(&binaries->errors, kept, (uint32_t)error, NULL);
		errno = error;
		return status;
	}
	key = arena_alloc(&binaries->arena, sizeof(*key));
	*key = (struct identity_key){file.device, file.inode};
	by_identity = map_put(&binaries->by_identity, slice_of(key, sizeof(*key)),
			      (uint32_t)binaries->entries.len, &added);
	if (added) {
		entry = add_entry(binaries, (const char *)kept.ptr, fd, &file);
		keep_open(binaries, entry);
	} else {
		entry = binaries->entries.ptr[by_identity->value];
		close(fd);
	}
	map_put(&binaries->by_path, kept, entry->binary.id, NULL);
	*ret = &entry->binary;
	return STATUS_OK;
}

enum status binaries_add_part(struct binaries *binaries, const char *path, const char *container,
			      uint64_t offset, uint64_t size)
{
	struct slice kept = slice_text(arena_strdup(&binaries->arena, path));
	struct root_file file;
	struct entry *entry;
	uint8_t head[sizeof(Elf64_Ehdr)];
	enum status status;
	int fd;

	if (map_get(&binaries->by_path, kept))
		return STATUS_OK;
	status = root_open(binaries->root, container, &fd, &file);
	if (status != STATUS_OK)
		return status;
	entry = arena_alloc(&binaries->arena, sizeof(*entry));
	*entry = (struct entry){.canonical = (const char *)kept.ptr,
				.fd = fd,
				.container = arena_strdup(&binaries->arena, container),
				.whole = file,
				.offset = offset};
	entry->binary.id = (uint32_t)binaries->entries.len;
	entry->binary.found = entry->canonical;
	entry->binary.file = file;
	entry->binary.file.size = size;
	entry->binary.ident =
	    parse_ident(head, transfer_read_at(fd, offset, head,
					       size < sizeof(head) ? (size_t)size : sizeof(head)));
	vec_push(&binaries->entries, entry);
	keep_open(binaries, entry);
	map_put(&binaries->by_path, kept, entry->binary.id, NULL);
	return STATUS_OK;
}

const char *binaries_container(const struct binaries *binaries, const struct binary *binary)
{
	return binaries->entries.ptr[binary->id]->container;
}

struct workers_request binaries_request(const struct entry *entry, int fd, uint32_t groups)
{
	return (struct workers_request){
	    .fd = fd,
	    .debug_fd = -1,
	    .groups = groups,
	    .cookie = entry->binary.id,
	    .offset = entry->container ? entry->offset : 0,
	    .size = entry->container ? entry->binary.file.size : WORKERS_WHOLE_FILE,
	};
}

int binaries_reopen(struct binaries *binaries, const struct entry *entry)
{
	const struct root_file *then = entry->container ? &entry->whole : &entry->binary.file;
	const char *path = entry->container ? entry->container : entry->binary.found;
	struct root_file now;
	int fd;

	if (root_open(binaries->root, path, &fd, &now) != STATUS_OK) {
		diag_add(binaries->diags, DIAG_INPUT_CHANGED,
			 binaries_path(binaries, &entry->binary), DIAG_NO_OFFSET,
			 "it cannot be opened any more: %s", strerror(errno));
		return -1;
	}
	if (now.device == then->device && now.inode == then->inode && now.size == then->size &&
	    now.mtime_ns == then->mtime_ns)
		return fd;
	diag_add(binaries->diags, DIAG_INPUT_CHANGED, binaries_path(binaries, &entry->binary),
		 DIAG_NO_OFFSET, "it is another file now");
	close(fd);
	return -1;
}

static void fail(struct entry *entry, enum status status)
{
	entry->binary.ready = true;
	entry->binary.status = status;
}

enum status binaries_select(struct binaries *binaries, struct binary *binary,
			    const struct facts_range *ranges, size_t count)
{
	struct entry *entry = binaries->entries.ptr[binary->id];
	int fd;

	if (!count || count > BUDGET_FUNCTIONS || entry->selected || entry->container)
		return STATUS_USAGE;
	fd = selection_write(ranges, count);
	if (fd < 0)
		return STATUS_IO;
	entry->selection_fd = fd;
	entry->selected = (uint32_t)count;
	return STATUS_OK;
}

/* Gives an open file to the workers, and its selection with it. */
static enum status submit(struct binaries *binaries, struct entry *entry, int fd)
{
	struct workers_request request = binaries_request(entry, fd, binaries->groups);

	request.selection_fd = entry->selection_fd;
	request.selected = entry->selected;
	entry->selected = 0;
	request.debug_fd = entry->has_debug_fd ? entry->debug_fd : -1;
	entry->has_debug_fd = false;
	return workers_submit_request(binaries->workers, &request);
}

void binaries_prefetch(struct binaries *binaries, struct binary *binary)
{
	struct entry *entry = binaries->entries.ptr[binary->id];
	int fd;

	if (binary->queued || binary->ready)
		return;
	binary->queued = true;
	if (!binary->ident.is_elf || !binary->ident.complete) {
		fail(entry, STATUS_FORMAT);
	} else {
		fd = entry->fd;
		if (fd >= 0)
			binaries->kept_open--;
		else
			fd = binaries_reopen(binaries, entry);
		entry->fd = -1;
		if (fd < 0)
			fail(entry, STATUS_IO);
		else if (submit(binaries, entry, fd) != STATUS_OK)
			fail(entry, STATUS_FAULT);
	}
}

void binaries_copy_diagnostics(struct binaries *binaries, const struct binary *binary,
			       const struct facts *facts)
{
	for (size_t i = 0; i < facts->diagnostics_count; i++)
		diag_add(binaries->diags, (enum diag_id)facts->diagnostics[i].id,
			 binaries_path(binaries, binary), facts->diagnostics[i].offset, "%s",
			 facts_text(facts, facts->diagnostics[i].message));
}

static void take_result(struct binaries *binaries, struct workers_result *result)
{
	struct entry *entry;
	struct binary *binary;

	if (result->cookie >= binaries->entries.len) {
		free(result->record);
		return;
	}
	entry = binaries->entries.ptr[result->cookie];
	binary = &entry->binary;
	binary->ready = true;
	binary->status = result->status;
	if (result->status != STATUS_OK) {
		diag_add(binaries->diags, result->fault, binaries_path(binaries, binary),
			 result->offset, "%s", result->message);
		return;
	}
	if (facts_open(slice_of(result->record, result->record_size), &binary->facts) !=
	    STATUS_OK) {
		free(result->record);
		binary->facts = (struct facts){0};
		binary->status = STATUS_FAULT;
		diag_add(binaries->diags, DIAG_WORKER_BAD_RECORD, binaries_path(binaries, binary),
			 DIAG_NO_OFFSET, "%s", "");
		return;
	}
	binaries_copy_diagnostics(binaries, binary, &binary->facts);
}

const struct facts *binaries_facts(struct binaries *binaries, struct binary *binary)
{
	struct workers_result result;

	binaries_prefetch(binaries, binary);
	while (!binary->ready) {
		enum status status = workers_next(binaries->workers, &result);

		if (status == STATUS_OK) {
			take_result(binaries, &result);
			continue;
		}
		diag_add(binaries->diags, DIAG_WORKER_CRASHED, binaries_path(binaries, binary),
			 DIAG_NO_OFFSET, "no worker could be kept running");
		fail(binaries->entries.ptr[binary->id], STATUS_FAULT);
	}
	return binary->status == STATUS_OK ? &binary->facts : NULL;
}

/* ---- digests ---- */

struct digest_job {
	struct entry *const *entries;
	const int *fds;
	enum status *statuses;
	size_t count;
	size_t *next; /* shared, atomic */
};

static void *digest_thread(void *argument)
{
	struct digest_job *job = argument;

	for (;;) {
		size_t i = __atomic_fetch_add(job->next, 1, __ATOMIC_RELAXED);

		if (i >= job->count)
			return NULL;
		job->statuses[i] =
		    job->entries[i]->container
			? digest_range(job->fds[i], job->entries[i]->offset,
				       job->entries[i]->binary.file.size, &job->entries[i]->digest)
			: digest_file(job->fds[i], &job->entries[i]->digest);
	}
}

static void digest_batch(struct binaries *binaries, struct entry *const *entries, const int *fds,
			 size_t count, unsigned threads)
{
	enum status statuses[DIGEST_BATCH] = {STATUS_OK};
	pthread_t ids[DIGEST_BATCH];
	size_t next = 0;
	struct digest_job job = {entries, fds, statuses, count, &next};
	unsigned started = 0;

	while (started + 1 < threads && started + 1 < count &&
	       pthread_create(&ids[started], NULL, digest_thread, &job) == 0)
		started++;
	digest_thread(&job);
	for (unsigned i = 0; i < started; i++)
		pthread_join(ids[i], NULL);
	for (size_t i = 0; i < count; i++) {
		entries[i]->has_digest = statuses[i] == STATUS_OK;
		if (statuses[i] != STATUS_OK)
			diag_add(binaries->diags, DIAG_INPUT_UNREADABLE,
				 binaries_path(binaries, &entries[i]->binary), DIAG_NO_OFFSET,
				 "no digest: %s", status_text(statuses[i]));
		close(fds[i]);
	}
}

void binaries_digest_all(struct binaries *binaries, struct binary *const *list, size_t count,
			 unsigned threads)
{
	struct entry *entries[DIGEST_BATCH];
	int fds[DIGEST_BATCH];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		struct entry *entry = binaries->entries.ptr[list[i]->id];
		bool listed = entry->has_digest;

		for (size_t j = 0; j < used; j++)
			listed |= entries[j] == entry;
		if (!listed && (fds[used] = binaries_reopen(binaries, entry)) >= 0)
			entries[used++] = entry;
		if (used == DIGEST_BATCH || (i + 1 == count && used)) {
			digest_batch(binaries, entries, fds, used, threads ? threads : 1);
			used = 0;
		}
	}
}

enum status binaries_digest(struct binaries *binaries, struct binary *binary, struct digest *ret)
{
	struct entry *entry = binaries->entries.ptr[binary->id];

	if (!entry->has_digest)
		binaries_digest_all(binaries, &binary, 1, 1);
	if (!entry->has_digest)
		return STATUS_IO;
	*ret = entry->digest;
	return STATUS_OK;
}

size_t binaries_count(const struct binaries *binaries)
{
	return binaries->entries.len;
}

struct binary *binaries_at(const struct binaries *binaries, size_t index)
{
	return &binaries->entries.ptr[index]->binary;
}
