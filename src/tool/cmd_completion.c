/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * elfleft completion: shell completions, and the option lists of the manual, from the tables that
 * the parser itself uses.
 */
#include "tool/tool.h"

#include <string.h>

static void print_bash(void)
{
	const struct command *command;
	const struct option_row *row;

	printf("# bash completion for elfleft; made by: elfleft completion bash\n"
	       "_elfleft()\n{\n\tlocal current=${COMP_WORDS[COMP_CWORD]} options=\n"
	       "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W '");
	for (size_t i = 0; (command = command_at(i)); i++)
		printf("%s ", command->name);
	printf("--help --version' -- \"$current\"))\n\t\treturn\n\tfi\n"
	       "\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; (command = command_at(i)); i++) {
		printf("\t%s) options='", command->name);
		for (size_t j = 0; (row = option_at(j)); j++)
			if (row->commands & command->bit)
				printf("--%s ", row->name);
		printf("' ;;\n");
	}
	printf("\tesac\n\tcase $current in\n"
	       "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
	       "\t*) COMPREPLY=($(compgen -f -- \"$current\")) ;;\n\tesac\n}\n"
	       "complete -o filenames -F _elfleft elfleft\n");
}

/* Single quotes and brackets would end a zsh specification early. */
static void print_zsh_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			printf("'\\''");
		else if (strchr("[]:", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void print_zsh(void)
{
	const struct command *command;
	const struct option_row *row;

	printf("#compdef elfleft\n# made by: elfleft completion zsh\n"
	       "_elfleft()\n{\n\tif (( CURRENT == 2 )); then\n\t\tlocal -a commands=(\n");
	for (size_t i = 0; (command = command_at(i)); i++) {
		printf("\t\t\t'%s:", command->name);
		print_zsh_text(command->help);
		printf("'\n");
	}
	printf("\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
	       "\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n"
	       "\tcase $command in\n");
	for (size_t i = 0; (command = command_at(i)); i++) {
		printf("\t%s) _arguments", command->name);
		for (size_t j = 0; (row = option_at(j)); j++) {
			if (!(row->commands & command->bit))
				continue;
			printf(" \\\n\t\t'--%s%s[", row->name, row->argument ? "=" : "");
			print_zsh_text(row->help);
			printf("]%s'", row->argument ? ":value:_files" : "");
		}
		printf(" \\\n\t\t'*:file:_files' ;;\n");
	}
	printf("\tesac\n}\n_elfleft \"$@\"\n");
}

static void print_fish_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
}

static void print_fish(void)
{
	const struct command *command;
	const struct option_row *row;

	printf("# made by: elfleft completion fish\n");
	for (size_t i = 0; (command = command_at(i)); i++) {
		printf("complete -c elfleft -f -n __fish_use_subcommand -a %s -d '", command->name);
		print_fish_text(command->help);
		printf("'\n");
		for (size_t j = 0; (row = option_at(j)); j++) {
			if (!(row->commands & command->bit))
				continue;
			printf("complete -c elfleft -n '__fish_seen_subcommand_from %s' -l %s",
			       command->name, row->name);
			if (row->letter)
				printf(" -s %c", row->letter);
			printf("%s -d '", row->argument ? " -r" : "");
			print_fish_text(row->help);
			printf("'\n");
		}
	}
}

static void print_mdoc_option(const struct option_row *row)
{
	printf(".It ");
	if (row->letter)
		printf("Fl %c , ", row->letter);
	printf("Fl -%s", row->name);
	if (row->argument)
		printf(" Ar %s", row->argument);
	printf("\n%s.\n", row->help);
}

/* The options part of elfleft.1: make man puts it there, make lint checks that it is there. */
static void print_mdoc(void)
{
	const struct command *command;
	const struct option_row *row;

	for (size_t i = 0; (command = command_at(i)); i++) {
		printf(".Ss elfleft %s %s\n%s.\n.Bl -tag -width Ds\n", command->name,
		       command->arguments, command->help);
		for (size_t j = 0; (row = option_at(j)); j++)
			if ((row->commands & command->bit))
				print_mdoc_option(row);
		printf(".El\n");
	}
}

int command_completion(struct arguments *arguments)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = {
	    {"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}, {"mdoc", print_mdoc}};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (arguments->operand_count != 1 ||
		    strcmp(arguments->operands[0], shells[i].name) != 0)
			continue;
		shells[i].print();
		return fflush(stdout) ? EXIT_TROUBLE : EXIT_CLEAN;
	}
	return usage_error(command_find("completion"), "name one of bash, zsh, fish, mdoc");
}
