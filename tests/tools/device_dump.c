/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the device code of one file as lines of tab-separated fields, for tests: the record comes
 * from a worker and passes facts_open(), as in a real run.
 *
 *	container OFFSET SIZE KIND SECTION FLAGS ENTRIES
 *	entry CONTAINER OFFSET KIND ARCHITECTURE COMPRESSION STATE STORED SIZE VERSION
 *		KERNELS CONTENT
 *	kernel ENTRY FLAGS SIZE INSTRUCTIONS MASKED RAW-FINGERPRINT MASKED-FINGERPRINT NAME
 *	tool NAME VERSION BUILD OPTIONS IMAGES
 *	source CRC NAME PATH KERNELS
 *	wrapper ADDRESS TARGET CONTAINER FLAGS
 *	named SECTION NAMES
 *	count NAME NUMBER
 *	diagnostic CODE OFFSET MESSAGE
 *
 * usage: device_dump [-q] FILE        (-q: no kernels and entries)
 */
#include "one_record.h"

static const char *text(const struct facts *facts, struct facts_text it)
{
	return it.length ? facts_text(facts, it) : "-";
}

static void print_fingerprint(struct facts_fingerprint it)
{
	printf("\t%016llx%016llx", (unsigned long long)it.high, (unsigned long long)it.low);
}

static void print_entry(const struct facts *facts, const struct facts_device_entry *entry)
{
	printf("entry\t%u\t%llx\t%s\t%s\t%s\t%s\t%llu\t%llu\t%s\t%u", entry->container,
	       (unsigned long long)entry->offset,
	       facts_device_kind_text((enum facts_device_kind)entry->kind),
	       text(facts, entry->architecture),
	       facts_device_compression_text((enum facts_device_compression)entry->compression),
	       facts_device_state_text((enum facts_device_state)entry->state),
	       (unsigned long long)entry->stored, (unsigned long long)entry->size,
	       text(facts, entry->version), entry->kernel_count);
	print_fingerprint(entry->content);
	putchar('\n');
}

static void print_kernel(const struct facts *facts, const struct facts_kernel *kernel)
{
	printf("kernel\t%u\t%s%s\t%llu\t%u\t%u", kernel->entry,
	       kernel->flags & FACTS_KERNEL_PTX ? "p" : "",
	       kernel->flags & FACTS_KERNEL_FUNCTION ? "f" : "k", (unsigned long long)kernel->size,
	       kernel->instructions, kernel->masked_count);
	print_fingerprint(kernel->raw);
	print_fingerprint(kernel->masked);
	printf("\t%s\n", text(facts, kernel->name));
}

static void print_containers(const struct facts *facts)
{
	for (size_t i = 0; i < facts->device_containers_count; i++) {
		const struct facts_device_container *container = &facts->device_containers[i];
		uint32_t flags = container->flags;

		printf(
		    "container\t%llx\t%llu\t%s\t%s\t%s%s%s%s\t%u\n",
		    (unsigned long long)container->offset, (unsigned long long)container->size,
		    facts_device_container_text((enum facts_device_container_kind)container->kind),
		    text(facts, container->section), flags ? "" : "-",
		    flags & FACTS_DEVICE_REGISTERED ? "r" : "",
		    flags & FACTS_DEVICE_LINKED_PART ? "l" : "",
		    flags & FACTS_DEVICE_UNUSUAL_PLACE ? "u" : "", container->entry_count);
	}
}

static void print_rest(const struct facts *facts)
{
	for (size_t i = 0; i < facts->device_tools_count; i++) {
		const struct facts_device_tool *tool = &facts->device_tools[i];

		printf("tool\t%s\t%s\t%s\t%s\t%u\n", text(facts, tool->name),
		       text(facts, tool->version), text(facts, tool->build),
		       text(facts, tool->options), tool->images);
	}
	for (size_t i = 0; i < facts->device_sources_count; i++) {
		const struct facts_device_source *source = &facts->device_sources[i];

		printf("source\t%08x\t%s\t%s\t%u\n", source->crc, text(facts, source->name),
		       text(facts, source->path), source->kernels);
	}
	for (size_t i = 0; i < facts->device_wrappers_count; i++) {
		const struct facts_device_wrapper *wrapper = &facts->device_wrappers[i];

		printf("wrapper\t%llx\t%llx\t%d\t%s\n", (unsigned long long)wrapper->address,
		       (unsigned long long)wrapper->target, (int)wrapper->container,
		       wrapper->flags & FACTS_DEVICE_RELOCATED ? "r" : "-");
	}
	for (size_t i = 0; i < facts->device_named_count; i++)
		printf("named\t%s\t%llu\n", text(facts, facts->device_named[i].section),
		       (unsigned long long)facts->device_named[i].names);
	for (size_t i = 0; i < facts->diagnostics_count; i++)
		printf("diagnostic\t%s\t%llx\t%s\n",
		       diag_info((enum diag_id)facts->diagnostics[i].id)->code,
		       (unsigned long long)facts->diagnostics[i].offset,
		       text(facts, facts->diagnostics[i].message));
}

static void print_counts(const struct facts *facts)
{
	unsigned long long kinds[FACTS_DEVICE_KIND_COUNT] = {0}, stored = 0, size = 0;
	unsigned long long kernels = 0, functions = 0, bytes = 0, texts = 0;

	for (size_t i = 0; i < facts->device_entries_count; i++) {
		kinds[facts->device_entries[i].kind]++;
		stored += facts->device_entries[i].stored;
		size += facts->device_entries[i].size;
	}
	for (size_t i = 0; i < facts->kernels_count; i++) {
		bool is_text = facts->kernels[i].flags & FACTS_KERNEL_PTX;
		bool is_function = facts->kernels[i].flags & FACTS_KERNEL_FUNCTION;

		texts += is_text;
		functions += !is_text && is_function;
		kernels += !is_text && !is_function;
		bytes += is_text ? 0 : facts->kernels[i].size;
	}
	for (size_t i = 0; i < FACTS_DEVICE_KIND_COUNT; i++)
		printf("count\t%s\t%llu\n", facts_device_kind_text((enum facts_device_kind)i),
		       kinds[i]);
	printf("count\tcontainers\t%zu\ncount\tentries\t%zu\n", facts->device_containers_count,
	       facts->device_entries_count);
	printf("count\tstored\t%llu\ncount\tsize\t%llu\ncount\tkernels\t%llu\n", stored, size,
	       kernels);
	printf("count\tfunctions\t%llu\ncount\ttexts\t%llu\ncount\tcode\t%llu\n", functions, texts,
	       bytes);
	printf("count\trecord\t%zu\n", facts->record.len);
}

static void print(const struct facts *facts, bool quiet)
{
	if (!quiet) {
		print_containers(facts);
		for (size_t i = 0; i < facts->device_entries_count; i++)
			print_entry(facts, &facts->device_entries[i]);
		for (size_t i = 0; i < facts->kernels_count; i++)
			print_kernel(facts, &facts->kernels[i]);
	}
	print_rest(facts);
	print_counts(facts);
}

static int dump(const char *path, bool quiet)
{
	struct facts facts;

	if (!one_record("device_dump", path, FACTS_DEVICE, &facts))
		return 2;
	print(&facts, quiet);
	one_record_release(&facts);
	return 0;
}

int main(int argc, char **argv)
{
	bool quiet = argc == 3 && strcmp(argv[1], "-q") == 0;

	if (argc != 2 + quiet) {
		fprintf(stderr, "usage: device_dump [-q] FILE\n");
		return 3;
	}
	return dump(argv[argc - 1], quiet);
}
