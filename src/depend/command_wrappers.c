/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/command_wrappers.h"

#include <string.h>

/*
 * How to step over a wrapper's own arguments, from its manual. Long options with "=" always stand
 * alone; others not listed make the line unknown, since a value might follow.
 */
struct wrapper {
	const char *name;
	const char *values;  /* short options that take a value */
	const char *flags;   /* long options without a value, between spaces */
	const char *options; /* long options with a value in the next word */
	unsigned operands;   /* words between options and program */
};

static const struct wrapper wrappers[] = {
    {"command", "", "", "", 0},
    {"dbus-run-session", "", "", " config-file dbus-daemon ", 0},
    {"dumb-init", "r", " single-child verbose ", " rewrite ", 0},
    {"env", "uC", " ignore-environment null debug list-signal-handling default-signal ",
     " unset chdir ", 0},
    {"exec", "a", "", "", 0},
    {"gosu", "", "", "", 1},
    {"ionice", "cn", " ignore ", " class classdata ", 0},
    {"nice", "n", "", " adjustment ", 0},
    {"nohup", "", "", "", 0},
    {"pkexec", "", " disable-internal-agent keep-cwd ", " user ", 0},
    {"setsid", "", " ctty fork wait ", "", 0},
    {"stdbuf", "ioe", "", " input output error ", 0},
    {"su-exec", "", "", "", 1},
    {"timeout", "ks", " preserve-status foreground verbose ", " kill-after signal ", 1},
    {"tini", "pe", "", "", 0},
};

static const char *const shells[] = {"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"};
static const char *const interpreters[] = {"python", "pypy", "perl", "ruby",  "node",
					   "nodejs", "lua",  "php",  "tclsh", "wish"};

static const struct wrapper *find_wrapper(const char *name)
{
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
		if (strcmp(name, wrappers[i].name) == 0)
			return &wrappers[i];
	return NULL;
}

static bool is_shell(const char *name)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(name, shells[i]) == 0)
			return true;
	return false;
}

bool command_is_interpreter(const char *name)
{
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++) {
		size_t length = strlen(interpreters[i]);

		if (strncmp(name, interpreters[i], length) == 0 &&
		    strspn(name + length, "0123456789.-") == strlen(name + length))
			return true;
	}
	return is_shell(name);
}

/* Whether the list " one two " holds the length bytes of a long option's name. */
static bool is_listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; length && (at = strstr(at, name)); at++)
		if (at[-1] == ' ' && at[length] == ' ')
			return true;
	return false;
}

/* How many words an option takes up, itself included; 0 when that is not known. */
static size_t option_width(const struct wrapper *wrapper, const char *option)
{
	if (option[1] == '-') {
		if (strchr(option, '=') || is_listed(wrapper->flags, option + 2))
			return 1;
		return is_listed(wrapper->options, option + 2) ? 2 : 0;
	}
	for (const char *letter = option + 1; *letter; letter++)
		if (strchr(wrapper->values, *letter))
			return letter[1] ? 1 : 2;
	return 1;
}

static bool is_env_assignment(const char *text)
{
	return strchr(text, '=') != NULL;
}

static enum wrapper_result wrapped_program(const struct wrapper *wrapper, const struct word *words,
					   size_t count, size_t *ret_at)
{
	bool env = strcmp(wrapper->name, "env") == 0;
	bool command = strcmp(wrapper->name, "command") == 0;
	unsigned operands = wrapper->operands;
	size_t at = 1;

	while (at < count && words[at].text[0] == '-' && words[at].text[1]) {
		size_t width;

		if (!words[at].literal)
			return WRAPPER_UNKNOWN;
		if (strcmp(words[at].text, "--") == 0) {
			at++;
			break;
		}
		/* command -v NAME only says where NAME is. */
		if (command && strpbrk(words[at].text, "vV"))
			return WRAPPER_NONE;
		width = option_width(wrapper, words[at].text);
		if (!width)
			return WRAPPER_UNKNOWN;
		at += width;
	}
	/* env takes a lone "-" as -i. */
	if (env && at < count && strcmp(words[at].text, "-") == 0)
		at++;
	while (env && at < count && is_env_assignment(words[at].text))
		at++;
	while (operands && at < count) {
		at++;
		operands--;
	}
	*ret_at = at;
	return at < count ? WRAPPER_PROGRAM : WRAPPER_NONE;
}

/* What a shell or an interpreter is given to run. */
static enum wrapper_result interpreted(bool shell, const struct word *words, size_t count,
				       size_t *ret_at)
{
	bool text = false;
	size_t at = 1;

	for (; at < count && (words[at].text[0] == '-' || words[at].text[0] == '+'); at++) {
		const char *option = words[at].text;

		if (!words[at].literal)
			return WRAPPER_UNKNOWN;
		if (strcmp(option, "--") == 0) {
			at++;
			break;
		}
		if (option[1] == '-')
			continue;
		if (shell && option[0] == '-' && strchr(option, 'c'))
			text = true;
		/* -c, -m of Python, -e of Perl, Ruby, node and Lua, -r of PHP: no script file. */
		if (!shell && strpbrk(option, "cmer"))
			return WRAPPER_NONE;
		if (shell && strcmp(option + 1, "o") == 0)
			at++;
	}
	*ret_at = at;
	if (at >= count)
		return WRAPPER_NONE;
	return text ? WRAPPER_SHELL : WRAPPER_SCRIPT;
}

enum wrapper_result command_wrapper(const char *name, const struct word *words, size_t count,
				    size_t *ret_at)
{
	const struct wrapper *wrapper = find_wrapper(name);

	if (wrapper)
		return wrapped_program(wrapper, words, count, ret_at);
	if (command_is_interpreter(name))
		return interpreted(is_shell(name), words, count, ret_at);
	return WRAPPER_NONE;
}

/* What follows the S of -S, -iS, -vS...; NULL when the option has none. */
static const char *split_text(const char *option)
{
	size_t flags = strspn(option + 1, "iv0");

	if (strncmp(option, "--split-string", 14) == 0)
		return option[14] == '=' ? option + 15 : option + 14;
	return option[1 + flags] == 'S' ? option + 1 + flags + 1 : NULL;
}

bool command_env_split(const struct word *words, size_t count, const char **ret_text,
		       size_t *ret_at)
{
	const struct wrapper *env = find_wrapper("env");
	size_t at = 1;

	while (at < count && words[at].text[0] == '-' && words[at].text[1]) {
		const char *text = split_text(words[at].text);
		size_t width = option_width(env, words[at].text);

		if (text) {
			at += *text == '\0';
			if (at >= count)
				return false;
			*ret_text = *text ? text : words[at].text;
			*ret_at = at + 1;
			return true;
		}
		if (!width)
			return false;
		at += width;
	}
	return false;
}
