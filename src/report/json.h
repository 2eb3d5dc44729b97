/* SPDX-License-Identifier: BSD-2-Clause */
/* Event emitter for JSON: two-space indent, keys in the order they are written, nothing buffered.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/sink.h"

#define JSON_DEPTH 32

struct json {
	struct sink *sink;
	unsigned depth;
	bool has_item[JSON_DEPTH]; /* the open container at that depth holds an item */
	bool after_key;
};

void json_init(struct json *json, struct sink *sink);
void json_object_begin(struct json *json);
void json_object_end(struct json *json);
void json_array_begin(struct json *json);
void json_array_end(struct json *json);
void json_key(struct json *json, const char *key);
void json_string(struct json *json, const char *text); /* NULL gives null */
void json_integer(struct json *json, int64_t value);
void json_unsigned(struct json *json, uint64_t value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
/* A newline behind the outermost value. */
void json_finish(struct json *json);

/* key and value in one line of code. */
void json_key_string(struct json *json, const char *key, const char *text);
void json_key_unsigned(struct json *json, const char *key, uint64_t value);
void json_key_bool(struct json *json, const char *key, bool value);

#endif
