/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/verify_side.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/reference.h"
#include "util/memory.h"
#include "util/path.h"
#include "util/transfer.h"

#define BLOCK ((size_t)1 << 20) /* bytes compared at a time */

enum status side_start(struct side *side, const char *name, unsigned jobs, struct diags *diags)
{
	struct workers_options options = {.count = jobs};

	*side = (struct side){.name = name, .diags = diags};
	arena_init(&side->arena);
	listing_init(&side->listing);
	return workers_start(&options, &side->workers);
}

void side_begin(struct side *side, const char *name, struct workers *workers, struct diags *diags)
{
	*side = (struct side){.name = name, .diags = diags, .workers = workers, .borrowed = true};
	arena_init(&side->arena);
	listing_init(&side->listing);
}

enum status side_open_files(struct side *side, const char *const *paths, size_t count,
			    unsigned threads)
{
	enum status status = root_open_directory(side->name, &side->root);

	if (status == STATUS_OK)
		listing_fill_all(&side->listing, side->root, paths, count, threads, side->diags);
	return status;
}

static enum status open_tree(struct side *side, unsigned threads)
{
	char *directory = NULL, *path;
	enum status status = root_open_directory("/", &side->root);

	if (status != STATUS_OK)
		return status;
	if (side->name[0] != '/')
		directory = getcwd(NULL, 0);
	path = path_absolute(&side->arena, directory ? directory : "/", side->name);
	free(directory);
	if (!root_is_directory(side->root, path)) {
		side->single = true;
		listing_fill(&side->listing, side->root, path, threads, side->diags);
		return side->listing.files.len ? STATUS_OK : STATUS_NOT_FOUND;
	}
	/* A directory is a root of its own: paths of two trees are compared. */
	root_free(side->root);
	side->root = NULL;
	status = root_open_directory(path, &side->root);
	if (status == STATUS_OK)
		listing_fill(&side->listing, side->root, "/", threads, side->diags);
	return status;
}

enum status side_open(struct side *side, unsigned threads)
{
	enum status status;

	if (reference_recognises(side->name))
		return reference_read(side->name, side->diags, &side->reference);
	if (!container_recognises(side->name, CONTAINER_STATIC_ARCHIVES))
		return open_tree(side, threads);
	status = container_open((const char *const *)&side->name, 1, CONTAINER_STATIC_ARCHIVES,
				side->diags, &side->container);
	if (status == STATUS_OK)
		status = root_open_directory(container_directory(side->container), &side->root);
	if (status == STATUS_OK)
		listing_fill(&side->listing, side->root, "/", threads, side->diags);
	return status;
}

struct opening {
	struct side *side;
	unsigned threads;
	enum status status;
	int error;
};

static void *open_thread(void *argument)
{
	struct opening *opening = argument;

	opening->status = side_open(opening->side, opening->threads);
	opening->error = errno;
	return NULL;
}

static bool is_file(const struct side *side)
{
	struct stat info;

	return stat(side->name, &info) == 0 && S_ISREG(info.st_mode);
}

/* What forks nothing, so that it may run beside the other side. */
static bool is_plain(const struct side *side)
{
	return !reference_recognises(side->name) &&
	       !container_recognises(side->name, CONTAINER_STATIC_ARCHIVES);
}

/* Both are opened whatever becomes of the other; the left one is told of first. */
static enum status open_together(struct side *left, struct side *right, unsigned threads)
{
	struct opening opening = {left, threads, STATUS_OK, 0};
	struct diags diags, *shared = left->diags;
	enum status status;
	pthread_t id;
	int error;

	diags_init(&diags);
	left->diags = &diags;
	if (pthread_create(&id, NULL, open_thread, &opening) != 0) {
		open_thread(&opening);
		id = pthread_self();
	}
	status = side_open(right, threads);
	error = errno;
	if (!pthread_equal(id, pthread_self()))
		pthread_join(id, NULL);
	left->diags = shared;
	vec_each (diag, &diags.list)
		diag_add(shared, diag->id, diag->file, diag->offset, "%s", diag->message);
	diags_release(&diags);
	errno = opening.status == STATUS_OK ? error : opening.error;
	return opening.status == STATUS_OK ? status : opening.status;
}

enum status sides_open(struct side *left, struct side *right, unsigned threads)
{
	enum status status;

	if (is_plain(left) && is_plain(right)) {
		if (is_file(left) && is_file(right))
			threads = 0;
		return open_together(left, right, threads);
	}
	status = side_open(left, threads);
	return status == STATUS_OK ? side_open(right, threads) : status;
}

