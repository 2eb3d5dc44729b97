/* SPDX-License-Identifier: BSD-2-Clause */
/* Components of a file by the linker's map beside it. */
#ifndef EVIDENCE_EMBEDDED_MAPS_H
#define EVIDENCE_EMBEDDED_MAPS_H

#include "evidence/embedded.h"
#include "evidence/link_map.h"

/* Which project an archive of some name is of, by an index; index may be NULL. */
struct embedded_archives;

struct embedded_archives *embedded_archives_open(const struct index *index, struct arena *arena);
void embedded_archives_close(struct embedded_archives *archives);

/* Adds to the named components of ret those whose archives the map lists. */
void embedded_maps_find(const struct embedded_archives *archives, const struct link_map *map,
			const char *map_path, struct arena *arena, struct embedded *ret);

/*
 * Claims those hints of ret whose library a file beside says the binary is linked with (names as
 * link_flags_read() gives them), unless the loader is to find that library (DT_NEEDED).
 */
void embedded_flags_find(const struct embedded_archives *archives, const char *const *names,
			 size_t count, const struct facts *facts, struct arena *arena,
			 struct embedded *ret);

#endif
