/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The facts record: everything read from one ELF file alone, without its neighbours. It is the unit
 * of isolation (a worker process makes it), of caching and of scale-out.
 *
 * A record is one flat byte string: a header, a directory, then sections, each an array of entries
 * of one fixed size, 8-aligned. There are no pointers; text is (offset, length) into the STRINGS
 * section and ends in NUL there. Numbers are in the byte order of the host that made it; the magic
 * tells them apart. Whoever receives a record treats it as hostile: facts_open() checks all of it,
 * and after that the accessors here need no checks.
 *
 * May be included by every stage. libelf's types never appear here.
 */
#ifndef BINARY_FACTS_H
#define BINARY_FACTS_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

#include "binary/content_facts.h"
#include "binary/debug_facts.h"
#include "binary/device_facts.h"
#include "binary/facts_text.h"
#include "binary/function_facts.h"
#include "binary/literal_facts.h"
#include "binary/module_facts.h"
#include "binary/target_facts.h"
#include "util/slice.h"
#include "util/status.h"

#define FACTS_MAGIC UINT64_C(0x3153544341464c45) /* "ELFACTS1" read as a little-endian number */
#define FACTS_VERSION 11

/*
 * Which groups of sections a record holds. The link tier is FACTS_LINK; a caller that needs less
 * asks for less, and pays less. Identity, dynamic section and interpreter are always there.
 */
enum facts_group {
	FACTS_SYMBOLS = 1u << 0,     /* dynamic symbols with versions and visibility */
	FACTS_RELOCATIONS = 1u << 1, /* relocations that name a symbol */
	FACTS_NOTES = 1u << 2,
	FACTS_COMMENT = 1u << 3,
	FACTS_SECTIONS = 1u << 4,   /* the section table */
	FACTS_LOADER = 1u << 5,	    /* constants of a program interpreter (struct facts_loader) */
	FACTS_STATEMENTS = 1u << 6, /* what a file says of its own licence */
	FACTS_LINK = (1u << 7) - 1,
	FACTS_CALLS = 1u << 7,	  /* call sites; brings symbols, relocations and sections with it */
	FACTS_CODE = 1u << 8,	  /* functions and their fingerprints; brings the same */
	FACTS_DEVICE = 1u << 9,	  /* device code: images, kernels and their fingerprints */
	FACTS_CONTENT = 1u << 10, /* digests of parts; brings symbols and sections with it */
	FACTS_TARGETS = 1u << 11, /* what functions refer to; ask for FACTS_CODE too */
	FACTS_NAMESPACES = 1u << 12, /* C++ namespaces of functions; brings sections with it */
	FACTS_DEBUG = 1u << 13,	   /* units and source files of DWARF; brings sections and notes */
	FACTS_OUTLINE = 1u << 14,  /* functions with their raw fingerprints alone; brings symbols */
	FACTS_SELECTED = 1u << 15, /* fingerprints and shapes of functions the request names */
	FACTS_MODULES = 1u << 16,  /* what toolchains wrote down; brings sections with it */
	FACTS_LITERALS = 1u << 17, /* long texts and tables; brings sections with it */
};

