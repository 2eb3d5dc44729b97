/* SPDX-License-Identifier: BSD-2-Clause */
/* Device code: images, kernels and their fingerprints. */
#include "binary/collector.h"

void facts_device(struct elf_input *in, struct facts_builder *builder);

void facts_device(struct elf_input *in, struct facts_builder *builder)
{
	(void)in;
	(void)builder;
}
