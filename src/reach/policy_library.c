/* SPDX-License-Identifier: BSD-2-Clause */
/* libyaml, where a policy file is read. */
#include <yaml.h>

#include "sonames.h"
#include "util/lazy.h"

LAZY_LIBRARY(lazy_yaml, SONAME_YAML, "policy", "Policy files", "recommended")

LAZY_FUNCTION(lazy_yaml, int, yaml_parser_initialize, (yaml_parser_t * parser), (parser))
LAZY_PROCEDURE(lazy_yaml, yaml_parser_set_encoding,
	       (yaml_parser_t * parser, yaml_encoding_t encoding), (parser, encoding))
LAZY_PROCEDURE(lazy_yaml, yaml_parser_set_input_string,
	       (yaml_parser_t * parser, const unsigned char *input, size_t size),
	       (parser, input, size))
LAZY_FUNCTION(lazy_yaml, int, yaml_parser_parse, (yaml_parser_t * parser, yaml_event_t *event),
	      (parser, event))
LAZY_PROCEDURE(lazy_yaml, yaml_event_delete, (yaml_event_t * event), (event))
LAZY_PROCEDURE(lazy_yaml, yaml_parser_delete, (yaml_parser_t * parser), (parser))