/* FACTS_SECTION(tag, field, type): the sections of a record, in this order. */
#define FACTS_SECTIONS_TABLE(X)                                                \
	X(IDENTITY, identity, struct facts_identity)                           \
	X(SEGMENTS, segments, struct facts_segment)                            \
	X(SECTION_HEADERS, sections, struct facts_section)                     \
	X(DYNAMIC, dynamic, struct facts_dynamic)                              \
	X(SYMBOLS, symbols, struct facts_symbol)                               \
	X(VERSION_DEFINITIONS, version_definitions, struct facts_version)      \
	X(VERSION_NEEDS, version_needs, struct facts_version)                  \
	X(RELOCATIONS, relocations, struct facts_relocation)                   \
	X(NOTES, notes, struct facts_note)                                     \
	X(COMMENTS, comments, struct facts_text)                               \
	X(LOADER, loader, struct facts_loader)                                 \
	X(STATEMENTS, statements, struct facts_statement)                      \
	X(MENTIONS, mentions, struct facts_mention)                            \
	X(MODULES, modules, struct facts_module)                               \
	X(LITERALS, literals, struct facts_literal)                            \
	X(CALL_SITES, call_sites, struct facts_call_site)                      \
	X(CALL_VALUES, call_values, struct facts_call_value)                   \
	X(CALL_SUMMARIES, call_summaries, struct facts_call_summary)           \
	X(CALL_CONSTANTS, call_constants, struct facts_call_constant)          \
	X(CODE_COVERAGE, code_coverage, struct facts_code_coverage)            \
	X(FUNCTIONS, functions, struct facts_function)                         \
	X(FUNCTION_PARTS, function_parts, struct facts_function_part)          \
	X(ADOPTIONS, adoptions, struct facts_adoption)                         \
	X(DEVICE_CONTAINERS, device_containers, struct facts_device_container) \
	X(DEVICE_ENTRIES, device_entries, struct facts_device_entry)           \
	X(KERNELS, kernels, struct facts_kernel)                               \
	X(DEVICE_TOOLS, device_tools, struct facts_device_tool)                \
	X(DEVICE_SOURCES, device_sources, struct facts_device_source)          \
	X(DEVICE_OUTSIDE, device_outside, struct facts_device_outside)         \
	X(DEVICE_WRAPPERS, device_wrappers, struct facts_device_wrapper)       \
	X(DEVICE_NAMED, device_named, struct facts_device_named)               \
	X(NAMESPACES, namespaces, struct facts_namespace)                      \
	X(DEBUG_UNITS, debug_units, struct facts_debug_unit)                   \
	X(DEBUG_FILES, debug_files, struct facts_debug_file)                   \
	X(FUNCTION_DETAILS, function_details, struct facts_function_detail)    \
	X(TARGETS, targets, facts_target)                                      \
	X(CONTENTS, contents, struct facts_content)                            \
	X(PAGES, pages, uint64_t)                                              \
	X(DIAGNOSTICS, diagnostics, struct facts_diagnostic)

/* What a file is, as far as linking goes. */
enum facts_type {
	FACTS_TYPE_OTHER,	    /* core file, unknown e_type */
	FACTS_TYPE_RELOCATABLE,	    /* ET_REL */
	FACTS_TYPE_EXECUTABLE,	    /* ET_EXEC or ET_DYN with PT_INTERP or DF_1_PIE */
	FACTS_TYPE_STATIC,	    /* executable without PT_INTERP and without DT_NEEDED */
	FACTS_TYPE_SHARED,	    /* ET_DYN that is no program */
	FACTS_TYPE_DEBUG_COMPANION, /* split-off debug info: NOBITS .dynamic, no loadable content */
};

enum facts_identity_flag {
	FACTS_HAS_DYNAMIC = 1u << 0,	  /* PT_DYNAMIC is there and was read */
	FACTS_HAS_SECTIONS = 1u << 1,	  /* a section table is there and was usable */
	FACTS_HAS_SYMTAB = 1u << 2,	  /* not stripped */
	FACTS_HAS_DEBUG = 1u << 3,	  /* .debug_info is there */
	FACTS_HAS_CONSTRUCTORS = 1u << 4, /* DT_INIT, DT_INIT_ARRAY or DT_PREINIT_ARRAY not empty */
	FACTS_HAS_ABI_NOTE = 1u << 5,	  /* NT_GNU_ABI_TAG: abi_os and abi_version are set */
};

struct facts_identity {
	uint64_t file_size; /* bytes */
	uint64_t entry;	    /* e_entry */
	uint32_t flags;	    /* enum facts_identity_flag */
	uint32_t elf_flags; /* e_flags */
	uint32_t type;	    /* enum facts_type */
	uint32_t groups;    /* enum facts_group bits this record was made with */
	uint16_t elf_type;  /* e_type */
	uint16_t machine;   /* e_machine */
	uint8_t elf_class, encoding, osabi, abi_version; /* e_ident */
	uint32_t abi_os;				 /* NT_GNU_ABI_TAG descriptor word 0 */
	uint32_t abi_kernel[3];	       /* words 1..3: the oldest kernel it runs on */
	uint32_t dynamic_flags;	       /* DT_FLAGS */
	uint32_t dynamic_flags_1;      /* DT_FLAGS_1 */
	uint32_t debug_link_crc;       /* CRC-32 of the file that debug_link names */
	struct facts_text interpreter; /* PT_INTERP; length 0 when there is none */
	struct facts_text soname;      /* DT_SONAME; length 0 when there is none */
	struct facts_text build_id;    /* NT_GNU_BUILD_ID as lower-case hexadecimal text */
	struct facts_text debug_link;  /* .gnu_debuglink: name of its separate debug file */
};

