/* SPDX-License-Identifier: BSD-2-Clause */
/* An index of hostile bytes: refused, or everything in it can be looked at. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "evidence/index_builder.h"
#include "evidence/index_segment.h"

static void look_at_all(const struct index *index)
{
	const struct index_segment *segment = index->segments.ptr[0];
	char name[INDEX_NAME_SIZE];
	struct index_posting posting;
	struct index_hits hits;
	uint64_t postings = 0;

	for (uint32_t i = 0; i < segment->key_count; i++) {
		if (index_frequency(index, segment->keys[i], NULL) > index_component_count(index))
			abort();
		for (index_find(index, segment->keys[i], &hits); index_next(&hits, &posting);) {
			struct index_member member = index_member(index, posting.member);

			postings++;
			if (strlen(index_function_name(index, posting.function, name)) >=
				INDEX_NAME_SIZE ||
			    strlen(member.name) > segment->strings.len ||
			    index_origin(index, member.origin)->component != posting.component)
				abort();
		}
	}
	if (postings != index_function_count(index))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	struct index_builder *builder;
	struct index *index = index_new();
	struct diags diags;

	if (fd < 0) {
		fd = memfd_create("index", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	diags_init(&diags);
	if (index_add_file(index, path, &diags) == STATUS_OK) {
		look_at_all(index);
		builder = index_builder_new();
		index_builder_merge(builder, index);
		index_builder_free(builder);
	} else if (!diags.list.len) {
		abort();
	}
	diags_release(&diags);
	index_free(index);
	return 0;
}
