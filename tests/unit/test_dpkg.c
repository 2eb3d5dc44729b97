/* SPDX-License-Identifier: BSD-2-Clause */
/* Owners of files in small roots written for the purpose. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <elf.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/provider.h"

#define DPKG "/var/lib/dpkg"
#define STANZA(name, architecture, more)                                               \
	"Package: " name "\nStatus: install ok installed\nArchitecture: " architecture \
	"\nVersion: 1:2.0~rc1+b1-3\n" more "\n"

struct fixture {
	struct arena arena;
	struct diags diags;
	char folder[64];
	struct root *root;
	struct providers *providers;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	arena_init(&fixture->arena);
	diags_init(&fixture->diags);
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/elfleft-dpkg-XXXXXX");
	*state = fixture;
	return mkdtemp(fixture->folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	providers_close(fixture->providers);
	root_free(fixture->root);
	nftw(fixture->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_release(&fixture->arena);
	diags_release(&fixture->diags);
	free(fixture);
	return 0;
}

/* The host path of a path of the root; its directories are made. */
static char *host_path(struct fixture *fixture, const char *path)
{
	char *host = arena_printf(&fixture->arena, "%s%s", fixture->folder, path);

	for (char *slash = host + strlen(fixture->folder) + 1; (slash = strchr(slash, '/'));
	     slash++) {
		*slash = '\0';
		mkdir(host, 0777);
		*slash = '/';
	}
	return host;
}

static void write_bytes(struct fixture *fixture, const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(host_path(fixture, path), "a");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void write_text(struct fixture *fixture, const char *path, const char *text)
{
	write_bytes(fixture, path, text, strlen(text));
}

static void make_link(struct fixture *fixture, const char *target, const char *path)
{
	assert_int_equal(symlink(target, host_path(fixture, path)), 0);
}

static void open_root(struct fixture *fixture)
{
	assert_int_equal(root_open_directory(fixture->folder, &fixture->root), STATUS_OK);
	fixture->providers = providers_open(fixture->root, NULL, &fixture->diags);
}

static const struct component *owner_for(struct fixture *fixture, const char *path,
					 uint16_t machine, bool is_64)
{
	struct provider_query query = {.path = path, .machine = machine, .is_64 = is_64};

	return providers_ask(fixture->providers, "dpkg", &query);
}

static void expect_owner(struct fixture *fixture, const char *path, const char *id)
{
	const struct component *component = owner_for(fixture, path, 0, false);

	if (!id) {
		assert_null(component);
		return;
	}
	assert_non_null(component);
	assert_string_equal(component->id, id);
}

/* How many diagnostics there are of one kind. */
static size_t count(const struct fixture *fixture, enum diag_id id)
{
	size_t found = 0;

	for (size_t i = 0; i < fixture->diags.list.len; i++)
		found += fixture->diags.list.ptr[i].id == id;
	return found;
}

static const struct diag *only(const struct fixture *fixture, enum diag_id id)
{
	assert_int_equal(count(fixture, id), 1);
	for (size_t i = 0;; i++) {
		if (fixture->diags.list.ptr[i].id == id)
			return &fixture->diags.list.ptr[i];
	}
}

static void a_package_as_component(void **state)
{
	struct fixture *fixture = *state;
	const struct component *component;

	write_text(fixture, DPKG "/status",
		   STANZA("libx++1", "amd64",
			  "Source: x (1:2.0~rc1-3)\nDescription: x\n with: a colon\n .\n"));
	write_text(fixture, DPKG "/info/libx++1.list", "/.\n/usr\n/usr/lib\n/usr/lib/libx.so.1\n");
	write_text(fixture, "/usr/lib/libx.so.1", "");
	write_text(fixture, "/usr/lib/os-release",
		   "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n");
	write_text(fixture, "/usr/share/doc/libx++1/copyright", "Format: ...\n");
	open_root(fixture);
	component = owner_for(fixture, "/usr/lib/libx.so.1", 0, false);
	assert_non_null(component);
	assert_string_equal(component->id, "deb:libx++1");
	assert_string_equal(component->name, "libx++1");
	assert_string_equal(component->version, "1:2.0~rc1+b1-3");
	assert_string_equal(component->source_name, "x");
	assert_string_equal(component->source_version, "1:2.0~rc1-3");
	assert_string_equal(
	    component->purl,
	    "pkg:deb/debian/libx%2B%2B1@1:2.0~rc1%2Bb1-3?arch=amd64&distro=debian-12");
	assert_string_equal(component->copyright_path, "/usr/share/doc/libx++1/copyright");
	assert_string_equal(component->declared, "");
	assert_ptr_equal(component, owner_for(fixture, "/usr/lib/libx.so.1", 0, false));
	expect_owner(fixture, "/usr/lib", NULL);
	expect_owner(fixture, "/usr/lib/libx.so", NULL);
	assert_int_equal(fixture->diags.list.len, 0);
}

static void merged_usr_both_ways(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture, DPKG "/status", STANZA("old", "all", "") STANZA("new", "all", ""));
	write_text(fixture, DPKG "/info/old.list", "/.\n/bin\n/bin/bash\n/lib\n/lib/libc.so.6\n");
	write_text(fixture, DPKG "/info/new.list", "/usr/sbin/init\n/lib64/ld.so\n");
	write_text(fixture, "/usr/bin/bash", "");
	write_text(fixture, "/usr/lib/libc.so.6", "");
	write_text(fixture, "/sbin/init", "");
	make_link(fixture, "usr/bin", "/bin");
	make_link(fixture, "/usr/lib", "/lib"); /* absolute: still inside the root */
	make_link(fixture, "../sbin", "/usr/sbin");
	make_link(fixture, "lib", "/lib64");
	write_text(fixture, "/usr/lib/ld.so", "");
	open_root(fixture);
	expect_owner(fixture, "/usr/bin/bash", "deb:old");
	expect_owner(fixture, "/usr/lib/libc.so.6", "deb:old");
	expect_owner(fixture, "/sbin/init", "deb:new");
	expect_owner(fixture, "/usr/lib/ld.so", "deb:new");
	assert_int_equal(count(fixture, DIAG_PACKAGE_DATABASE_BAD), 0);
	assert_int_equal(count(fixture, DIAG_PACKAGE_COPYRIGHT_MISSING), 2);
}