struct facts_segment { /* Elf64_Phdr, widened */
	uint32_t type, flags;
	uint64_t offset, address, file_size, memory_size, align;
};

struct facts_section { /* Elf64_Shdr, widened */
	struct facts_text name;
	uint32_t type, link, info, reserved;
	uint64_t flags, address, offset, size, entry_size;
};

struct facts_dynamic { /* in file order, up to DT_NULL */
	int64_t tag;
	uint64_t value;
	struct facts_text text; /* of NEEDED, SONAME, RPATH, RUNPATH, AUXILIARY, FILTER, AUDIT,
				   DEPAUDIT, CONFIG; else length 0 */
	uint32_t has_text;	/* text is valid (it may be empty) */
	uint32_t reserved;
};

enum facts_symbol_flag {
	FACTS_SYMBOL_UNDEFINED = 1u << 0,
	FACTS_SYMBOL_HIDDEN_VERSION = 1u
				      << 1, /* name@VERSION: binds only when asked for by version */
	FACTS_SYMBOL_VERSION_LOCAL = 1u
				     << 2, /* VER_NDX_LOCAL: exported by table, local by version */
	FACTS_SYMBOL_COPY = 1u << 3,	   /* target of a copy relocation */
	FACTS_SYMBOL_VERSION_BASE = 1u << 4, /* VER_NDX_GLOBAL: no version */
};

struct facts_symbol { /* dynamic symbol; index 0 of the table is kept, so indexes match the file */
	struct facts_text name;
	struct facts_text version;	/* length 0: none */
	struct facts_text version_file; /* vn_file of an undefined symbol's version */
	uint64_t value, size;
	uint16_t section; /* st_shndx */
	uint8_t type, binding, visibility, flags;
	uint16_t
	    version_index; /* the versym value without the hidden bit; 0xffff: no versym table */
};

struct facts_version {		      /* one Verdaux (a definition) or one Vernaux (a need) */
	struct facts_text name, file; /* file: vn_file of a need; empty for a definition */
	struct facts_text parent;     /* first predecessor of a definition */
	uint32_t hash;
	uint16_t index, flags; /* vd_ndx or vna_other; VER_FLG_* */
};

struct facts_relocation { /* only those whose symbol index is not 0 */
	uint64_t offset;  /* r_offset */
	int64_t addend;
	uint32_t symbol; /* index into symbols */
	uint32_t type;	 /* machine-specific */
};

struct facts_note {
	struct facts_text owner, description; /* description: raw bytes */
	uint64_t offset;		      /* of the note header in the file */
	uint32_t type, reserved;
};

/*
 * What a glibc program interpreter has compiled in, read from its .rodata by pattern; at most one
 * entry, none when the file is no such thing. Texts are empty when they were not found.
 */
struct facts_loader {
	struct facts_text system_directories; /* colon-separated, without trailing slashes */
	struct facts_text lib;		      /* value of $LIB */
	struct facts_text version;	      /* "2.36" */
	struct facts_text hwcaps;	      /* "x86-64-v4:x86-64-v3:x86-64-v2" */
};

struct facts_statement { /* text of the file about its own licence or its build options */
	struct facts_text text;
	uint64_t offset; /* in the file */
};

struct facts_mention { /* text of the file that names a project and its version */
	struct facts_text project, version, text; /* version: length 0 when it has none */
	uint64_t offset;			  /* in the file */
};

/*
 * What a call does with a name, FACTS_CALL_KIND(id, text). calls.def says which function is of
 * which kind and which argument holds the name.
 */
