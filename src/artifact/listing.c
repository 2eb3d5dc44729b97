/* SPDX-License-Identifier: BSD-2-Clause */
#include "artifact/listing.h"

#include <elf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "artifact/walk.h"

#define THREADS_MAX 64
#define BATCH 64 /* files open at a time */

struct job {
	struct listing_file *files;
	const int *fds;
	size_t count;
	size_t *next; /* shared, atomic */
};

void listing_init(struct listing *listing)
{
	*listing = (struct listing){0};
	arena_init(&listing->arena);
}

void listing_release(struct listing *listing)
{
	vec_release(&listing->files);
	arena_release(&listing->arena);
}

static void visit(void *context, const struct walk_file *file)
{
	struct listing *listing = context;

	vec_push(&listing->files, ((struct listing_file){
				      .path = arena_strdup(&listing->arena, file->canonical),
				      .size = file->file.size,
				      .elf = file->head_length >= SELFMAG &&
					     memcmp(file->head, ELFMAG, SELFMAG) == 0,
				  }));
}

static int compare_files(const void *a, const void *b)
{
	const struct listing_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

static void *digest_thread(void *argument)
{
	struct job *job = argument;

	for (;;) {
		size_t i = __atomic_fetch_add(job->next, 1, __ATOMIC_RELAXED);

		if (i >= job->count)
			return NULL;
		if (job->fds[i] >= 0)
			job->files[i].has_digest =
			    digest_file(job->fds[i], &job->files[i].sha256) == STATUS_OK;
	}
}

/* The root belongs to this thread: it opens, the others only read. */
static void digest_batch(struct listing_file *files, size_t count, struct root *root,
			 unsigned threads, struct diags *diags)
{
	pthread_t ids[THREADS_MAX];
	int fds[BATCH];
	size_t next = 0;
	struct job job = {files, fds, count, &next};
	unsigned started = 0;

	if (!threads)
		return;
	for (size_t i = 0; i < count; i++) {
		struct root_file file;

		if (root_open(root, files[i].path, &fds[i], &file) != STATUS_OK)
			fds[i] = -1;
	}
	while (started + 1 < threads && started < THREADS_MAX &&
	       pthread_create(&ids[started], NULL, digest_thread, &job) == 0)
		started++;
	digest_thread(&job);
	for (unsigned i = 0; i < started; i++)
		pthread_join(ids[i], NULL);
	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		if (!files[i].has_digest)
			diag_add(diags, DIAG_INPUT_UNREADABLE, files[i].path, DIAG_NO_OFFSET,
				 "no digest");
	}
}

/* Sorted, and each path once. */
static void put_in_order(struct listing *listing)
{
	struct listing_file *files = listing->files.ptr;
	size_t kept = 0;

	qsort(files, listing->files.len, sizeof(*files), compare_files);
	for (size_t i = 0; i < listing->files.len; i++)
		if (i == 0 || strcmp(files[i].path, files[kept - 1].path) != 0)
			files[kept++] = files[i];
	listing->files.len = kept;
}

void listing_fill_all(struct listing *listing, struct root *root, const char *const *paths,
		      size_t count, unsigned threads, struct diags *diags)
{
	struct walk walk = {.root = root, .diags = diags, .visit = visit, .context = listing};

	for (size_t i = 0; i < count; i++)
		walk_path(&walk, paths[i]);
	if (!listing->files.len)
		return;
	put_in_order(listing);
	for (size_t i = 0; i < listing->files.len; i += BATCH)
		digest_batch(&listing->files.ptr[i],
			     listing->files.len - i < BATCH ? listing->files.len - i : BATCH, root,
			     threads, diags);
}

void listing_fill(struct listing *listing, struct root *root, const char *path, unsigned threads,
		  struct diags *diags)
{
	listing_fill_all(listing, root, &path, 1, threads, diags);
}

const struct listing_file *listing_find(const struct listing *listing, const char *path)
{
	struct listing_file key = {.path = path};

	if (!listing->files.len)
		return NULL;
	return bsearch(&key, listing->files.ptr, listing->files.len, sizeof(key), compare_files);
}