static void links_never_lead_outside(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture, DPKG "/status", STANZA("a", "all", ""));
	write_text(fixture, DPKG "/info/a.list", "/out/passwd\n/loop/x\n/usr/../etc/passwd\n");
	write_text(fixture, "/etc/passwd", "");
	make_link(fixture, "../../../../../../etc", "/out");
	make_link(fixture, "loop", "/loop");
	open_root(fixture);
	/* Of the root's own /etc: the link is re-rooted, the ".." of the list is not there. */
	expect_owner(fixture, "/etc/passwd", "deb:a");
	expect_owner(fixture, "/loop/x", NULL);
}

static void diversions(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture, DPKG "/status",
		   STANZA("dash", "amd64", "") STANZA("bash", "amd64", "")
		       STANZA("tool", "amd64", "") STANZA("wrap", "amd64", ""));
	write_text(fixture, DPKG "/info/dash.list", "/bin/sh\n");
	write_text(fixture, DPKG "/info/bash.list", "/bin/sh\n");
	write_text(fixture, DPKG "/info/tool.list", "/usr/bin/tool\n/usr/bin/other\n");
	write_text(fixture, DPKG "/info/wrap.list", "/usr/bin/tool\n");
	write_text(fixture, DPKG "/diversions",
		   "/bin/sh\n/bin/sh.distrib\ndash\n"
		   "/usr/bin/tool\n/usr/bin/tool.real\nwrap\n"
		   "/usr/bin/other\n/usr/local/bin/other\n:\n");
	write_text(fixture, "/usr/bin/sh", "");
	make_link(fixture, "usr/bin", "/bin");
	write_text(fixture, "/usr/local/bin/other", "");
	open_root(fixture);
	expect_owner(fixture, "/usr/bin/sh", "deb:dash");
	expect_owner(fixture, "/usr/bin/sh.distrib", "deb:bash");
	expect_owner(fixture, "/usr/bin/tool", "deb:wrap");
	expect_owner(fixture, "/usr/bin/tool.real", "deb:tool");
	expect_owner(fixture, "/usr/bin/other", NULL);
	expect_owner(fixture, "/usr/local/bin/other", "deb:tool");
	assert_int_equal(count(fixture, DIAG_PACKAGE_DATABASE_BAD), 0);
}