#define FACTS_CALL_KINDS(X)                                                                      \
	X(LOAD, "load")		      /* a library by name: dlopen */                            \
	X(SYMBOL, "symbol")	      /* a symbol by name: dlsym */                              \
	X(IMPORT, "import")	      /* a Python module by name */                              \
	X(EXEC, "exec")		      /* a program by path: execve */                            \
	X(EXEC_SEARCH, "exec-search") /* a program, through PATH when it has no slash: execvp */ \
	X(SHELL, "shell")	      /* a command line for sh -c: system */                     \
	X(WORDS, "words")	      /* a command line split into words without a shell */      \
	X(SOCKET, "socket") /* socket(): the value is the number of the address family */        \
	X(CONNECT, "connect")                                                                    \
	X(BIND, "bind")                                                                          \
	X(LISTEN, "listen") /* no name */                                                        \
	X(ACCEPT, "accept") /* no name */                                                        \
	X(SEND, "send")                                                                          \
	X(SHARED_MEMORY, "shared-memory")                                                        \
	X(SEMAPHORE, "semaphore")                                                                \
	X(QUEUE, "queue")                                                                        \
	X(DBUS_OWN, "dbus-own")	  /* takes a well-known name */                                  \
	X(DBUS_PEER, "dbus-peer") /* talks to the owner of one */

enum facts_call_kind {
#define FACTS_CALL_KIND(id, text) FACTS_CALL_##id,
	FACTS_CALL_KINDS(FACTS_CALL_KIND)
#undef FACTS_CALL_KIND
	    FACTS_CALL_KIND_COUNT
};

enum facts_call_flag {
	FACTS_CALL_TAIL = 1u << 0,	    /* a jump: the function ends there */
	FACTS_CALL_INDIRECT = 1u << 1,	    /* through a register or a GOT slot */
	FACTS_CALL_INTERNAL = 1u << 2,	    /* the callee is defined in this file */
	FACTS_CALL_ADDRESS_TAKEN = 1u << 3, /* no call: the address is kept or handed on there */
};

/* Why more names than those listed may reach a site; bits. None: the list is complete. */
#define FACTS_CALL_REASONS(X)                                                                     \
	X(PARAMETER, "parameter")	  /* of a function with callers that were not followed */ \
	X(EXPORTED, "exported")		  /* of an exported function: other files may call it */  \
	X(POINTER, "function-pointer")	  /* of a function whose address is taken */              \
	X(MEMORY, "memory")		  /* read from memory that is not known at this point */  \
	X(RESULT, "result")		  /* what some other function returned */                 \
	X(VARIABLE, "variable")		  /* a variable that code may change */                   \
	X(ENVIRONMENT, "environment")	  /* the environment of the process */                    \
	X(COMPUTED, "computed")		  /* arithmetic that is not followed */                   \
	X(NOT_TEXT, "not-text")		  /* an address without readable text */                  \
	X(CHANGED, "changed")		  /* a buffer that other code may have changed since */   \
	X(FORMATTED, "formatted")	  /* parts of a formatted text are not known */           \
	X(EXTENT, "extent")		  /* a table whose end is not known */                    \
	X(TOO_MANY, "too-many")		  /* more possibilities than are kept */                  \
	X(NOT_DECODED, "not-decoded")	  /* the instructions there could not be decoded */       \
	X(NOT_REACHED, "not-reached")	  /* no path from the start of the function was found */  \
	X(ADDRESS_TAKEN, "address-taken") /* FACTS_CALL_ADDRESS_TAKEN: called from anywhere */    \
	X(LIMIT, "limit")		  /* a budget was reached */

enum facts_call_reason_index {
#define FACTS_CALL_REASON(id, text) FACTS_REASON_INDEX_##id,
	FACTS_CALL_REASONS(FACTS_CALL_REASON)
#undef FACTS_CALL_REASON
	    FACTS_REASON_COUNT
};

enum facts_call_reason {
#define FACTS_CALL_REASON(id, text) FACTS_REASON_##id = 1u << FACTS_REASON_INDEX_##id,
	FACTS_CALL_REASONS(FACTS_CALL_REASON)
#undef FACTS_CALL_REASON
};

