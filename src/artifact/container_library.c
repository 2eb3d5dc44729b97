/* SPDX-License-Identifier: BSD-2-Clause */
/* libarchive, where an archive is read. */
#include <archive.h>
#include <archive_entry.h>

#include "artifact/container_internal.h"
#include "sonames.h"
#include "util/lazy.h"

LAZY_LIBRARY(lazy_archive, SONAME_ARCHIVE, "archives", "zip, tar and Debian packages as artifacts",
	     "recommended")

LAZY_FUNCTION(lazy_archive, __LA_MODE_T, archive_entry_filetype, (struct archive_entry * a), (a))
LAZY_FUNCTION(lazy_archive, const char *, archive_entry_hardlink, (struct archive_entry * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_entry_is_encrypted, (struct archive_entry * a), (a))
LAZY_FUNCTION(lazy_archive, __LA_MODE_T, archive_entry_mode, (struct archive_entry * a), (a))
LAZY_FUNCTION(lazy_archive, const char *, archive_entry_pathname, (struct archive_entry * a), (a))
LAZY_FUNCTION(lazy_archive, const char *, archive_entry_pathname_utf8, (struct archive_entry * a),
	      (a))
LAZY_FUNCTION(lazy_archive, const char *, archive_entry_symlink, (struct archive_entry * a), (a))
LAZY_FUNCTION(lazy_archive, const char *, archive_entry_symlink_utf8, (struct archive_entry * a),
	      (a))
LAZY_FUNCTION(lazy_archive, const char *, archive_error_string, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, la_ssize_t, archive_read_data, (struct archive * a, void *b, size_t c),
	      (a, b, c))
LAZY_FUNCTION(lazy_archive, int, archive_read_free, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, struct archive *, archive_read_new, (void), ())
LAZY_FUNCTION(lazy_archive, int, archive_read_next_header,
	      (struct archive * a, struct archive_entry **b), (a, b))
LAZY_FUNCTION(lazy_archive, int, archive_read_open1, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_read_set_callback_data, (struct archive * a, void *b),
	      (a, b))
LAZY_FUNCTION(lazy_archive, int, archive_read_set_read_callback,
	      (struct archive * a, archive_read_callback *b), (a, b))
LAZY_FUNCTION(lazy_archive, int, archive_read_set_seek_callback,
	      (struct archive * a, archive_seek_callback *b), (a, b))
LAZY_FUNCTION(lazy_archive, int, archive_read_set_skip_callback,
	      (struct archive * a, archive_skip_callback *b), (a, b))
LAZY_FUNCTION(lazy_archive, int, archive_read_support_filter_bzip2, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_read_support_filter_gzip, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_read_support_filter_lzma, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_read_support_filter_xz, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_read_support_filter_zstd, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_read_support_format_ar, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_read_support_format_tar, (struct archive * a), (a))
LAZY_FUNCTION(lazy_archive, int, archive_read_support_format_zip, (struct archive * a), (a))

void container_prepare(void)
{
	lazy_require(&lazy_archive);
}
