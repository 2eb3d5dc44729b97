/* SPDX-License-Identifier: BSD-2-Clause */
/* One line on a terminal's stderr, redrawn at most ten times a second. */
#include "tool/tool.h"

#include <stdint.h>
#include <time.h>
#include <unistd.h>

#define REDRAW_NS INT64_C(100000000)

/* The library calls back with a user pointer, but the line itself is one per process. */
struct progress {
	struct timespec drawn;
	bool visible;
};

static struct progress line;

static long long elapsed_ns(const struct timespec *since, const struct timespec *now)
{
	return (now->tv_sec - since->tv_sec) * 1000000000LL + (now->tv_nsec - since->tv_nsec);
}

static void draw(void *user, const char *stage, size_t done, size_t total)
{
	struct progress *progress = user;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (elapsed_ns(&progress->drawn, &now) < REDRAW_NS)
		return;
	progress->drawn = now;
	progress->visible = true;
	if (total)
		fprintf(stderr, "\r\033[Kelfleft: %s %zu/%zu", stage, done, total);
	else
		fprintf(stderr, "\r\033[Kelfleft: %s", stage);
	fflush(stderr);
}

void progress_start(struct arguments *arguments)
{
	if (arguments->quiet || arguments->no_progress || !isatty(STDERR_FILENO))
		return;
	clock_gettime(CLOCK_MONOTONIC, &line.drawn);
	elfleft_on_progress(arguments->context, draw, &line);
}

void progress_end(void)
{
	if (line.visible)
		fprintf(stderr, "\r\033[K");
	line.visible = false;
}