struct facts_call_site {
	uint64_t address;  /* virtual, of the call, the jump, or what takes the address */
	uint64_t function; /* where the enclosing function starts; 0: not known */
	uint64_t handle;   /* of a SYMBOL: the call in this function that gave the handle, or 0 */
	struct facts_text callee;	   /* as in calls.def */
	struct facts_text function_name;   /* symbol; length 0: there is none */
	uint32_t kind;			   /* enum facts_call_kind */
	uint32_t flags;			   /* enum facts_call_flag */
	uint32_t reasons;		   /* enum facts_call_reason */
	uint32_t value_first, value_count; /* into call_values */
	uint32_t reserved;
};

/* How a value was recovered. Several values of one site: any of them, by path or caller. */
#define FACTS_VALUE_SOURCES(X)                                                          \
	X(CONSTANT, "constant")	      /* text in memory that does not change */         \
	X(TABLE, "table")	      /* an entry of a table the call reads */          \
	X(FORMAT, "format")	      /* formatted, copied or concatenated */           \
	X(STORED, "stored")	      /* bytes the function stores itself */            \
	X(VARIABLE, "variable")	      /* what a variable holds at the start */          \
	X(ENVIRONMENT, "environment") /* the text names an environment variable */      \
	X(NOTHING, "nothing")	      /* a null pointer; for LOAD the program itself */ \
	X(NUMBER, "number")	      /* decimal text: an address family */             \
	X(RESULT, "result")	      /* the text names an import, whose result it is */

enum facts_value_source {
#define FACTS_VALUE_SOURCE(id, text) FACTS_VALUE_##id,
	FACTS_VALUE_SOURCES(FACTS_VALUE_SOURCE)
#undef FACTS_VALUE_SOURCE
	    FACTS_VALUE_SOURCE_COUNT
};

enum facts_value_role {
	FACTS_ROLE_NAME,     /* library, symbol, path, command line, socket path, bus name */
	FACTS_ROLE_ARGUMENT, /* argv[index] of an EXEC */
	FACTS_ROLE_FAMILY,   /* address family of a socket address */
};

enum facts_value_flag {
	/* The text is a pattern: "%s" stands for any text, "%d" for a number, "%c" for a
	 * character,
	 * "%%" for a per cent sign. Without this flag a text means itself. */
	FACTS_VALUE_PATTERN = 1u << 0,
};

struct facts_call_value {
	struct facts_text text;
	uint64_t address; /* of the text, the format or the table; 0: none */
	uint64_t caller;  /* the call whose argument it was, in a caller; 0: the site itself */
	uint16_t source;  /* enum facts_value_source */
	uint16_t role;	  /* enum facts_value_role */
	uint16_t index;	  /* of an ARGUMENT */
	uint16_t flags;	  /* enum facts_value_flag */
};

/*
 * An exported function that hands one of its parameters on to a call of that kind. The
 * pattern says what becomes of it: "%{N}" is parameter N as text, counted from 0; else as
 * in call_values.
 */
struct facts_call_summary {
	struct facts_text symbol, pattern;
	uint64_t site;	      /* address of the call site it reaches */
	uint32_t kind;	      /* enum facts_call_kind */
	uint32_t parameter;   /* the first one in the pattern */
	uint16_t role, index; /* as in call_values */
	uint32_t vector;      /* 1: the parameter is an argument vector, index counts in it */
};

/*
 * A constant text in an argument of a call to a function that calls.def does not know: what
 * a provider's summary of that function is matched with. Each (callee, parameter, text)
 * once.
 */
struct facts_call_constant {
	struct facts_text callee; /* symbol; length 0: internal function without a name */
	struct facts_text text;
	uint64_t site;	    /* of the first such call */
	uint64_t target;    /* address of an internal callee, 0 for an import */
	uint32_t parameter; /* from 0, or FACTS_CONSTANT_LITERAL */
	uint32_t reserved;
};

/* No call at all: a text among the constants, at site, that looks like the path of a program. */
#define FACTS_CONSTANT_LITERAL UINT32_MAX
/* A text that can be the name of a program, kept at site on the way to a call that starts one. */
#define FACTS_CONSTANT_NAME (UINT32_MAX - 1)
/*
 * A folder among the texts of a file that starts programs it does not name, and what can be the
 * name of a program in it; "%s" stands for what is put in.
 */
