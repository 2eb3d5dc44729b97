/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct sandbox {
	scmp_filter_ctx filter;
};

/* What a worker needs: messages, memory, signals, time, its end. No paths, no new descriptors. */
static const int allowed[] = {
    SCMP_SYS(recvmsg),	    SCMP_SYS(read),	      SCMP_SYS(write),
    SCMP_SYS(writev),	    SCMP_SYS(pread64),	      SCMP_SYS(lseek),
    SCMP_SYS(fstat),	    SCMP_SYS(close),	      SCMP_SYS(munmap),
    SCMP_SYS(mremap),	    SCMP_SYS(madvise),	      SCMP_SYS(brk),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(setitimer),    SCMP_SYS(futex),	      SCMP_SYS(getpid),
    SCMP_SYS(gettid),	    SCMP_SYS(tgkill),	      SCMP_SYS(clock_gettime),
    SCMP_SYS(exit),	    SCMP_SYS(exit_group),     SCMP_SYS(restart_syscall),
    SCMP_SYS(getrandom),    SCMP_SYS(sysinfo), /* the memory's size, which qsort() asks glibc
						  before 2.37 for */
#if SANITIZED
    SCMP_SYS(sigaltstack),  SCMP_SYS(sched_yield),    SCMP_SYS(getrlimit),
    SCMP_SYS(prlimit64),
#endif
};

static bool allow_memory(scmp_filter_ctx filter)
{
	/* Memory may be mapped and protected, but never made executable. */
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
	       /* fstat(2) is newfstatat(fd, "", ..., AT_EMPTY_PATH) in newer C libraries; a path
		* would still meet Landlock and an empty descriptor table. */
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 0) == 0;
}

struct sandbox *sandbox_new(void)
{
	struct sandbox *sandbox = memory_calloc(1, sizeof(*sandbox));
	bool ok;

	sandbox->filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	ok = sandbox->filter && allow_memory(sandbox->filter);
	for (size_t i = 0; ok && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		ok = seccomp_rule_add(sandbox->filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	if (ok)
		return sandbox;
	sandbox_free(sandbox);
	return NULL;
}

void sandbox_free(struct sandbox *sandbox)
{
	if (!sandbox)
		return;
	if (sandbox->filter)
		seccomp_release(sandbox->filter);
	free(sandbox);
}

/* A ruleset that handles every right the kernel knows, and grants none. */
static void enter_landlock(void)
{
	struct landlock_ruleset_attr attributes = {0};
	long version =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	long fd;

	if (version < 1)
		return;
	/* 13 rights in version 1, one more in each of 2, 3 and 5. */
	attributes.handled_access_fs = (UINT64_C(1) << 13) - 1;
	if (version >= 2)
		attributes.handled_access_fs |= UINT64_C(1) << 13;
	if (version >= 3)
		attributes.handled_access_fs |= UINT64_C(1) << 14;
	if (version >= 5)
		attributes.handled_access_fs |= UINT64_C(1) << 15;
	fd = syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	if (fd < 0)
		return;
	syscall(SYS_landlock_restrict_self, (int)fd, 0);
	close((int)fd);
}

/* Bytes of private writable memory now, which RLIMIT_DATA counts; from /proc/self/statm. */
static uint64_t data_size(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[256], *field = NULL;

	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file))
		field = line;
	fclose(file);
	for (unsigned i = 0; field && i < 5; i++) {
		field = strchr(field, ' ');
		field += field != NULL;
	}
	return field ? strtoull(field, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

#if SANITIZED
int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
					      void (*free_hook)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *memory);

/* The sanitizer reserves address space on its own: count what the program allocates instead. */
static uint64_t allocation_budget, allocated;

static void count_allocation(const volatile void *memory, size_t size)
{
	(void)memory;
	allocated += size;
	if (allocated > allocation_budget)
		_exit(2);
}

static void count_free(const volatile void *memory)
{
	size_t size = memory ? __sanitizer_get_allocated_size(memory) : 0;

	allocated -= size < allocated ? size : allocated;
}
#endif

static void limit_memory(uint64_t memory_bytes)
{
#if SANITIZED
	allocation_budget = memory_bytes;
	__sanitizer_install_malloc_and_free_hooks(count_allocation, count_free);
	(void)data_size;
#else
	struct rlimit limit = {0, 0};
	uint64_t now = data_size();

	limit.rlim_cur = limit.rlim_max = now + memory_bytes;
	setrlimit(RLIMIT_DATA, &limit);
#endif
}

static void limit_to(int resource, rlim_t value)
{
	struct rlimit limit = {value, value};

	setrlimit((__rlimit_resource_t)resource, &limit);
}

bool sandbox_enter(const struct sandbox *sandbox, uint64_t memory_bytes)
{
	limit_memory(memory_bytes);
	limit_to(RLIMIT_CORE, 0);
	limit_to(RLIMIT_FSIZE, 0);
	prctl(PR_SET_DUMPABLE, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	enter_landlock();
	return sandbox && seccomp_load(sandbox->filter) == 0;
}
