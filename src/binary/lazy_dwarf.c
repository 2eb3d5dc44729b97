/* SPDX-License-Identifier: BSD-2-Clause */
/* libdwarf, where debug information is read. */
#include "binary/lazy_dwarf.h"

#include <libdwarf/libdwarf.h>

#include "sonames.h"

LAZY_LIBRARY(lazy_dwarf, SONAME_DWARF, "debug", "Source files in debug information", "suggested")

#define ROW(name, parameters, arguments) LAZY_FUNCTION(lazy_dwarf, int, name, parameters, arguments)

ROW(dwarf_object_init_b,
    (Dwarf_Obj_Access_Interface * object, Dwarf_Handler handler, Dwarf_Ptr argument,
     unsigned int group, Dwarf_Debug *debug, Dwarf_Error *error),
    (object, handler, argument, group, debug, error))
ROW(dwarf_object_finish, (Dwarf_Debug debug, Dwarf_Error *error), (debug, error))
ROW(dwarf_next_cu_header_d,
    (Dwarf_Debug debug, Dwarf_Bool is_info, Dwarf_Unsigned *length, Dwarf_Half *version,
     Dwarf_Off *abbreviations, Dwarf_Half *address_size, Dwarf_Half *length_size,
     Dwarf_Half *extension_size, Dwarf_Sig8 *signature, Dwarf_Unsigned *type_offset,
     Dwarf_Unsigned *next, Dwarf_Half *type, Dwarf_Error *error),
    (debug, is_info, length, version, abbreviations, address_size, length_size, extension_size,
     signature, type_offset, next, type, error))
ROW(dwarf_siblingof_b,
    (Dwarf_Debug debug, Dwarf_Die die, Dwarf_Bool is_info, Dwarf_Die *ret, Dwarf_Error *error),
    (debug, die, is_info, ret, error))
ROW(dwarf_die_text, (Dwarf_Die die, Dwarf_Half attribute, char **ret, Dwarf_Error *error),
    (die, attribute, ret, error))
ROW(dwarf_attr, (Dwarf_Die die, Dwarf_Half name, Dwarf_Attribute *ret, Dwarf_Error *error),
    (die, name, ret, error))
ROW(dwarf_formudata, (Dwarf_Attribute attribute, Dwarf_Unsigned *ret, Dwarf_Error *error),
    (attribute, ret, error))
ROW(dwarf_srclines_b,
    (Dwarf_Die die, Dwarf_Unsigned *version, Dwarf_Small *tables, Dwarf_Line_Context *context,
     Dwarf_Error *error),
    (die, version, tables, context, error))
ROW(dwarf_srclines_files_indexes,
    (Dwarf_Line_Context context, Dwarf_Signed *first, Dwarf_Signed *count, Dwarf_Signed *end,
     Dwarf_Error *error),
    (context, first, count, end, error))
ROW(dwarf_srclines_files_data_b,
    (Dwarf_Line_Context line_context, Dwarf_Signed index_in, const char **name,
     Dwarf_Unsigned *directory_index, Dwarf_Unsigned *last_mod_time, Dwarf_Unsigned *file_length,
     Dwarf_Form_Data16 **md5ptr, Dwarf_Error *error),
    (line_context, index_in, name, directory_index, last_mod_time, file_length, md5ptr, error))
ROW(dwarf_srclines_include_dir_count,
    (Dwarf_Line_Context context, Dwarf_Signed *count, Dwarf_Error *error), (context, count, error))
ROW(dwarf_srclines_include_dir_data,
    (Dwarf_Line_Context context, Dwarf_Signed index, const char **name, Dwarf_Error *error),
    (context, index, name, error))
ROW(dwarf_srclines_table_offset,
    (Dwarf_Line_Context context, Dwarf_Unsigned *offset, Dwarf_Error *error),
    (context, offset, error))
LAZY_FUNCTION(lazy_dwarf, char *, dwarf_errmsg, (Dwarf_Error error), (error))
LAZY_PROCEDURE(lazy_dwarf, dwarf_dealloc_error, (Dwarf_Debug debug, Dwarf_Error error),
	       (debug, error))
LAZY_PROCEDURE(lazy_dwarf, dwarf_dealloc_die, (Dwarf_Die die), (die))
LAZY_PROCEDURE(lazy_dwarf, dwarf_dealloc_attribute, (Dwarf_Attribute attribute), (attribute))
LAZY_PROCEDURE(lazy_dwarf, dwarf_srclines_dealloc_b, (Dwarf_Line_Context context), (context))
