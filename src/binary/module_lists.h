/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers of what toolchains write down of the modules they built in. Private to src/binary. */
#ifndef BINARY_MODULE_LISTS_H
#define BINARY_MODULE_LISTS_H

#include "binary/elf_input.h"

/* Adds one module; false when the budget is used up, which is then said in the record. */
bool module_add(struct facts_builder *builder, const struct facts_module *module);

/* Whether texts of a list, at that offset of the file, are kept; if not, it is said. */
bool module_fits(struct facts_builder *builder, struct slice name, struct slice version,
		 uint64_t offset);

/* The section of that name with contents in the file; false when there is none. */
bool module_section(const struct elf_input *in, const struct facts_builder *builder,
		    const char *name, struct slice *ret_bytes, uint64_t *ret_offset);

/* Go's build information, as debug/buildinfo reads it. */
void module_list_go(struct elf_input *in, struct facts_builder *builder);
/* The list of cargo-auditable, in .dep-v0. */
void module_list_cargo(struct elf_input *in, struct facts_builder *builder);
/* OpenCV's build information: what of its 3rdparty folder it was linked with. */
void module_list_opencv(struct elf_input *in, struct facts_builder *builder);
/* Paths of crates' sources, which rustc compiles into places that can panic. */
void module_paths_rust(struct elf_input *in, struct facts_builder *builder);

#endif
