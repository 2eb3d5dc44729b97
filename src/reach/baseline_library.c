/* SPDX-License-Identifier: BSD-2-Clause */
/* jansson, where an earlier report is read. */
#include <jansson.h>

#include "sonames.h"
#include "util/lazy.h"

LAZY_LIBRARY(lazy_jansson, SONAME_JANSSON, "baseline", "Earlier reports", "recommended")

LAZY_FUNCTION(lazy_jansson, json_t *, json_load_file,
	      (const char *path, size_t flags, json_error_t *error), (path, flags, error))
LAZY_FUNCTION(lazy_jansson, json_t *, json_object_get, (const json_t *object, const char *key),
	      (object, key))
LAZY_FUNCTION(lazy_jansson, size_t, json_array_size, (const json_t *array), (array))
LAZY_FUNCTION(lazy_jansson, json_t *, json_array_get, (const json_t *array, size_t index),
	      (array, index))
LAZY_FUNCTION(lazy_jansson, const char *, json_string_value, (const json_t *string), (string))
LAZY_PROCEDURE(lazy_jansson, json_delete, (json_t * json), (json))
