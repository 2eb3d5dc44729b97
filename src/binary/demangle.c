/* SPDX-License-Identifier: BSD-2-Clause */
#include "binary/demangle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sonames.h"
#include "util/budget.h"
#include "util/lazy.h"
#include "util/memory.h"
#include "util/sandbox.h"
#include "util/transfer.h"

#define FAULTS_MAX 16 /* names that may break the demangler before the rest is left alone */

char *__cxa_demangle(const char *name, char *buffer, size_t *length, int *status);

LAZY_LIBRARY(lazy_cxx, SONAME_STDCXX, "names", "C++ names as people write them", "recommended")

LAZY_FUNCTION(lazy_cxx, char *, __cxa_demangle,
	      (const char *name, char *buffer, size_t *length, int *status),
	      (name, buffer, length, status))

/* For each name from first on: its length and its bytes; length 0 for none. */
static _Noreturn void demangle_child(const char *const *names, size_t first, size_t count, int fd)
{
	struct rlimit limit = {BUDGET_DEMANGLE_SECONDS, BUDGET_DEMANGLE_SECONDS};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	lazy_require(&lazy_cxx);
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	setrlimit(RLIMIT_CPU, &limit);
	sandbox_enter(sandbox_new(), BUDGET_DEMANGLE_MEMORY);
	for (size_t i = first; i < count; i++) {
		int status = 0;
		char *text =
		    strncmp(names[i], "_Z", 2) == 0 && strlen(names[i]) <= BUDGET_DEMANGLE_NAME
			? __cxa_demangle(names[i], NULL, NULL, &status)
			: NULL;
		size_t length = text && status == 0 ? strlen(text) : 0;
		uint32_t size = length <= BUDGET_STRING_LENGTH ? (uint32_t)length : 0;

		if (!transfer_write(fd, &size, sizeof(size)) || !transfer_write(fd, text, size))
			_exit(1);
		free(text);
	}
	_exit(0);
}

/* One child, from first on; how many names it got through. */
static size_t run_child(const char *const *names, size_t first, size_t count, struct arena *arena,
			const char **ret_texts)
{
	size_t done = first;
	int pipes[2];
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return first;
	child = fork();
	if (child == 0) {
		int fd = fcntl(pipes[1], F_DUPFD, 10);

		if (fd < 0 || dup2(fd, 3) < 0)
			_exit(1);
		closefrom(4);
		demangle_child(names, first, count, 3);
	}
	close(pipes[1]);
	while (child > 0 && done < count) {
		uint32_t size;
		char *text;

		if (transfer_read(pipes[0], &size, sizeof(size)) < sizeof(size) ||
		    size > BUDGET_STRING_LENGTH)
			break;
		text = size ? arena_alloc(arena, (size_t)size + 1) : NULL;
		if (size && transfer_read(pipes[0], text, size) < size)
			break;
		ret_texts[done++] = text;
	}
	close(pipes[0]);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return done;
}

void demangle_names(const char *const *names, size_t count, struct arena *arena,
		    const char **ret_texts)
{
	size_t done = 0;

	memset(ret_texts, 0, count * sizeof(*ret_texts));
	for (unsigned faults = 0; done < count && faults < FAULTS_MAX; faults++) {
		done = run_child(names, done, count, arena, ret_texts);
		if (done < count)
			done++; /* the name it died of stays as it is */
	}
}
