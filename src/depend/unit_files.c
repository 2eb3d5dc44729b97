/* SPDX-License-Identifier: BSD-2-Clause */
/* systemd units: after systemd.service(5), systemd.socket(5) and systemd.syntax(7) of version 252.
 */
#include <string.h>

#include "depend/command_line.h"
#include "depend/ini.h"
#include "depend/units_internal.h"
#include "util/budget.h"
#include "util/path.h"

/* What starts programs. An empty value takes back what was said so far. */
static const char *const directives[] = {"ExecCondition", "ExecStartPre", "ExecStart",
					 "ExecStartPost", "ExecReload",	  "ExecStop",
					 "ExecStopPre",	  "ExecStopPost"};

#define DIRECTIVE_COUNT (sizeof(directives) / sizeof(directives[0]))
#define DIRECTIVE_START 2 /* ExecStart */

/* A unit while it is read. */
struct reading {
	struct units *units;
	struct unit unit;
	const char *path;
	bool shipped;	     /* its edges are wanted */
	word_list words;     /* of the command under way */
	const char *service; /* Service= of a socket */
	bool accept;	     /* Accept= of a socket: a process for each connection */
	/* By directive: lines up to this one were taken back, UINT32_MAX by another file. */
	uint32_t taken_back[DIRECTIVE_COUNT];
	VEC(const char *) listens, bus_names;
};

/*
 * Specifiers become expansions in the shell's notation, so that whoever reads the word, a shell
 * too, sees that something is put in; %% and $$ stand for one character.
 */
static struct word expand_word(struct arena *arena, const char *text)
{
	VEC(char) out = {0};
	struct word word;

	for (const char *at = text; *at; at++) {
		if ((*at == '%' || *at == '$') && at[1] == *at) {
			vec_push(&out, *at++);
		} else if (*at == '%' && at[1]) {
			for (const char *mark = "${}"; *mark; mark++)
				vec_push(&out, *mark);
			at++;
		} else {
			vec_push(&out, *at);
		}
	}
	word.text = arena_slice(arena, slice_of(out.ptr, out.len));
	word.literal = !strchr(word.text, '$');
	vec_release(&out);
	return word;
}

/* A semicolon that is a word of its own ends a command line. */
static bool take_semicolon(struct slice *rest)
{
	*rest = slice_trim(*rest);
	if (!rest->len || rest->ptr[0] != ';' ||
	    (rest->len > 1 && !strchr(" \t\r\n", rest->ptr[1])))
		return false;
	rest->ptr++;
	rest->len--;
	return true;
}

/* One command line of a directive. STATUS_END behind the last. */
static enum status take_command(struct reading *reading, struct slice *rest)
{
	struct arena *arena = &reading->units->arena;
	const char *text;
	bool has_name = false;
	enum status status = words_next(rest, WORDS_UNIT, arena, &text);

	reading->words.len = 0;
	if (status != STATUS_OK)
		return status;
	for (; *text && strchr("@-:+!|", *text); text++)
		has_name |= *text == '@';
	vec_push(&reading->words, expand_word(arena, text));
	while (!take_semicolon(rest)) {
		status = words_next(rest, WORDS_UNIT, arena, &text);
		if (status == STATUS_END)
			break;
		if (status != STATUS_OK)
			return status;
		/* With "@" the second word is only what the program is told as its name. */
		if (!has_name)
			vec_push(&reading->words, expand_word(arena, text));
		has_name = false;
	}
	return STATUS_OK;
}

