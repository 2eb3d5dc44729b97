/* SPDX-License-Identifier: BSD-2-Clause */
/* "#!" lines, systemd units, desktop entries and D-Bus services of roots written down by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "depend/units.h"
#include "finder_fixture.h"
#include "util/budget.h"

static void shebangs(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture);
	fixture_program(&fixture, "/usr/bin/dash");
	fixture_program(&fixture, "/usr/bin/env");
	fixture_program(&fixture, "/usr/bin/perl");
	fixture_link(&fixture, "/bin", "usr/bin");
	fixture_link(&fixture, "/usr/bin/sh", "dash");
	fixture_write(&fixture, "/s/a", 0755, "#!/bin/sh\n");
	fixture_write(&fixture, "/s/b", 0755, "#! \t/bin/sh \t-e x\t \n");
	fixture_write(&fixture, "/s/c", 0755, "#!/bin/sh\r\n");
	fixture_write(&fixture, "/s/d", 0755, "#!/usr/bin/env perl\n");
	fixture_write(&fixture, "/s/e", 0755, "#!/usr/bin/env perl -w\n");
	fixture_write(&fixture, "/s/f", 0755, "#!/usr/bin/env -S perl -w\n");
	fixture_write(&fixture, "/s/g", 0644, "#!/bin/sh\n");
	fixture_write(&fixture, "/s/h", 0755, "#!sh\n");
	fixture_write(&fixture, "/s/i", 0755, "#!/bin/sh"); /* no newline */
	fixture_write(&fixture, "/s/j", 0755, "#!\n/bin/sh\n");
	fixture_write(&fixture, "/s/k", 0755, "#!/usr/bin/none");
	scripts_find(fixture_finder(&fixture));
	assert_string_equal(fixture_edges(&fixture),
			    "/s/a -> /usr/bin/dash /bin/sh | #!/bin/sh\n"
			    "/s/b -> /usr/bin/dash /bin/sh | #!/bin/sh -e x\n"
			    "/s/c -> nothing /bin/sh\r | #!/bin/sh\r\n"
			    "/s/d -> /usr/bin/env /usr/bin/env | #!/usr/bin/env perl\n"
			    "/s/d -> /usr/bin/perl perl | #!/usr/bin/env perl, through env\n"
			    "/s/e -> nothing perl -w | #!/usr/bin/env perl -w, through env\n"
			    "/s/e -> /usr/bin/env /usr/bin/env | #!/usr/bin/env perl -w\n"
			    "/s/f -> /usr/bin/env /usr/bin/env | #!/usr/bin/env -S perl -w\n"
			    "/s/f -> /usr/bin/perl perl | #!/usr/bin/env -S perl -w, through env\n"
			    "/s/h -> nothing sh | #!sh\n"
			    "/s/i -> /usr/bin/dash /bin/sh | #!/bin/sh\n"
			    "/s/k -> nothing /usr/bin/none | #!/usr/bin/none\n");
	assert_int_equal(fixture.edges.list.ptr[0].kind, EDGE_KIND_IPC_EXEC);
	fixture_end(&fixture);
}

static void programs(struct fixture *fixture)
{
	fixture_begin(fixture);
	fixture_program(fixture, "/usr/bin/a");
	fixture_program(fixture, "/usr/bin/b");
	fixture_program(fixture, "/usr/sbin/d");
	fixture_program(fixture, "/usr/bin/sh");
	fixture_link(fixture, "/bin", "usr/bin");
}

static void unit_directives(void **state)
{
	struct service_names names;
	struct fixture fixture;

	(void)state;
	programs(&fixture);
	fixture_write(&fixture, "/usr/lib/systemd/system/x.service", 0644,
		      "# ExecStart=/bin/b\n"
		      "[Unit]\n"
		      "ExecStart=/bin/b\n"
		      "[Service]\n"
		      "Type = oneshot\n"
		      "ExecStartPre=-@/bin/a argv0 x\n"
		      "  ExecStart = !!/usr/bin/a --option \\\n"
		      "; a comment between\n"
		      "    ExecStart=/bin/b\n"
		      "ExecStart=:+b 'x y' ; /usr/sbin/d \\; /bin/a\n"
		      "ExecStopPost=/usr/sbin/taken-back\n"
		      "ExecStopPost=\n"
		      "ExecStop=/bin/%i\n"
		      "ExecReload=/bin/a %i $X\n"
		      "ExecStopPost=/bin/sh -c 'b $$X && exec d %i; %n'\n"
		      "ExecStopPost=\"/usr/bin/b\" \\x41\n"
		      "ExecStopPost=/usr/bin/none\n"
		      "ExecStopPost='/usr/bin/a\n"
		      "ExecFoo=/bin/a\n");
	service_names_init(&names);
	units_find(fixture_finder(&fixture), &names);
	assert_string_equal(
	    fixture_edges(&fixture),
	    "/usr/lib/systemd/system/x.service -> nothing /usr/bin/none | ExecStopPost=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/bin/a /bin/a | ExecStartPre=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/bin/a /bin/a | ExecReload=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/bin/a /usr/bin/a | ExecStart=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/bin/b /usr/bin/b | ExecStopPost=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/bin/b b | ExecStart=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/bin/b b | ExecStopPost=, through sh -c\n"
	    "/usr/lib/systemd/system/x.service -> /usr/bin/sh /bin/sh | ExecStopPost=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/sbin/d /usr/sbin/d | ExecStart=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/sbin/d d | ExecStopPost=, through sh -c\n");
	/* Not recovered: %i as a program, %n in the shell text, the open quote. */
	assert_int_equal(fixture.finder.counts.sites - fixture.finder.counts.recovered, 3);
	assert_int_equal(fixture.edges.list.ptr[3].place, 7);
	service_names_release(&names);
	fixture_end(&fixture);
}

