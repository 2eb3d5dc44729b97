/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line: one file per subcommand, over the public library alone. Adding a subcommand is
 * one file and one row of commands.def; adding an option is one row of options.def.
 */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include <elfleft.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum exit_status {
	EXIT_CLEAN = 0,
	EXIT_FINDINGS = 1,
	EXIT_TROUBLE = 2, /* incomplete, or could not run; wins over findings */
	EXIT_USAGE = 3,
};

enum for_command {
	FOR_SCAN = 1u << 0,
	FOR_TREE = 1u << 1,
	FOR_COMPLETION = 1u << 2,
	FOR_HELP = 1u << 3,
	FOR_WHY = 1u << 4,
	FOR_VERIFY = 1u << 5,
	FOR_CHECK = 1u << 7,
	FOR_INDEX = 1u << 8,
	FOR_JUDGE = FOR_SCAN | FOR_CHECK | FOR_WHY,
	FOR_REPORT = FOR_JUDGE | FOR_TREE,
	FOR_ALL = FOR_REPORT | FOR_VERIFY | FOR_INDEX | FOR_COMPLETION | FOR_HELP,
};

enum option_id {
#define OPTION(id, letter, name, argument, commands, help) OPTION_##id,
#include "tool/options.def"
#undef OPTION
	OPTION_COUNT
};

struct option_row {
	enum option_id id;
	char letter; /* 0: none */
	const char *name, *argument;
	unsigned commands;
	const char *help;
};

#define OUTPUTS_MAX 16

/* One report to write; file NULL is the standard output. */
struct output {
	const char *format, *file;
};

/* What the command line said. Texts point into argv. */
struct arguments {
	struct elfleft *context;
	struct output outputs[OUTPUTS_MAX];
	size_t output_count;
	const char *output_file;		 /* -o */
	const char *colour;			 /* "auto", "always" or "never" */
	const char *reference, *write_reference; /* of verify, or NULL */
	bool make_reference;			 /* of index build */
	const char *manifest;			 /* of index build, or NULL */
	const char *data;			 /* --data, or NULL */
	bool has_index;				 /* some --index was given */
	bool no_progress, quiet, verbose;
	char **operands;
	size_t operand_count;
};

struct command {
	const char *name;
	unsigned bit;
	const char *arguments, *help;
	int (*run)(struct arguments *arguments);
};

const struct option_row *option_at(size_t index); /* NULL behind the last row */
const struct command *command_at(size_t index);	  /* NULL behind the last row */
const struct command *command_find(const char *name);

/*
 * Parses argv behind the command's name. -1 when the command may run; else the exit status, with
 * everything said that there is to say (help, version, or a usage error on stderr).
 */
int options_parse(const struct command *command, int argc, char **argv,
		  struct arguments *ret_arguments);

/* The help of one command, or with NULL of the whole tool. */
void help_print(const struct command *command, FILE *to);
int usage_error(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Progress on stderr while a command runs, when stderr is a terminal and it is wanted. */
void progress_start(struct arguments *arguments);
void progress_end(void);

/*
 * Writes all reports the command line asks for and gives the exit status. Without -f, text to the
 * standard output.
 */
int outputs_write(const struct arguments *arguments, const struct elfleft_result *result);
/* Whether some report needs digests: every format but text. */
bool outputs_need_digests(const struct arguments *arguments);

/* Whether some report needs the texts that go along with files. */
bool outputs_need_texts(const struct arguments *arguments);
/*
 * The path of the index of fingerprints that comes with elfleft: of --data DIR (may be NULL), else
 * beside the program. NULL when there is none; the caller frees it.
 */
char *default_index(const char *data);
/* Takes it when the command line names none. */
void default_index_use(const struct arguments *arguments);

/* "elfleft: WHAT: why" on stderr, from an elfleft_status and errno. */
int report_failure(const char *what, int status);
/* The same, or the line the library has about what cannot be compared. */
int report_trouble(const struct arguments *arguments, const char *what, int status);
/* The same, or the lines the library has about a policy or baseline that cannot be used. */
int report_refusal(const struct arguments *arguments, const char *what, int status);

/* What scan and check have in common: they differ in the function that runs. */
int run_scan(struct arguments *arguments, const char *name,
	     int (*function)(struct elfleft *context, struct elfleft_result **ret_result));

#define COMMAND(name, bit, operands, text) int command_##name(struct arguments *);
#include "tool/commands.def"
#undef COMMAND

#endif
