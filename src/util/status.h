/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control-flow results. What is wrong with an input file never travels here: that is a
 * diagnostic (diag.h). A status only says how far the caller can go on.
 */
#ifndef UTIL_STATUS_H
#define UTIL_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_END = 1,		 /* nothing more to read */
	STATUS_IO = -2,		 /* the operating system refused; errno is meaningful */
	STATUS_FORMAT = -3,	 /* input is not what it claims to be */
	STATUS_LIMIT = -4,	 /* a budget was reached */
	STATUS_UNSUPPORTED = -5, /* well-formed, but not something this build handles */
	STATUS_NOT_FOUND = -6,	 /* the named thing does not exist */
	STATUS_USAGE = -7,	 /* the caller broke the contract of the function */
	STATUS_FAULT = -8,	 /* an isolated worker died or ran out of time or memory */
};

/* A short English phrase for a status; never NULL. */
const char *status_text(enum status status);

#define must_check __attribute__((warn_unused_result))
#define printf_format(fmt, first) __attribute__((format(printf, fmt, first)))

#endif