static const char *names_of(struct fixture *fixture, const struct service_names *names)
{
	char *text = arena_strdup(&fixture->arena, "");

	vec_each (name, &names->bus)
		text = arena_printf(&fixture->arena, "%s%s=%s (%s)\n", text, name->name,
				    name->path ? name->path : "", path_name(name->file));
	vec_each (name, &names->sockets)
		text = arena_printf(&fixture->arena, "%s%s:%s (%s)\n", text, name->name,
				    name->path ? name->path : "", path_name(name->file));
	return text;
}

static void owners_of_names(void **state)
{
	struct service_names names;
	struct fixture fixture;

	(void)state;
	programs(&fixture);
	fixture_write(&fixture, "/usr/lib/systemd/system/one.service", 0644,
		      "[Service]\nExecStart=/bin/b\nExecStart=\nExecStart=/bin/a --x\n"
		      "BusName=org.One\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/one.socket", 0644,
		      "[Socket]\nListenStream=/run/one\nListenStream=8080\n"
		      "ListenDatagram=@one\nListenStream=%t/one\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/each.socket", 0644,
		      "[Socket]\nListenStream=/run/each\nAccept=yes\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/each@.service", 0644,
		      "[Service]\nExecStart=-/usr/sbin/d\n");
	fixture_write(&fixture, "/etc/systemd/system/two.socket.d/more.conf", 0644,
		      "[Socket]\nListenStream=/run/two\nService=one.service\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/inst.socket", 0644,
		      "[Socket]\nListenStream=/run/inst\nService=each@9.service\n");
	fixture_link(&fixture, "/etc/systemd/system/dbus-org.One.service",
		     "/usr/lib/systemd/system/one.service");
	fixture_link(&fixture, "/etc/systemd/system/masked.service", "/dev/null");
	fixture_write(&fixture, "/usr/share/dbus-1/system-services/org.One.service", 0644,
		      "[D-BUS Service]\nName=org.One\nExec=/bin/false\nUser=root\n"
		      "SystemdService=dbus-org.One.service\n");
	fixture_write(&fixture, "/usr/share/dbus-1/system-services/org.M.service", 0644,
		      "[D-BUS Service]\nName=org.M\nExec=/bin/false\n"
		      "SystemdService=masked.service\n");
	fixture_write(&fixture, "/usr/share/dbus-1/services/org.Two.service", 0644,
		      "[D-BUS Service]\nName=org.Two\nExec=/usr/bin/b 'x y' --z\n");
	fixture_write(&fixture, "/usr/share/dbus-1/services/org.Bad.service", 0644,
		      "[Service]\nName=org.Bad\nExec=/usr/bin/b\n");
	service_names_init(&names);
	units_find(fixture_finder(&fixture), &names);
	assert_string_equal(names_of(&fixture, &names), "org.M= (org.M.service)\n"
							"org.One=/usr/bin/a (one.service)\n"
							"org.One=/usr/bin/a (org.One.service)\n"
							"org.Two=/usr/bin/b (org.Two.service)\n"
							"/run/each:/usr/sbin/d (each.socket)\n"
							"/run/inst:/usr/sbin/d (inst.socket)\n"
							"/run/one:/usr/bin/a (one.socket)\n"
							"/run/two:/usr/bin/a (more.conf)\n"
							"@one:/usr/bin/a (one.socket)\n");
	assert_string_equal(
	    fixture_edges(&fixture),
	    "/usr/lib/systemd/system/each@.service -> /usr/sbin/d /usr/sbin/d | ExecStart=\n"
	    "/usr/lib/systemd/system/one.service -> /usr/bin/a /bin/a | ExecStart=\n"
	    "/usr/share/dbus-1/services/org.Two.service -> /usr/bin/b /usr/bin/b | Exec=\n"
	    "/usr/share/dbus-1/system-services/org.One.service -> /usr/bin/a /usr/bin/a | "
	    "SystemdService=dbus-org.One.service and its ExecStart=\n");
	service_names_release(&names);
	fixture_end(&fixture);
}

