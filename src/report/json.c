/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/json.h"

#include <inttypes.h>

void json_init(struct json *json, struct sink *sink)
{
	*json = (struct json){.sink = sink};
}

static void indent(struct json *json)
{
	sink_text(json->sink, "\n");
	for (unsigned i = 0; i < json->depth; i++)
		sink_text(json->sink, "  ");
}

/* What stands before a value: nothing behind its key, else the comma and the line. */
static void before_value(struct json *json)
{
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (!json->depth)
		return;
	if (json->has_item[json->depth - 1])
		sink_text(json->sink, ",");
	json->has_item[json->depth - 1] = true;
	indent(json);
}

static void begin(struct json *json, const char *bracket)
{
	before_value(json);
	sink_text(json->sink, bracket);
	if (json->depth == JSON_DEPTH) { /* a mistake of ours: the report is not whole */
		json->sink->failed = true;
		return;
	}
	json->has_item[json->depth++] = false;
}

static void end(struct json *json, const char *bracket)
{
	if (json->depth && json->has_item[--json->depth])
		indent(json);
	sink_text(json->sink, bracket);
}

void json_object_begin(struct json *json)
{
	begin(json, "{");
}

void json_object_end(struct json *json)
{
	end(json, "}");
}

void json_array_begin(struct json *json)
{
	begin(json, "[");
}

void json_array_end(struct json *json)
{
	end(json, "]");
}

void json_key(struct json *json, const char *key)
{
	before_value(json);
	sink_json_string(json->sink, key);
	sink_text(json->sink, ": ");
	json->after_key = true;
}

void json_string(struct json *json, const char *text)
{
	before_value(json);
	if (text)
		sink_json_string(json->sink, text);
	else
		sink_text(json->sink, "null");
}

void json_integer(struct json *json, int64_t value)
{
	before_value(json);
	sink_printf(json->sink, "%" PRId64, value);
}

void json_unsigned(struct json *json, uint64_t value)
{
	before_value(json);
	sink_printf(json->sink, "%" PRIu64, value);
}

void json_bool(struct json *json, bool value)
{
	before_value(json);
	sink_text(json->sink, value ? "true" : "false");
}

void json_null(struct json *json)
{
	before_value(json);
	sink_text(json->sink, "null");
}

void json_finish(struct json *json)
{
	sink_text(json->sink, "\n");
}

void json_key_string(struct json *json, const char *key, const char *text)
{
	json_key(json, key);
	json_string(json, text);
}

void json_key_unsigned(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_unsigned(json, value);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}
