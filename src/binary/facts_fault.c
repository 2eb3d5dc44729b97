/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/facts_fault.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/memory.h"

#define ORDER_OFFSET 64
#define ORDER "ELFLEFT-FAULT "

static void spin(void)
{
	volatile bool forever = true;

	while (forever)
		;
}

/* Looks at the last page until it is gone. */
static void wait_for_shrinking(struct slice bytes)
{
	const volatile uint8_t *last = bytes.ptr + bytes.len - 1;
	volatile uint8_t sum = 0;

	for (;;)
		sum = (uint8_t)(sum + *last);
}

static void allocate_without_end(void)
{
	for (;;) {
		volatile uint8_t *memory = memory_alloc((size_t)16 << 20);
		for (size_t i = 0; i < (size_t)16 << 20; i += 4096)
			memory[i] = 1;
	}
}

bool facts_fault(struct slice bytes, unsigned part, uint8_t **ret_record, size_t *ret_size)
{
	struct slice order;

	if (!slice_sub(bytes, ORDER_OFFSET, sizeof(ORDER) - 1 + 8, &order) ||
	    !slice_starts_with(order, ORDER))
		return false;
	order = slice_of(order.ptr + sizeof(ORDER) - 1, 8);
	if (slice_starts_with(order, "abort") || (part && slice_starts_with(order, "part")))
		abort();
	else if (slice_starts_with(order, "spin"))
		spin();
	else if (slice_starts_with(order, "shrink"))
		wait_for_shrinking(bytes);
	else if (slice_starts_with(order, "allocate"))
		allocate_without_end();
	else if (slice_starts_with(order, "syscall"))
		(void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	else if (slice_starts_with(order, "garbage")) {
		*ret_size = 4096;
		*ret_record = memory_alloc(*ret_size);
		memset(*ret_record, 0xa5, *ret_size);
		return true;
	}
	return false;
}
