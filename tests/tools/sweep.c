/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One plain linear sweep of a file's .text by capstone, without details: what the recovery of call
 * sites is measured against. Prints seconds and instructions.
 *
 * usage: sweep FILE
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <capstone/capstone.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int sweep(const uint8_t *code, size_t size, uint64_t address, bool x86)
{
	double start = now();
	size_t count = 0;
	cs_insn *instruction;
	csh handle;

	if (cs_open(x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, x86 ? CS_MODE_64 : CS_MODE_LITTLE_ENDIAN,
		    &handle) != CS_ERR_OK)
		return 2;
	cs_option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
	instruction = cs_malloc(handle);
	while (cs_disasm_iter(handle, &code, &size, &address, instruction))
		count++;
	cs_free(instruction, 1);
	cs_close(&handle);
	printf("%.6f %zu\n", now() - start, count);
	return 0;
}

static int sweep_text(const uint8_t *bytes, size_t size)
{
	Elf *elf = elf_memory((char *)(uintptr_t)bytes, size);
	Elf_Scn *section = NULL;
	GElf_Ehdr header;
	GElf_Shdr shdr;
	size_t names;

	if (!elf || !gelf_getehdr(elf, &header) || elf_getshdrstrndx(elf, &names) != 0)
		return 2;
	while ((section = elf_nextscn(elf, section))) {
		const char *name;

		if (!gelf_getshdr(section, &shdr))
			continue;
		name = elf_strptr(elf, names, shdr.sh_name);
		if (name && strcmp(name, ".text") == 0 && shdr.sh_offset <= size &&
		    shdr.sh_size <= size - shdr.sh_offset)
			return sweep(bytes + shdr.sh_offset, shdr.sh_size, shdr.sh_addr,
				     header.e_machine == EM_X86_64);
	}
	return 2;
}

int main(int argc, char **argv)
{
	struct stat info;
	void *bytes;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: sweep FILE\n");
		return 3;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info) != 0) {
		fprintf(stderr, "sweep: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	elf_version(EV_CURRENT);
	bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return 2;
	close(fd);
	return sweep_text(bytes, (size_t)info.st_size);
}
