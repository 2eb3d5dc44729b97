/* SPDX-License-Identifier: BSD-2-Clause */
#include "depend/units.h"

#include <stdlib.h>
#include <string.h>

#include "depend/command_line.h"
#include "depend/ini.h"
#include "depend/units_internal.h"
#include "util/budget.h"
#include "util/path.h"

void service_names_init(struct service_names *names)
{
	*names = (struct service_names){0};
	arena_init(&names->arena);
}

void service_names_release(struct service_names *names)
{
	vec_release(&names->bus);
	vec_release(&names->sockets);
	arena_release(&names->arena);
}

void service_names_add(struct service_names *names, bool socket, const char *name, const char *path,
		       const char *file)
{
	struct service_name added = {
	    .name = arena_strdup(&names->arena, name),
	    .path = path ? arena_strdup(&names->arena, path) : NULL,
	    .file = arena_strdup(&names->arena, file),
	};

	if (socket)
		vec_push(&names->sockets, added);
	else
		vec_push(&names->bus, added);
}

/* The escapes of a string in a desktop entry; those of quoting come after. */
static const char *desktop_string(struct arena *arena, const char *value)
{
	static const char from[] = "sntr\\", to[] = " \n\t\r\\";
	char *text = arena_strdup(arena, value), *out = text;

	for (const char *at = value; *at; at++) {
		const char *known = *at == '\\' && at[1] ? strchr(from, at[1]) : NULL;

		*out++ = known ? to[known - from] : *at;
		at += known != NULL;
	}
	*out = '\0';
	return text;
}

/* Desktop Entry Specification, "The Exec key": field codes are replaced by arguments. */
static struct word desktop_word(struct arena *arena, const char *text)
{
	struct word word = {.literal = true};
	char *out = arena_strdup(arena, text);

	word.text = out;
	for (const char *at = text; *at; at++) {
		if (*at == '%' && at[1] && at[1] != '%')
			word.literal = false;
		at += *at == '%' && at[1] == '%';
		*out++ = *at;
	}
	*out = '\0';
	return word;
}

/* Splits an Exec= value. False when a quote is left open: nobody starts it then. */
static bool split_exec(struct units *units, const char *value, bool desktop, word_list *words)
{
	struct slice rest = slice_text(value);
	const char *text;
	enum status status;

	words->len = 0;
	while ((status = words_next(&rest, WORDS_SHELL, &units->arena, &text)) == STATUS_OK)
		vec_push(words,
			 desktop ? desktop_word(&units->arena, text) : ((struct word){text, true}));
	if (status == STATUS_FORMAT)
		units->finder->counts.sites++;
	return status == STATUS_END && words->len;
}

static void read_desktop(struct units *units, const char *path)
{
	struct command_source source = {.from = path, .evidence = "desktop"};
	struct arena *arena = &units->arena;
	word_list words = {0};
	struct ini_entry entry;
	struct slice bytes;
	struct ini ini;

	if (!finder_read(units->finder, path, BUDGET_UNIT_FILE, arena, &bytes))
		return;
	ini = ini_of(bytes, false);
	while (ini_next(&ini, arena, &entry)) {
		const char *value = desktop_string(arena, entry.value);
		bool try = slice_equal_text(entry.key, "TryExec");

		if (!slice_equal_text(entry.section, "Desktop Entry") &&
		    !slice_starts_with(entry.section, "Desktop Action "))
			continue;
		source.place = entry.line;
		source.possible = try;
		if (try && value[0]) {
			source.detail = "TryExec=: looked for, not run by it";
			command_line_add_program(units->finder, &source, value);
		} else if (slice_equal_text(entry.key, "Exec") &&
			   split_exec(units, value, true, &words)) {
			source.detail = "Exec=";
			command_line_add(units->finder, &source, words.ptr, words.len);
		}
	}
	vec_release(&words);
}

/* One D-Bus service file. */
struct bus_service {
	const char *path, *name, *exec, *unit;
	uint32_t exec_line, unit_line;
};

