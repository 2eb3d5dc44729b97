/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a report goes. A sink collects bytes and hands them to a write function; a failed write is
 * sticky. Text from files reaches the output only through the escaping functions here.
 */
#ifndef REPORT_SINK_H
#define REPORT_SINK_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/status.h"

/* Writes all of it or returns false. */
typedef bool sink_write_fn(void *context, const void *bytes, size_t size);

struct sink {
	sink_write_fn *write;
	void *context;
	bool failed;
	size_t used;
	char buffer[1 << 14];
};

void sink_init(struct sink *sink, sink_write_fn *write, void *context);
/* Hands over what is left; false when any write failed. */
bool sink_flush(struct sink *sink);

void sink_bytes(struct sink *sink, const void *bytes, size_t size);
/* Trusted text of our own, as it is. */
void sink_text(struct sink *sink, const char *text);
void sink_printf(struct sink *sink, const char *format, ...) printf_format(2, 3);

/*
 * Text from a file, for a terminal: C0 and C1 controls, DEL, invalid UTF-8, and characters that
 * change the direction of text are shown as \\xNN or \\u{NNNN}; a backslash stays as it is.
 */
void sink_terminal(struct sink *sink, const char *text);
/* The same for the part before end, which points at the text's NUL or at an ASCII character. */
void sink_terminal_part(struct sink *sink, const char *text, const char *end);
/* How many columns they take, one for each character that they keep. */
size_t sink_terminal_columns(const char *text, const char *end);
/* Text from a file as a JSON string with its quotes. Invalid UTF-8 bytes become U+FFFD. */
void sink_json_string(struct sink *sink, const char *text);

#endif
