/* SPDX-License-Identifier: BSD-2-Clause */
/* The device code of every shipped file. */
#ifndef SCAN_DEVICE_H
#define SCAN_DEVICE_H

#include "artifact/inventory.h"
#include "binary/binaries.h"
#include "report/view_build.h"

/* The inventory is finished, and the facts of its files are in. The list lives in the arena. */
struct device_files device_find(struct binaries *binaries, const struct inventory *inventory,
				struct arena *arena);

#endif