static void two_architectures(void **state)
{
	struct fixture *fixture = *state;
	const char *path = "/usr/lib/libz.so.1";

	write_text(fixture, DPKG "/status",
		   STANZA("libz1", "i386", "Multi-Arch: same\n")
		       STANZA("libz1", "amd64", "Multi-Arch: same\n") STANZA("dpkg", "amd64", ""));
	write_text(fixture, DPKG "/info/dpkg.list", "/.\n");
	write_text(fixture, DPKG "/info/libz1:i386.list",
		   "/usr/lib/libz.so.1\n/usr/lib/i386-linux-gnu/libz.so.1\n");
	write_text(fixture, DPKG "/info/libz1:amd64.list",
		   "/usr/lib/libz.so.1\n/usr/lib/x86_64-linux-gnu/libz.so.1\n");
	write_text(fixture, "/usr/lib/x86_64-linux-gnu/libz.so.1", "");
	write_text(fixture, "/usr/lib/i386-linux-gnu/libz.so.1", "");
	open_root(fixture);
	expect_owner(fixture, "/usr/lib/x86_64-linux-gnu/libz.so.1", "deb:libz1");
	expect_owner(fixture, "/usr/lib/i386-linux-gnu/libz.so.1", "deb:libz1:i386");
	/* Both ship this one: the machine decides, or else the name and architecture. */
	assert_string_equal(owner_for(fixture, path, EM_386, false)->id, "deb:libz1:i386");
	assert_string_equal(owner_for(fixture, path, EM_X86_64, true)->id, "deb:libz1");
	assert_string_equal(owner_for(fixture, path, EM_X86_64, false)->id, "deb:libz1");
	assert_string_equal(owner_for(fixture, path, 0, false)->id, "deb:libz1");
}

static void several_owners_first_by_name(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture, DPKG "/status", STANZA("b", "all", "") STANZA("a", "all", ""));
	write_text(fixture, DPKG "/info/b.list", "/usr/bin/x\n");
	write_text(fixture, DPKG "/info/a.list", "/usr/bin/x\n");
	write_text(fixture, "/usr/bin/x", "");
	open_root(fixture);
	expect_owner(fixture, "/usr/bin/x", "deb:a");
}

static void images_without_dpkg(void **state)
{
	struct fixture *fixture = *state;
	const struct component *component;

	write_text(fixture, DPKG "/status.d/libssl3",
		   "Package: libssl3\nArchitecture: amd64\nVersion: 3.0\nSource: openssl\n");
	write_text(fixture, DPKG "/status.d/libssl3.md5sums",
		   "0123456789abcdef0123456789abcdef  usr/lib/libssl.so.3\n"
		   "0123456789abcdef0123456789abcdef  ./usr/lib/engines/a b.so\n");
	write_text(fixture, DPKG "/status.d/YmFzZQ==", "Package: base\nVersion: 1\n");
	write_text(fixture, "/usr/lib/libssl.so.3", "");
	write_text(fixture, "/usr/lib/engines/a b.so", "");
	write_text(fixture, "/usr/share/doc/libssl3/copyright", "");
	open_root(fixture);
	component = owner_for(fixture, "/usr/lib/libssl.so.3", 0, false);
	assert_non_null(component);
	assert_string_equal(component->source_name, "openssl");
	assert_string_equal(component->source_version, "3.0");
	assert_string_equal(component->purl, "pkg:deb/debian/libssl3@3.0?arch=amd64");
	expect_owner(fixture, "/usr/lib/engines/a b.so", "deb:libssl3");
	/* base has no list of files: its files can have no owner, and the run says so. */
	assert_non_null(strstr(only(fixture, DIAG_PACKAGE_DATABASE_BAD)->message,
			       "1 of 2 packages, the first is base"));
}

static void roots_with_lists_alone(void **state)
{
	struct fixture *fixture = *state;
	const struct component *component;

	write_text(fixture, DPKG "/info/liba1:arm64.list", "/usr/lib/liba.so\n");
	write_text(fixture, DPKG "/info/b.md5sums",
		   "0123456789abcdef0123456789abcdef  usr/bin/b\n");
	write_text(fixture, "/usr/lib/liba.so", "");
	write_text(fixture, "/usr/bin/b", "");
	open_root(fixture);
	component = owner_for(fixture, "/usr/lib/liba.so", 0, false);
	assert_non_null(component);
	assert_string_equal(component->id, "deb:liba1");
	assert_string_equal(component->version, "");
	assert_string_equal(component->purl, "pkg:deb/debian/liba1?arch=arm64");
	expect_owner(fixture, "/usr/bin/b", "deb:b");
	assert_int_equal(count(fixture, DIAG_PACKAGE_DATABASE_BAD), 0);
}

static void removed_packages_own_nothing(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture, DPKG "/status",
		   "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
		   "Package: never\nStatus: unknown ok not-installed\n\n"
		   "Package: half\nStatus: install reinstreq half-configured\nVersion: 1\n");
	write_text(fixture, DPKG "/info/gone.list", "/etc/x\n");
	write_text(fixture, DPKG "/info/half.list", "/usr/bin/half\n");
	write_text(fixture, "/etc/x", "");
	write_text(fixture, "/usr/bin/half", "");
	open_root(fixture);
	expect_owner(fixture, "/etc/x", NULL);
	expect_owner(fixture, "/usr/bin/half", "deb:half");
	assert_int_equal(count(fixture, DIAG_PACKAGE_DATABASE_BAD), 0);
}