/* What a drop-in takes back is not started, what stands behind another file is not read. */
static void dropins(void **state)
{
	struct service_names names;
	struct fixture fixture;

	(void)state;
	programs(&fixture);
	fixture_write(&fixture, "/usr/lib/systemd/system/x.service", 0644,
		      "[Service]\nExecStart=/bin/a\nExecReload=/bin/a reload\nBusName=org.X\n");
	fixture_write(&fixture, "/etc/systemd/system/x.service.d/10-first.conf", 0644,
		      "[Service]\nExecStart=\nExecStart=/bin/sh\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/x.service.d/20-then.conf", 0644,
		      "[Service]\nExecStart=\nExecStart=/bin/b\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/x.service.d/10-first.conf", 0644,
		      "[Service]\nExecStartPre=/usr/sbin/d\n");
	/* Masked drop-ins take nothing back; an instance's are its own. */
	fixture_write(&fixture, "/usr/lib/systemd/system/y@.service", 0644,
		      "[Service]\nExecStart=/bin/a %i\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/y@.service.d/z.conf", 0644,
		      "[Service]\nExecStart=\nExecStart=/bin/b\n");
	fixture_link(&fixture, "/etc/systemd/system/y@.service.d", "y");
	fixture_write(&fixture, "/etc/systemd/system/y/readme", 0644, "");
	fixture_link(&fixture, "/etc/systemd/system/y/z.conf", "/dev/null");
	fixture_write(&fixture, "/etc/systemd/system/y@one.service.d/o.conf", 0644,
		      "[Service]\nExecStart=\nExecStart=/usr/sbin/d\n");
	fixture_write(&fixture, "/usr/share/dbus-1/system-services/org.Y.service", 0644,
		      "[D-BUS Service]\nName=org.Y\nExec=/bin/false\nSystemdService=x.service\n");
	/* Of a prefix: it takes back what units start whose names begin so, unless their own do. */
	fixture_write(&fixture, "/usr/lib/systemd/system/p-q.service", 0644,
		      "[Service]\nExecStart=/bin/a\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/p-r.service", 0644,
		      "[Service]\nExecStart=/bin/b\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/p-r.service.d/z.conf", 0644, "[Unit]\n");
	fixture_write(&fixture, "/etc/systemd/system/p-.service.d/z.conf", 0644,
		      "[Service]\nExecStart=\nExecStart=/usr/sbin/d\n");
	service_names_init(&names);
	units_find(fixture_finder(&fixture), &names);
	assert_string_equal(
	    fixture_edges(&fixture),
	    "/etc/systemd/system/p-.service.d/z.conf -> /usr/sbin/d /usr/sbin/d | ExecStart=\n"
	    "/etc/systemd/system/y@one.service.d/o.conf -> /usr/sbin/d /usr/sbin/d | ExecStart=\n"
	    "/usr/lib/systemd/system/p-r.service -> /usr/bin/b /bin/b | ExecStart=\n"
	    "/usr/lib/systemd/system/x.service -> /usr/bin/a /bin/a | ExecReload=\n"
	    "/usr/lib/systemd/system/x.service.d/20-then.conf -> /usr/bin/b /bin/b | ExecStart=\n"
	    "/usr/lib/systemd/system/y@.service -> /usr/bin/a /bin/a | ExecStart=\n"
	    "/usr/share/dbus-1/system-services/org.Y.service -> /usr/bin/b /usr/bin/b | "
	    "SystemdService=x.service and its ExecStart=\n");
	assert_string_equal(names_of(&fixture, &names), "org.X=/usr/bin/b (x.service)\n"
							"org.Y=/usr/bin/b (org.Y.service)\n");
	service_names_release(&names);
	fixture_end(&fixture);
}

/* Empty ones, which say that there are none of their names: they are counted all the same. */
static void too_many_dropins(void **state)
{
	struct fixture fixture;
	struct service_names names;
	char path[80];
	struct finder *finder;
	size_t told = 0;

	(void)state;
	programs(&fixture);
	fixture_write(&fixture, "/etc/systemd/system/a.service", 0644,
		      "[Service]\nExecStart=/bin/a\n");
	/* The drop-ins are none of the artifact's: each would be asked for by itself. */
	finder = fixture_finder(&fixture);
	for (unsigned i = 0; i <= BUDGET_UNIT_DROPINS; i++) {
		snprintf(path, sizeof(path), "/etc/systemd/system/a.service.d/%u.conf", i);
		fixture_write(&fixture, path, 0644, "");
	}
	service_names_init(&names);
	units_find(finder, &names);
	vec_each (diag, &fixture.diags.list)
		told += diag->id == DIAG_LIMIT_REACHED &&
			strcmp(diag->file, "/etc/systemd/system/a.service.d") == 0;
	assert_int_equal(told, 1);
	service_names_release(&names);
	fixture_end(&fixture);
}

