/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static archives, ar(5): GNU and BSD names, symbol tables skipped, thin archives, several members
 * of one name. Only headers and the table of names are read here, with pread: members are for a
 * worker, which is given their range.
 */
#ifndef ARTIFACT_AR_H
#define ARTIFACT_AR_H

#include <stdbool.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/diag.h"
#include "util/status.h"

#define AR_MAGIC "!<arch>\n"
#define AR_MAGIC_THIN "!<thin>\n"
#define AR_MAGIC_SIZE 8

struct ar_member {
	const char *name; /* as the archive has it; of a thin one, a path relative to its folder */
	uint32_t ordinal; /* how many members of that name came before this one */
	uint64_t header;  /* offset of its header in the archive */
	uint64_t offset;  /* of its bytes */
	uint64_t size;	  /* they lie inside the archive, unless it is external */
	bool external;	  /* thin: offset is 0, and the bytes are those of the file called name */
};

struct ar;

/*
 * fd stays the caller's, and open while the archive is read; path is for diagnostics. STATUS_FORMAT
 * when it is no archive, STATUS_IO with errno; nothing else is wrong until ar_next() says so.
 */
enum status ar_open(int fd, const char *path, struct diags *diags, struct ar **ret) must_check;
void ar_free(struct ar *ar);
/*
 * The next member that is no table; texts live as long as ar. False at the end, and where the
 * archive is malformed, which is an ARCHIVE_BAD with its offset.
 */
bool ar_next(struct ar *ar, struct ar_member *ret);

/* How a member is called beside its archive: "libx.a(y.o)", or "libx.a(y.o#2)" for the second y.o.
 */
char *ar_member_path(struct arena *arena, const char *archive, const struct ar_member *member);

#endif