#define FACTS_CONSTANT_FOLDER (UINT32_MAX - 2)
#define FACTS_CONSTANT_WORD (UINT32_MAX - 3)
/* What a function puts behind a folder for the number that it is given at site. */
#define FACTS_CONSTANT_CHOICE (UINT32_MAX - 5)
/* The first word of a command line in a text that the program itself reads. */
#define FACTS_CONSTANT_COMMAND (UINT32_MAX - 4)
/* What the exported function callee, at site, may return: a name or a path. */
#define FACTS_CONSTANT_RESULT (UINT32_MAX - 6)

enum facts_coverage_flag {
	FACTS_COVERAGE_DECODED = 1u << 0, /* this machine's code is decoded; else nothing was */
	FACTS_COVERAGE_LIMIT = 1u << 1,	  /* a budget was reached: sites or callers are missing */
	FACTS_COVERAGE_UNNAMED = 1u << 2, /* static and stripped: no call can be named */
	FACTS_COVERAGE_CONSTANTS_LIMIT = 1u << 3, /* call_constants is not complete */
};

/* How much of the code was looked at; one entry when FACTS_CALLS was asked for. */
struct facts_code_coverage {
	uint64_t code_bytes;	  /* executable bytes in the file; all were scanned for calls */
	uint64_t selected_bytes;  /* of functions that reach a call of interest */
	uint64_t decoded_bytes;	  /* of those, decoded */
	uint64_t undecoded_bytes; /* of those, not */
	uint32_t functions_total, functions_decoded;
	uint32_t sites_total;
	uint32_t sites_complete;     /* every name known */
	uint32_t sites_partial;	     /* some names known */
	uint32_t sites_unresolved;   /* none known */
	uint32_t sites_without_name; /* listen and the like: there is nothing to resolve */
	uint32_t flags;		     /* enum facts_coverage_flag */
};

struct facts_diagnostic {
	uint32_t id; /* enum diag_id */
	uint32_t reserved;
	uint64_t offset; /* in the file, or DIAG_NO_OFFSET */
	struct facts_text message;
};

/* A record that was checked, with typed access. It borrows the bytes of the record. */
struct facts {
	struct slice record;
	struct slice strings;
#define FACTS_FIELD(tag, field, type) \
	const type *field;            \
	size_t field##_count;
	FACTS_SECTIONS_TABLE(FACTS_FIELD)
#undef FACTS_FIELD
};

/*
 * Checks a record from its first byte to its last. STATUS_FORMAT when anything is out of
 * place: sizes, alignment, counts, text ranges, symbol indexes, enum values. There is
 * always exactly one identity.
 */
enum status facts_open(struct slice record, struct facts *ret) must_check;

/* NUL-terminated text of a checked record; may hold any bytes, control characters too. */
static inline const char *facts_text(const struct facts *facts, struct facts_text text)
{
	return (const char *)facts->strings.ptr + text.offset;
}

static inline struct slice facts_slice(const struct facts *facts, struct facts_text text)
{
	return slice_of(facts->strings.ptr + text.offset, text.length);
}

/* The first dynamic entry with this tag at or after index *at (which is advanced past it).
 */
const struct facts_dynamic *facts_dynamic_next(const struct facts *facts, int64_t tag, size_t *at);
/* Text of the last entry with this tag (the loader keeps the last), or NULL. */
const char *facts_dynamic_text(const struct facts *facts, int64_t tag);

const char *facts_call_kind_text(enum facts_call_kind kind);
const char *facts_value_source_text(enum facts_value_source source);
/* The text of one reason, by its index (not its bit). */
const char *facts_call_reason_text(enum facts_call_reason_index index);
const char *facts_content_role_text(enum facts_content_role role);
const char *facts_module_source_text(enum facts_module_source source);
const char *facts_type_text(enum facts_type type);
/* Words for the enumerations of device_facts.h. */
const char *facts_device_container_text(enum facts_device_container_kind kind);
const char *facts_device_kind_text(enum facts_device_kind kind);
const char *facts_device_compression_text(enum facts_device_compression compression);
const char *facts_device_state_text(enum facts_device_state state);
/* "x86-64", "AArch64", ...; "machine 999" style texts are made by the caller from NULL. */
const char *facts_machine_text(uint16_t machine);

#endif