static void masked(void **state)
{
	struct service_names names;
	struct fixture fixture;

	(void)state;
	programs(&fixture);
	fixture_write(&fixture, "/usr/lib/systemd/system/m.service", 0644,
		      "[Service]\nExecStart=/bin/a\nBusName=org.M\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/m.service.d/x.conf", 0644,
		      "[Service]\nExecStartPre=/bin/b\n");
	fixture_link(&fixture, "/etc/systemd/system/m.service", "../../../dev/null");
	fixture_write(&fixture, "/usr/lib/systemd/system/e.socket", 0644,
		      "[Socket]\nListenStream=/run/e\n");
	fixture_write(&fixture, "/run/systemd/system/e.socket", 0644, "");
	/* Another file in its place is read instead; a link to it is it. */
	fixture_write(&fixture, "/usr/lib/systemd/system/o.service", 0644,
		      "[Service]\nExecStart=/bin/a\n");
	fixture_write(&fixture, "/etc/systemd/system/o.service", 0644,
		      "[Service]\nExecStart=/bin/b\n");
	fixture_write(&fixture, "/usr/lib/systemd/system/l.service", 0644,
		      "[Service]\nExecStart=/bin/a\n");
	fixture_link(&fixture, "/etc/systemd/system/l.service",
		     "/usr/lib/systemd/system/l.service");
	/* Masked for the system is not masked for users; other trees have no masks. */
	fixture_write(&fixture, "/usr/lib/systemd/user/m.service", 0644,
		      "[Service]\nExecStart=/usr/sbin/d\n");
	fixture_write(&fixture, "/opt/x/lib/systemd/system/m.service", 0644,
		      "[Service]\nExecStart=/usr/sbin/d\n");
	fixture_write(&fixture, "/usr/share/dbus-1/system-services/org.M.service", 0644,
		      "[D-BUS Service]\nName=org.M\nExec=/bin/false\nSystemdService=m.service\n");
	service_names_init(&names);
	units_find(fixture_finder(&fixture), &names);
	assert_string_equal(
	    fixture_edges(&fixture),
	    "/etc/systemd/system/o.service -> /usr/bin/b /bin/b | ExecStart=\n"
	    "/opt/x/lib/systemd/system/m.service -> /usr/sbin/d /usr/sbin/d | ExecStart=\n"
	    "/usr/lib/systemd/system/l.service -> /usr/bin/a /bin/a | ExecStart=\n"
	    "/usr/lib/systemd/user/m.service -> /usr/sbin/d /usr/sbin/d | ExecStart=\n");
	assert_string_equal(names_of(&fixture, &names), "org.M= (org.M.service)\n");
	service_names_release(&names);
	fixture_end(&fixture);
}

static void desktop_entries(void **state)
{
	struct service_names names;
	struct fixture fixture;

	(void)state;
	programs(&fixture);
	fixture_write(&fixture, "/usr/share/applications/a.desktop", 0644,
		      "[Other]\nExec=/usr/bin/d\n"
		      "[Desktop Entry]\nType=Application\nName[de]=X\nTryExec=b\n"
		      "Exec=\"/usr/bin/a\" --class %c %U \"100%%\" \\\n"
		      "[Desktop Action new]\nExec=sh -c \"exec d \\\\$1\" sh %f\n"
		      "[Desktop Action bad]\nExec=%f x\n");
	service_names_init(&names);
	units_find(fixture_finder(&fixture), &names);
	assert_string_equal(
	    fixture_edges(&fixture),
	    "/usr/share/applications/a.desktop -> /usr/bin/a /usr/bin/a | Exec=\n"
	    "/usr/share/applications/a.desktop ->? /usr/bin/b b | TryExec=: looked for, not run by "
	    "it\n"
	    "/usr/share/applications/a.desktop -> /usr/bin/sh sh | Exec=\n"
	    "/usr/share/applications/a.desktop -> /usr/sbin/d d | Exec=, through sh -c\n");
	service_names_release(&names);
	fixture_end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shebangs),		cmocka_unit_test(unit_directives),
	    cmocka_unit_test(owners_of_names),	cmocka_unit_test(dropins),
	    cmocka_unit_test(masked),		cmocka_unit_test(desktop_entries),
	    cmocka_unit_test(too_many_dropins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
