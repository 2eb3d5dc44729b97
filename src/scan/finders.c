/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan/finders.h"

#include "artifact/inventory.h"
#include "depend/call_edges.h"
#include "depend/plugins.h"
#include "depend/units.h"

static void add_code(const struct finders_input *input, struct found_coverage *coverage)
{
	struct binary *binary;

	vec_each (file, &input->inventory->files) {
		const struct facts *facts;

		if (binaries_find(input->binaries, file->canonical, &binary) != STATUS_OK ||
		    !binary->ident.complete)
			continue;
		facts = binaries_facts(input->binaries, binary);
		for (size_t i = 0; facts && i < facts->code_coverage_count; i++) {
			const struct facts_code_coverage *code = &facts->code_coverage[i];

			coverage->code_bytes += code->code_bytes;
			coverage->code_bytes_selected += code->selected_bytes;
			coverage->code_bytes_decoded += code->decoded_bytes;
			coverage->code_files_not_decoded +=
			    code->code_bytes && !(code->flags & FACTS_COVERAGE_DECODED);
			coverage->code_files_unnamed += (code->flags & FACTS_COVERAGE_UNNAMED) != 0;
		}
	}
}

void finders_run(const struct finders_input *input, struct found_edges *edges,
		 struct found_coverage *ret)
{
	struct finder finder = {
	    .root = input->root,
	    .inventory = input->inventory,
	    .texts = input->texts,
	    .binaries = input->binaries,
	    .commands = commands_new(input->root, NULL),
	    .data = input->data,
	    .resolve = loader_resolve,
	    .resolve_context = input->loader,
	    .edges = edges,
	    .diags = input->diags,
	};
	struct service_names names;

	*ret = (struct found_coverage){.looked = true};
	service_names_init(&names);
	/* Services come first: code meets them by the names they answer to. */
	units_find(&finder, &names);
	scripts_find(&finder);
	python_find(&finder);
	ret->text_sites = finder.counts.sites;
	ret->text_sites_recovered = finder.counts.recovered;
	finder.counts = (struct found_counts){0};
	call_edges_find(&finder, &names);
	ret->call_sites = finder.counts.sites;
	ret->call_sites_recovered = finder.counts.recovered;
	plugins_find(&finder);
	python_extensions_find(&finder);
	add_code(input, ret);
	found_edges_finish(edges);
	service_names_release(&names);
	commands_free(finder.commands);
}
