/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/status.h"

const char *status_text(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return "success";
	case STATUS_END:
		return "end of input";
	case STATUS_IO:
		return "input/output error";
	case STATUS_FORMAT:
		return "malformed input";
	case STATUS_LIMIT:
		return "limit reached";
	case STATUS_UNSUPPORTED:
		return "not supported";
	case STATUS_NOT_FOUND:
		return "not found";
	case STATUS_USAGE:
		return "wrong use";
	case STATUS_FAULT:
		return "worker fault";
	}
	return "unknown status";
}
