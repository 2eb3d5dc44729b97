/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/platform.h"

#if defined(__x86_64__)
#include <cpuid.h>
#define CPU_LZCNT (UINT32_C(1) << 5) /* gcc and clang name this bit differently */
#endif
#include <stdlib.h>
#include <string.h>

struct machine {
	uint16_t machine;
	uint8_t elf_class;
	const char *interpreter, *triplet, *lib, *name, *hwcaps;
	uint32_t cache_flags;
};

/* Cache flags: sysdeps/unix/sysv/linux and sysdeps/generic/ldconfig.h of glibc. */
static const struct machine machines[] = {
    {EM_X86_64, ELFCLASS64, "/lib64/ld-linux-x86-64.so.2", "x86_64-linux-gnu", "lib64", "x86_64",
     "x86-64-v4:x86-64-v3:x86-64-v2", 0x0303},
    {EM_386, ELFCLASS32, "/lib/ld-linux.so.2", "i386-linux-gnu", "lib", "i686", "", 0x0003},
    {EM_X86_64, ELFCLASS32, "/libx32/ld-linux-x32.so.2", "x86_64-linux-gnux32", "libx32", "x86_64",
     "", 0x0803},
    {EM_AARCH64, ELFCLASS64, "/lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu", "lib64", "aarch64",
     "", 0x0a03},
    {EM_ARM, ELFCLASS32, "/lib/ld-linux-armhf.so.3", "arm-linux-gnueabihf", "lib", "v7l", "",
     0x0903},
    {EM_PPC64, ELFCLASS64, "/lib64/ld64.so.2", "powerpc64le-linux-gnu", "lib64", "power8",
     "power10:power9", 0x0503},
    {EM_S390, ELFCLASS64, "/lib/ld64.so.1", "s390x-linux-gnu", "lib64", "z900", "z15:z14:z13",
     0x0403},
    {EM_RISCV, ELFCLASS64, "/lib/ld-linux-riscv64-lp64d.so.1", "riscv64-linux-gnu", "lib64/lp64d",
     "riscv64", "", 0x1003},
};

static const struct machine *machine_of(const struct binary *like)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == like->ident.machine &&
		    machines[i].elf_class == like->ident.elf_class)
			return &machines[i];
	return NULL;
}

static size_t split(struct arena *arena, const char *list, const char *suffix,
		    const char *const **ret)
{
	struct slice rest = slice_text(list), item;
	const char **items = arena_alloc_array(arena, rest.len + 1, sizeof(*items));
	size_t count = 0;

	while (slice_token(&rest, ":", &item))
		items[count++] =
		    arena_printf(arena, "%.*s%s", (int)item.len, (const char *)item.ptr, suffix);
	*ret = items;
	return count;
}

#if defined(__x86_64__)

/* The words of CPUID that the levels of the psABI are made of. */
struct cpu_words {
	bool intel;
	uint32_t basic_ecx, extended_ecx, leaf7_ebx;
	uint64_t xcr0; /* register state the operating system saves */
};

static struct cpu_words read_cpu(void)
{
	struct cpu_words words = {.intel = false};
	uint32_t a = 0, b = 0, c = 0, d = 0, low, high;

	if (__get_cpuid(0, &a, &b, &c, &d)) /* "Genu" "ineI" "ntel" */
		words.intel = b == 0x756e6547 && d == 0x49656e69 && c == 0x6c65746e;
	if (__get_cpuid(1, &a, &b, &c, &d))
		words.basic_ecx = c;
	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		words.extended_ecx = c;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
		words.leaf7_ebx = b;
	if (words.basic_ecx & bit_OSXSAVE) {
		__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
		words.xcr0 = (uint64_t)high << 32 | low;
	}
	return words;
}

static bool has_all(uint32_t word, uint32_t bits)
{
	return (word & bits) == bits;
}

/* The level of this machine's own processor, as the psABI names it. */
static unsigned native_level(void)
{
	struct cpu_words cpu = read_cpu();

	if (!has_all(cpu.basic_ecx, bit_CMPXCHG16B | bit_POPCNT | bit_SSE3 | bit_SSSE3 |
					bit_SSE4_1 | bit_SSE4_2) ||
	    !has_all(cpu.extended_ecx, bit_LAHF_LM))
		return 1;
	if (!has_all(cpu.basic_ecx, bit_AVX | bit_F16C | bit_FMA | bit_MOVBE | bit_OSXSAVE) ||
	    !has_all(cpu.extended_ecx, CPU_LZCNT) ||
	    !has_all(cpu.leaf7_ebx, bit_AVX2 | bit_BMI | bit_BMI2) || (cpu.xcr0 & 6) != 6)
		return 2;
	if (!has_all(cpu.leaf7_ebx,
		     bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL) ||
	    (cpu.xcr0 & 0xe6) != 0xe6)
		return 3;
	return 4;
}

static bool is_intel(void)
{
	return read_cpu().intel;
}

#else

static unsigned native_level(void)
{
	return 1;
}

static bool is_intel(void)
{
	return false;
}

#endif

static unsigned level_of(enum loader_cpu cpu)
{
	switch (cpu) {
	case LOADER_CPU_X86_64_V2:
		return 2;
	case LOADER_CPU_X86_64_V3:
		return 3;
	case LOADER_CPU_X86_64_V4:
		return 4;
	case LOADER_CPU_NATIVE:
		return native_level();
	case LOADER_CPU_BASELINE:
		break;
	}
	return 1;
}

static void choose_hwcaps(struct platform *platform, const char *known, enum loader_cpu cpu,
			  struct arena *arena)
{
	unsigned level = level_of(cpu);
	const char *const *all;
	const char **active;
	size_t count = split(arena, known, "", &all);

