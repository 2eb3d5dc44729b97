/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols and attributes of one cubin. Only the readers of device code include this. */
#ifndef BINARY_DEVICE_SYMBOLS_H
#define BINARY_DEVICE_SYMBOLS_H

#include "binary/device_elf.h"

struct device_symbols {
	struct slice table, names;
};

/* Of a symbol's name as other builds have it too; of its index when there is no such symbol. */
uint64_t device_symbol_hash(const struct device_elf *elf, const struct device_symbols *symbols,
			    uint64_t index);

/* One attribute of .nv.info or .nv.info.KERNEL. */
struct device_info_cursor {
	size_t at;
	uint8_t form, attribute;
	struct slice value; /* two bytes in short forms */
};

bool device_info_next(struct slice info, struct device_info_cursor *cursor);
/* (symbol, number): registers or stack of one kernel. */
bool device_info_is_resource(const struct device_info_cursor *cursor);

#endif