static bool parse_bus_service(struct units *units, struct bus_service *service)
{
	struct ini_entry entry;
	struct slice bytes;
	struct ini ini;

	if (!finder_read(units->finder, service->path, BUDGET_UNIT_FILE, &units->arena, &bytes))
		return false;
	ini = ini_of(bytes, false);
	while (ini_next(&ini, &units->arena, &entry)) {
		if (!slice_equal_text(entry.section, "D-BUS Service"))
			continue;
		if (slice_equal_text(entry.key, "Name")) {
			service->name = entry.value;
		} else if (slice_equal_text(entry.key, "Exec")) {
			service->exec = entry.value;
			service->exec_line = entry.line;
		} else if (slice_equal_text(entry.key, "SystemdService")) {
			service->unit = entry.value;
			service->unit_line = entry.line;
		}
	}
	return true;
}

/* The program of the unit that is started in the place of Exec=. */
static const char *program_of_unit(struct units *units, const struct bus_service *service)
{
	const char *share = strstr(service->path, "/share/dbus-1/");
	const char *scope = strstr(service->path, "/system-services/") ? "system" : "user";
	int prefix = share ? (int)(share - service->path) : 0;
	const char *near =
	    arena_printf(&units->arena, "%.*s/lib/systemd/%s", prefix, service->path, scope);
	const struct unit *unit = unit_named(units, service->unit, scope, near);
	struct found_edge edge = {
	    .from = service->path,
	    .kind = EDGE_KIND_IPC_EXEC,
	    .grade = EDGE_GRADE_DECLARED,
	    .evidence = "dbus-service",
	    .place = service->unit_line,
	};

	if (!unit || !unit->program)
		return NULL;
	edge.to = edge.name = unit->program;
	edge.detail =
	    arena_printf(&units->arena, "SystemdService=%s and its ExecStart=", service->unit);
	found_edges_add(units->finder->edges, &edge);
	return unit->program;
}

static void read_bus_service(struct units *units, const char *path)
{
	struct bus_service service = {.path = path};
	struct command_source source = {
	    .from = path, .evidence = "dbus-service", .detail = "Exec="};
	const char *owner = NULL;
	word_list words = {0};

	if (!parse_bus_service(units, &service))
		return;
	if (service.exec && split_exec(units, service.exec, false, &words)) {
		/* Exec=/bin/false says that only the service manager starts it. */
		bool none = strcmp(path_name(words.ptr[0].text), "false") == 0;

		source.place = service.exec_line;
		if (!none || !service.unit)
			command_line_add(units->finder, &source, words.ptr, words.len);
		if (!none)
			owner = commands_find(units->finder->commands, words.ptr[0].text);
	}
	if (service.unit) {
		const char *program = program_of_unit(units, &service);

		owner = program ? program : owner;
	}
	if (service.name)
		service_names_add(units->names, false, service.name, owner, path);
	vec_release(&words);
}

static int compare_names(const void *a, const void *b)
{
	const struct service_name *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (!order)
		order = strcmp(left->path ? left->path : "", right->path ? right->path : "");
	return order ? order : strcmp(left->file, right->file);
}

void units_find(struct finder *finder, struct service_names *ret)
{
	struct units units = {.finder = finder, .names = ret};

	arena_init(&units.arena);
	vec_each (text, &finder->texts->files) {
		if (text->kinds & TEXT_UNIT)
			(void)unit_read(&units, text->path);
		if (text->kinds & TEXT_DESKTOP)
			read_desktop(&units, text->path);
		if (text->kinds & TEXT_BUS_SERVICE)
			read_bus_service(&units, text->path);
	}
	unit_sockets_publish(&units);
	if (ret->bus.len)
		qsort(ret->bus.ptr, ret->bus.len, sizeof(*ret->bus.ptr), compare_names);
	if (ret->sockets.len)
		qsort(ret->sockets.ptr, ret->sockets.len, sizeof(*ret->sockets.ptr), compare_names);
	map_release(&units.by_path);
	vec_release(&units.list);
	vec_release(&units.sockets);
	arena_release(&units.arena);
}
