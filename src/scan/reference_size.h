/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to src/scan. */
#ifndef SCAN_REFERENCE_SIZE_H
#define SCAN_REFERENCE_SIZE_H

#include "evidence/reference.h"
#include "scan/scan.h"

/* Says by the message of the options how large a manifest is, and what takes most of it. */
void reference_size_tell(const struct scan_options *options, const char *file,
			 const struct reference_size *size, struct arena *arena);
/* Says by the message of the options what is wrong with a manifest; false when nothing is. */
bool reference_trouble_tell(const struct scan_options *options, const struct diags *diags,
			    struct arena *arena);
/* The same, and of what is no manifest why it could not be used. Needs errno, and leaves it. */
void reference_failure_tell(const struct scan_options *options, const char *what,
			    enum status status, const struct diags *diags, struct arena *arena);

#endif