static void take_exec(struct reading *reading, const struct ini_entry *entry, size_t directive)
{
	struct units *units = reading->units;
	struct finder *finder = units->finder;
	const char *key = directives[directive];
	struct command_source source = {
	    .from = reading->path,
	    .evidence = "unit",
	    .detail = arena_printf(&units->arena, "%s=", key),
	    .place = entry->line,
	};
	struct slice rest = slice_text(entry->value);
	bool starts = directive == DIRECTIVE_START;
	enum status status;

	if (entry->line <= reading->taken_back[directive])
		return;
	while ((status = take_command(reading, &rest)) == STATUS_OK) {
		const struct word *first = &reading->words.ptr[0];

		if (!first->text[0])
			continue;
		if (starts && !reading->unit.program && first->literal)
			reading->unit.program = commands_find(finder->commands, first->text);
		if (reading->shipped)
			command_line_add(finder, &source, reading->words.ptr, reading->words.len);
	}
	if (status == STATUS_FORMAT && reading->shipped)
		finder->counts.sites++; /* systemd ignores such a line */
}

static void take_entry(struct reading *reading, const struct ini_entry *entry)
{
	static const char *const listens[] = {"ListenStream", "ListenDatagram",
					      "ListenSequentialPacket"};
	bool service = slice_equal_text(entry->section, "Service");
	bool socket = slice_equal_text(entry->section, "Socket");

	if (!service && !socket)
		return;
	for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
		if (slice_equal_text(entry->key, directives[i]))
			take_exec(reading, entry, i);
	for (size_t i = 0; socket && i < sizeof(listens) / sizeof(listens[0]); i++)
		if (slice_equal_text(entry->key, listens[i]))
			vec_push(&reading->listens, entry->value);
	if (service && slice_equal_text(entry->key, "BusName"))
		vec_push(&reading->bus_names, entry->value);
	if (socket && slice_equal_text(entry->key, "Service"))
		reading->service = entry->value;
	if (socket && slice_equal_text(entry->key, "Accept"))
		reading->accept = strchr("1yYtT", entry->value[0]) && entry->value[0];
}

/* Which directives a file takes back, and in which line last. */
static void find_taken_back(struct reading *reading, struct slice bytes, bool other_file)
{
	struct ini ini = ini_of(bytes, true);
	struct ini_entry entry;

	while (ini_next(&ini, &reading->units->arena, &entry)) {
		if (entry.value[0] || (!slice_equal_text(entry.section, "Service") &&
				       !slice_equal_text(entry.section, "Socket")))
			continue;
		for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
			if (slice_equal_text(entry.key, directives[i]))
				reading->taken_back[i] = other_file ? UINT32_MAX : entry.line;
	}
}

/* The texts of drop-ins that are read after the file. */
struct later_texts {
	struct slice *list;
	size_t count;
};

static struct later_texts read_later(struct units *units, const struct unit_place *place)
{
	struct later_texts texts = {
	    .list = arena_alloc_array(&units->arena, place->later_count + 1, sizeof(*texts.list))};

	for (size_t i = 0; i < place->later_count; i++)
		if (finder_read(units->finder, place->later[i], BUDGET_UNIT_FILE, &units->arena,
				&texts.list[texts.count]))
			texts.count++;
	return texts;
}

/* What drop-ins say, behind the file itself. Their own edges are theirs. */
static void apply_later(struct reading *reading, const struct later_texts *texts)
{
	struct units *units = reading->units;
	bool shipped = reading->shipped;

	reading->shipped = false;
	for (size_t i = 0; i < texts->count; i++) {
		struct ini ini = ini_of(texts->list[i], true);
		struct ini_entry entry;

		memset(reading->taken_back, 0, sizeof(reading->taken_back));
		find_taken_back(reading, texts->list[i], false);
		if (reading->taken_back[DIRECTIVE_START])
			reading->unit.program = NULL;
		while (ini_next(&ini, &units->arena, &entry))
			if (slice_equal_text(entry.section, "Service") &&
			    slice_equal_text(entry.key, directives[DIRECTIVE_START]))
				take_exec(reading, &entry, DIRECTIVE_START);
	}
	reading->shipped = shipped;
}

/* "foo" of .../foo.socket and of its drop-ins .../foo.socket.d/NAME.conf. */
static const char *stem_of_socket(struct arena *arena, const char *path)
{
	const char *name = path_name(path), *suffix;

	if (!strstr(name, ".socket"))
		name = path_name(path_directory(arena, path));
	suffix = strstr(name, ".socket");
	return arena_slice(arena, slice_of(name, suffix ? (size_t)(suffix - name) : strlen(name)));
}

