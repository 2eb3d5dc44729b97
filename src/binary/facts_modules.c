/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Components that a toolchain wrote down in the file it made. What it lists it built in; that is a
 * statement of the builder's, not of the code.
 */
#include "binary/collector.h"
#include "binary/module_lists.h"
#include "util/budget.h"

void facts_modules(struct elf_input *in, struct facts_builder *builder);

bool module_add(struct facts_builder *builder, const struct facts_module *module)
{
	if (builder->modules.len >= BUDGET_MODULES) {
		facts_builder_diag(builder, DIAG_LIMIT_REACHED, module->offset,
				   "more than %u modules", BUDGET_MODULES);
		return false;
	}
	vec_push(&builder->modules, *module);
	return true;
}

bool module_fits(struct facts_builder *builder, struct slice name, struct slice version,
		 uint64_t offset)
{
	if (name.len <= BUDGET_MODULE_TEXT && version.len <= BUDGET_MODULE_TEXT)
		return true;
	facts_builder_diag(builder, DIAG_LIMIT_REACHED, offset,
			   "a module's name or version of more than %d bytes", BUDGET_MODULE_TEXT);
	return false;
}

bool module_section(const struct elf_input *in, const struct facts_builder *builder,
		    const char *name, struct slice *ret_bytes, uint64_t *ret_offset)
{
	for (size_t i = 0; i < builder->sections.len; i++) {
		const struct facts_section *section = &builder->sections.ptr[i];

		if (section->type == SHT_NOBITS || !section->name.length ||
		    strcmp(builder->strings.ptr + section->name.offset, name) != 0 ||
		    !slice_sub(in->bytes, section->offset, section->size, ret_bytes))
			continue;
		*ret_offset = section->offset;
		return true;
	}
	return false;
}

void facts_modules(struct elf_input *in, struct facts_builder *builder)
{
	module_list_go(in, builder);
	module_list_cargo(in, builder);
	module_list_opencv(in, builder);
	module_paths_rust(in, builder);
}