/* Bytes of an open file, fewer at its end; false when it cannot be read. */
static bool read_block(int fd, uint64_t offset, uint8_t *to, size_t *ret_size)
{
	*ret_size = transfer_read_at(fd, offset, to, BLOCK);
	return *ret_size == BLOCK || !errno;
}

static int open_side(struct side *side, const char *path, struct root_file *ret)
{
	int fd;

	if (root_open(side->root, path, &fd, ret) == STATUS_OK)
		return fd;
	diag_add(side->diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s", strerror(errno));
	return -1;
}

static bool blocks_equal(struct side *left, int left_fd, const char *left_path, struct side *right,
			 int right_fd, const char *right_path)
{
	uint8_t *blocks = memory_alloc(2 * BLOCK);
	uint64_t offset = 0;
	size_t left_size, right_size;
	bool equal;

	do {
		equal = false;
		if (!read_block(left_fd, offset, blocks, &left_size))
			diag_add(left->diags, DIAG_INPUT_UNREADABLE, left_path, offset, "%s",
				 strerror(errno));
		else if (!read_block(right_fd, offset, blocks + BLOCK, &right_size))
			diag_add(right->diags, DIAG_INPUT_UNREADABLE, right_path, offset, "%s",
				 strerror(errno));
		else
			equal = left_size == right_size &&
				memcmp(blocks, blocks + BLOCK, left_size) == 0;
		offset += BLOCK;
	} while (equal && left_size == BLOCK);
	free(blocks);
	return equal;
}

bool sides_equal(struct side *left, const char *left_path, struct side *right,
		 const char *right_path)
{
	struct root_file left_file, right_file;
	int left_fd = open_side(left, left_path, &left_file),
	    right_fd = open_side(right, right_path, &right_file);
	bool equal = left_fd >= 0 && right_fd >= 0 && left_file.size == right_file.size &&
		     blocks_equal(left, left_fd, left_path, right, right_fd, right_path);

	if (left_fd >= 0)
		close(left_fd);
	if (right_fd >= 0)
		close(right_fd);
	return equal;
}

void side_close(struct side *side)
{
	if (!side->borrowed)
		workers_free(side->workers);
	reference_free(side->reference);
	listing_release(&side->listing);
	if (side->root)
		root_free(side->root);
	container_free(side->container);
	arena_release(&side->arena);
}

/* Finds the file; false with a diagnostic. */
static bool find(struct side *side, const char *path, uint32_t groups, struct side_facts *ret)
{
	enum status status;

	ret->binaries = binaries_new(side->root, side->workers, groups, side->diags);
	ret->binary = NULL;
	status = binaries_find(ret->binaries, path, &ret->binary);
	if (status != STATUS_OK)
		diag_add(side->diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(errno) : status_text(status));
	return status == STATUS_OK;
}

void side_facts_ask(struct side *side, const char *path, uint32_t groups, struct side_facts *ret)
{
	if (find(side, path, groups, ret))
		binaries_prefetch(ret->binaries, ret->binary);
}

void side_facts_ask_code(struct side *side, const char *path, uint32_t groups,
			 const struct side_facts *known, struct side_facts *ret)
{
	if (!find(side, path, groups, ret))
		return;
	if (known && known->binary)
		binaries_use_debug(ret->binaries, ret->binary, side->root, known->binaries,
				   known->binary);
	for (size_t i = 0; known && known->binary && i < side->family_size; i++)
		if (side->family[i].root)
			binaries_use_debug(ret->binaries, ret->binary, side->family[i].root,
					   known->binaries, known->binary);
	binaries_prefetch(ret->binaries, ret->binary);
}

void side_facts_select(struct side *side, const char *path, const struct facts_range *ranges,
		       size_t count, struct side_facts *ret)
{
	enum status status;

	if (!find(side, path, FACTS_SELECTED, ret))
		return;
	status = binaries_select(ret->binaries, ret->binary, ranges, count);
	if (status == STATUS_OK)
		binaries_prefetch(ret->binaries, ret->binary);
	else
		diag_add(side->diags, DIAG_INPUT_UNREADABLE, path, DIAG_NO_OFFSET, "%s",
			 status == STATUS_IO ? strerror(errno) : status_text(status));
}

const struct facts *side_facts_take(struct side_facts *facts)
{
	return facts->binary ? binaries_facts(facts->binaries, facts->binary) : NULL;
}

void side_facts_free(struct side_facts *facts)
{
	if (facts->binaries)
		binaries_free(facts->binaries);
	*facts = (struct side_facts){0};
}
