/* SPDX-License-Identifier: BSD-2-Clause */
/* Device code: containers, images, kernels and their fingerprints. */
#include "binary/collector.h"
#include "binary/device.h"

void facts_device(struct elf_input *in, struct facts_builder *builder);

void facts_device(struct elf_input *in, struct facts_builder *builder)
{
	device_run(in, builder);
}