static void linked_documentation(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture, DPKG "/status",
		   STANZA("liba1", "all", "") STANZA("liba-bin", "all", "")
		       STANZA("dangling", "all", ""));
	write_text(fixture, DPKG "/info/liba1.list", "/usr/lib/liba.so.1\n");
	write_text(fixture, DPKG "/info/liba-bin.list", "/usr/bin/a\n");
	write_text(fixture, DPKG "/info/dangling.list", "/usr/bin/d\n");
	write_text(fixture, "/usr/lib/liba.so.1", "");
	write_text(fixture, "/usr/bin/a", "");
	write_text(fixture, "/usr/bin/d", "");
	write_text(fixture, "/usr/share/doc/liba1/copyright", "text");
	make_link(fixture, "/usr/share/doc/liba1", "/usr/share/doc/liba-bin");
	make_link(fixture, "nothing", "/usr/share/doc/dangling");
	open_root(fixture);
	assert_string_equal(owner_for(fixture, "/usr/bin/a", 0, false)->copyright_path,
			    "/usr/share/doc/liba1/copyright");
	assert_string_equal(owner_for(fixture, "/usr/bin/d", 0, false)->copyright_path, "");
	assert_string_equal(only(fixture, DIAG_PACKAGE_COPYRIGHT_MISSING)->file,
			    "/usr/share/doc/dangling/copyright");
}

static void malformed_databases(void **state)
{
	static const char list[] = "/usr/bin/a\nusr/bin/b\n/usr/bin/\0c\n/usr/bin/d\n";
	struct fixture *fixture = *state;
	const struct diag *diag;

	write_text(fixture, DPKG "/status",
		   STANZA("a", "all", "") "no field here\nPackage: ../../etc\n"
					  "Status: install ok installed\n\n"
					  "Package: b\nVersion: 1\n\n" STANZA("c", "all", ""));
	write_bytes(fixture, DPKG "/info/a.list", list, sizeof(list) - 1);
	write_text(fixture, DPKG "/info/c.list", "/.\n");
	write_text(fixture, DPKG "/diversions", "/usr/bin/a\n/usr/bin/e\n");
	write_text(fixture, "/usr/bin/a", "");
	open_root(fixture);
	diags_sort(&fixture->diags);
	assert_int_equal(fixture->diags.list.len, 3);
	diag = &fixture->diags.list.ptr[0];
	assert_string_equal(diag->file, DPKG "/diversions");
	assert_non_null(strstr(diag->message, "line 1: "));
	diag = &fixture->diags.list.ptr[1];
	assert_string_equal(diag->file, DPKG "/info/a.list");
	assert_non_null(strstr(diag->message, "line 2: "));
	assert_non_null(strstr(diag->message, "1 more"));
	assert_int_equal(diag->offset, strlen("/usr/bin/a\n"));
	diag = &fixture->diags.list.ptr[2];
	assert_string_equal(diag->file, DPKG "/status");
	assert_non_null(strstr(diag->message, "line 6: "));
	assert_non_null(strstr(diag->message, "2 more"));
	/* What is well-formed beside it counts. */
	expect_owner(fixture, "/usr/bin/a", "deb:a");
	expect_owner(fixture, "/usr/bin/d", "deb:a");
}

static void unusual_files_do_not_stop_it(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture, DPKG "/info/a.list", "/usr/bin/a\n");
	write_text(fixture, "/usr/bin/a", "");
	assert_int_equal(mkfifo(host_path(fixture, DPKG "/status"), 0600), 0);
	assert_int_equal(mkdir(host_path(fixture, DPKG "/diversions"), 0700), 0);
	open_root(fixture);
	assert_int_equal(count(fixture, DIAG_PACKAGE_DATABASE_BAD), 2);
	expect_owner(fixture, "/usr/bin/a", "deb:a");
}

static void no_database_is_no_complaint(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture, "/usr/bin/a", "");
	open_root(fixture);
	expect_owner(fixture, "/usr/bin/a", NULL);
	assert_int_equal(fixture->diags.list.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(a_package_as_component),
	    TEST(merged_usr_both_ways),
	    TEST(links_never_lead_outside),
	    TEST(diversions),
	    TEST(two_architectures),
	    TEST(several_owners_first_by_name),
	    TEST(images_without_dpkg),
	    TEST(roots_with_lists_alone),
	    TEST(removed_packages_own_nothing),
	    TEST(linked_documentation),
	    TEST(malformed_databases),
	    TEST(unusual_files_do_not_stop_it),
	    TEST(no_database_is_no_complaint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