/* Names of what the unit owns. A name with a specifier in it is none. */
static void publish(struct reading *reading)
{
	struct units *units = reading->units;
	struct unit_socket socket = {.file = reading->path, .service = reading->service};

	vec_each (bus_name, &reading->bus_names)
		if (!strchr(*bus_name, '%'))
			service_names_add(units->names, false, *bus_name, reading->unit.program,
					  reading->path);
	if (!socket.service)
		socket.service = arena_printf(&units->arena, "%s%s.service",
					      stem_of_socket(&units->arena, reading->path),
					      reading->accept ? "@" : "");
	vec_each (listen, &reading->listens) {
		socket.name = *listen;
		if (strchr("/@", socket.name[0]) && socket.name[0] && !strchr(socket.name, '%'))
			vec_push(&units->sockets, socket);
	}
}

void unit_sockets_publish(struct units *units)
{
	for (size_t i = 0; i < units->sockets.len; i++) {
		struct unit_socket socket = units->sockets.ptr[i];
		bool is_user = strstr(socket.file, "/systemd/user/") != NULL;
		const struct unit *service =
		    unit_named(units, socket.service, is_user ? "user" : "system",
			       path_directory(&units->arena, socket.file));

		service_names_add(units->names, true, socket.name,
				  service ? service->program : NULL, socket.file);
	}
}

const struct unit *unit_read(struct units *units, const char *path)
{
	const struct map_entry *known = map_get(&units->by_path, slice_text(path));
	const struct text_file *text = texts_find(units->finder->texts, path);
	struct reading reading = {.units = units, .path = path};
	struct ini_entry entry;
	struct slice bytes;
	struct ini ini;
	uint32_t index = (uint32_t)units->list.len;
	struct later_texts later;
	struct unit_place place;

	if (known)
		return &units->list.ptr[known->value];
	reading.path = arena_strdup(&units->arena, path);
	reading.shipped = text && text->kinds & TEXT_UNIT;
	map_put(&units->by_path, slice_text(reading.path), index, &(bool){0});
	vec_push(&units->list, reading.unit);
	unit_place_find(units, reading.path, &place);
	if (!place.dead &&
	    finder_read(units->finder, path, BUDGET_UNIT_FILE, &units->arena, &bytes)) {
		find_taken_back(&reading, bytes, false);
		later = read_later(units, &place);
		for (size_t i = 0; i < later.count; i++)
			find_taken_back(&reading, later.list[i], true);
		ini = ini_of(bytes, true);
		while (ini_next(&ini, &units->arena, &entry))
			take_entry(&reading, &entry);
		apply_later(&reading, &later);
		units->list.ptr[index] = reading.unit;
		if (reading.shipped)
			publish(&reading);
	}
	vec_release(&reading.words);
	vec_release(&reading.listens);
	vec_release(&reading.bus_names);
	return &units->list.ptr[index];
}

static const struct unit *unit_of_file(struct units *units, const char *name, const char *scope,
				       const char *near, bool *ret_masked)
{
	const char *path;

	return unit_file_find(units, name, scope, near, &path, ret_masked) ? unit_read(units, path)
									   : NULL;
}

const struct unit *unit_named(struct units *units, const char *name, const char *scope,
			      const char *near)
{
	const char *at = strchr(name, '@'), *dot = strrchr(name, '.');
	const struct unit *found;
	bool masked;

	if (strchr(name, '/'))
		return NULL;
	found = unit_of_file(units, name, scope, near, &masked);
	/* An instance without a file of its own is made of its template. */
	if (!found && !masked && at && dot > at + 1)
		found = unit_of_file(
		    units, arena_printf(&units->arena, "%.*s@%s", (int)(at - name), name, dot),
		    scope, near, &masked);
	return found;
}
