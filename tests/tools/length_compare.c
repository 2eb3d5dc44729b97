/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decodes the code of x86-64 files with capstone and with the project's own length decoder, side by
 * side, and prints every class of difference with its count and first examples:
 *
 *	instructions NUMBER
 *	CLASS NUMBER		length, undecoded (by us), unknown (to capstone), displacement,
 *				immediate, relative
 *	example CLASS FILE ADDRESS BYTES OURS THEIRS MNEMONIC
 *
 * usage: length_compare LIMIT FILE...    (LIMIT: instructions in all)
 */
#include <capstone/capstone.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binary/elf_input.h"
#include "binary/length_x86.h"

enum class { LENGTH, UNDECODED, UNKNOWN, DISPLACEMENT, IMMEDIATE, RELATIVE, CLASS_COUNT };

static const char *const names[CLASS_COUNT] = {"length",       "undecoded", "unknown",
					       "displacement", "immediate", "relative"};

#define EXAMPLES 40

struct run {
	csh capstone;
	cs_insn *theirs;
	const char *path;
	unsigned long long limit, instructions, counts[CLASS_COUNT];
};

static void differ(struct run *run, enum class class, const uint8_t *at, size_t room,
		   uint64_t address, unsigned ours, unsigned theirs, const char *mnemonic)
{
	if (run->counts[class]++ >= EXAMPLES)
		return;
	printf("example\t%s\t%s\t%llx\t", names[class], run->path, (unsigned long long)address);
	for (size_t i = 0; i < 15 && i < room; i++)
		printf("%02x", at[i]);
	printf("\t%u\t%u\t%s\n", ours, theirs, mnemonic);
}

/* Fields of one instruction whose length both agree on. */
static void compare_fields(struct run *run, const uint8_t *at, size_t room, uint64_t address,
			   const struct x86_instruction *ours)
{
	const cs_x86 *theirs = &run->theirs->detail->x86;
	bool relative = false;

	/*
	 * Where capstone has an offset, it must be ours. Its sizes are no measure: of a
	 * displacement it gives two bytes for four behind prefix 66.
	 */
	if (theirs->encoding.disp_offset && ours->displacement_size &&
	    theirs->encoding.disp_offset != ours->displacement_at)
		differ(run, DISPLACEMENT, at, room, address, ours->displacement_at,
		       theirs->encoding.disp_offset, run->theirs->mnemonic);
	if (theirs->encoding.imm_offset && theirs->encoding.imm_size && ours->immediate_size &&
	    theirs->encoding.imm_offset != ours->immediate_at)
		differ(run, IMMEDIATE, at, room, address, ours->immediate_at,
		       theirs->encoding.imm_offset, run->theirs->mnemonic);
	for (uint8_t i = 0; i < theirs->op_count; i++)
		relative |= theirs->operands[i].type == X86_OP_MEM &&
			    (theirs->operands[i].mem.base == X86_REG_RIP ||
			     theirs->operands[i].mem.base == X86_REG_EIP);
	if (relative != ((ours->flags & X86_RIP_RELATIVE) != 0))
		differ(run, RELATIVE, at, room, address, ours->flags, relative,
		       run->theirs->mnemonic);
}

static void sweep(struct run *run, const uint8_t *at, size_t room, uint64_t address)
{
	while (room && run->instructions < run->limit) {
		struct x86_instruction ours;
		const uint8_t *next = at;
		size_t left = room;
		uint64_t place = address;
		unsigned length = length_x86(at, room, &ours);

		run->instructions++;
		if (!cs_disasm_iter(run->capstone, &next, &left, &place, run->theirs)) {
			if (length)
				differ(run, UNKNOWN, at, room, address, length, 0, "");
			length = length ? length : 1;
			at += length, room -= length, address += length;
			continue;
		}
		if (!length)
			differ(run, UNDECODED, at, room, address, 0, run->theirs->size,
			       run->theirs->mnemonic);
		else if (length != run->theirs->size)
			differ(run, LENGTH, at, room, address, length, run->theirs->size,
			       run->theirs->mnemonic);
		else
			compare_fields(run, at, room, address, &ours);
		at = next, room = left, address = place;
	}
}

/* The functions that a frame describes: between them lie tables, which are no instructions. */
static void sweep_functions(struct run *run, struct slice file, const struct facts *facts)
{
	for (size_t i = 0; i < facts->functions_count; i++) {
		const struct facts_function *function = &facts->functions[i];
		struct slice bytes;

		if (function->sources & FACTS_FUNCTION_FRAME &&
		    slice_sub(file, function->offset, function->size, &bytes))
			sweep(run, bytes.ptr, bytes.len, function->address);
	}
}

static void compare(struct run *run, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *record = NULL;
	struct facts facts;
	struct stat info;
	size_t size;
	void *map;

	run->path = path;
	if (fd < 0 || fstat(fd, &info) != 0) {
		fprintf(stderr, "length_compare: %s: cannot be read\n", path);
		exit(2);
	}
	map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED ||
	    facts_collect(slice_of(map, (size_t)info.st_size), FACTS_CODE, &record, &size) !=
		STATUS_OK ||
	    facts_open(slice_of(record, size), &facts) != STATUS_OK ||
	    facts.identity->machine != EM_X86_64) {
		fprintf(stderr, "length_compare: %s: no x86-64 ELF file\n", path);
		exit(2);
	}
	sweep_functions(run, slice_of(map, (size_t)info.st_size), &facts);
	free(record);
	munmap(map, (size_t)info.st_size);
}

int main(int argc, char **argv)
{
	struct run run = {0};

	if (argc < 3) {
		fprintf(stderr, "usage: length_compare LIMIT FILE...\n");
		return 3;
	}
	run.limit = strtoull(argv[1], NULL, 10);
	if (cs_open(CS_ARCH_X86, CS_MODE_64, &run.capstone) != CS_ERR_OK)
		return 2;
	cs_option(run.capstone, CS_OPT_DETAIL, CS_OPT_ON);
	run.theirs = cs_malloc(run.capstone);
	for (int i = 2; i < argc; i++)
		compare(&run, argv[i]);
	printf("instructions\t%llu\n", run.instructions);
	for (int i = 0; i < CLASS_COUNT; i++)
		printf("%s\t%llu\n", names[i], run.counts[i]);
	cs_free(run.theirs, 1);
	cs_close(&run.capstone);
	return 0;
}