	active = arena_alloc_array(arena, count + 1, sizeof(*active));
	for (size_t i = 0; i < count; i++)
		/* Only x86-64 levels can be asked for; other machines run as baseline. */
		if (strncmp(all[i], "x86-64-v", 8) == 0 && (unsigned)(all[i][8] - '0') <= level)
			active[platform->hwcaps_count++] = all[i];
	platform->hwcaps = active;
}

/* init_cpu_features() of glibc 2.36 gives $PLATFORM another value on Intel processors only. */
static const char *native_platform(void)
{
	return is_intel() && native_level() >= 3 ? "haswell" : NULL;
}

/* The same place adds "avx512_1" to the hardware capabilities. */
static bool native_avx512(void)
{
	return is_intel() && native_level() == 4;
}

/* "2.36" as 236; 0 when it is not known. */
static unsigned version_number(const char *version)
{
	char *end;
	unsigned long major = strtoul(version, &end, 10), minor;

	if (*end != '.' || major > 99)
		return 0;
	minor = strtoul(end + 1, NULL, 10);
	return minor > 99 ? 0 : (unsigned)(major * 100 + minor);
}

/*
 * The power set of legacy names, full combination first (_dl_important_hwcaps before glibc 2.37):
 * "tls" weighs most, then the platform, then hardware capabilities.
 */
static size_t legacy_subdirectories(const struct platform *platform, enum loader_cpu cpu,
				    struct arena *arena, const char **ret)
{
	const char *names[4];
	size_t count = 0, added = 0;

	if (platform->machine == EM_X86_64) {
		names[count++] = "x86_64";
		if (cpu == LOADER_CPU_NATIVE && native_avx512())
			names[count++] = "avx512_1";
	}
	names[count++] = platform->name;
	names[count++] = "tls";
	for (unsigned set = (1u << count) - 1; set; set--) {
		char *path = arena_strdup(arena, "");
		for (size_t i = count; i-- > 0;)
			if (set & (1u << i))
				path = arena_printf(arena, "%s%s/", path, names[i]);
		ret[added++] = path;
	}
	return added;
}

static void list_subdirectories(struct platform *platform, unsigned version, enum loader_cpu cpu,
				struct arena *arena)
{
	const char **list = arena_alloc_array(arena, platform->hwcaps_count + 17, sizeof(*list));
	size_t count = 0;

	/* glibc-hwcaps came with 2.33, legacy directories went with 2.37. */
	if (!version || version >= 233)
		for (size_t i = 0; i < platform->hwcaps_count; i++)
			list[count++] =
			    arena_printf(arena, "glibc-hwcaps/%s/", platform->hwcaps[i]);
	if (version && version < 237)
		count += legacy_subdirectories(platform, cpu, arena, &list[count]);
	list[count++] = "";
	platform->subdirectories = list;
	platform->subdirectory_count = count;
}

/* Without a readable interpreter: Debian's layout where the root has it, else that of upstream. */
static void guess_directories(struct platform *platform, const struct machine *machine,
			      struct binaries *binaries, struct arena *arena)
{
	const char *triplet = machine ? machine->triplet : "",
		   *lib = machine ? machine->lib : "lib";
	const char *list;

	if (*triplet &&
	    root_is_directory(binaries_root(binaries), arena_printf(arena, "/lib/%s", triplet))) {
		list = arena_printf(arena, "/lib/%s:/usr/lib/%s:/lib:/usr/lib", triplet, triplet);
		platform->lib = arena_printf(arena, "lib/%s", triplet);
	} else {
		list = arena_printf(arena, "/%s:/usr/%s", lib, lib);
		platform->lib = lib;
	}
	platform->system_directory_count = split(arena, list, "/", &platform->system_directories);
}

const char *platform_default_interpreter(const struct binary *like)
{
	const struct machine *machine = machine_of(like);

	return machine ? machine->interpreter : "";
}

const struct platform *platform_make(struct binaries *binaries, const struct binary *like,
				     const char *interpreter, enum loader_cpu cpu,
				     struct arena *arena)
{
	struct platform *platform = arena_alloc(arena, sizeof(*platform));
	const struct machine *machine = machine_of(like);
	const struct facts *facts = NULL;
	const struct facts_loader *constants = NULL;
	const char *known = machine ? machine->hwcaps : "";
	unsigned version = 0;

	*platform = (struct platform){
	    .interpreter = arena_strdup(arena, interpreter),
	    .elf_class = like->ident.elf_class,
	    .encoding = like->ident.encoding,
	    .machine = like->ident.machine,
	    .name = machine ? machine->name : "",
	    .cache_flags = machine ? machine->cache_flags : 0,
	};
	if (*interpreter && binaries_find(binaries, interpreter, &platform->binary) == STATUS_OK &&
	    platform->binary->ident.is_elf)
		facts = binaries_facts(binaries, platform->binary);
	if (facts && facts->loader_count)
		constants = facts->loader;
	guess_directories(platform, machine, binaries, arena);
	if (constants && constants->system_directories.length)
		platform->system_directory_count =
		    split(arena, facts_text(facts, constants->system_directories), "/",
			  &platform->system_directories);
	if (constants && constants->lib.length)
		platform->lib = arena_strdup(arena, facts_text(facts, constants->lib));
	if (constants && constants->hwcaps.length)
		known = facts_text(facts, constants->hwcaps);
	if (constants && constants->version.length)
		version = version_number(facts_text(facts, constants->version));
	if (machine && machine->machine == EM_X86_64 && cpu == LOADER_CPU_NATIVE &&
	    native_platform())
		platform->name = native_platform();
	choose_hwcaps(platform, known, cpu, arena);
	list_subdirectories(platform, version, cpu, arena);
	return platform;
}
