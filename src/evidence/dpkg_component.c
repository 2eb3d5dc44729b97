/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence/dpkg_component.h"

#include <string.h>

#include "evidence/dpkg_fields.h"
#include "evidence/purl.h"

/* "NAME=value", "NAME='value'" or "NAME="value"" of os-release(5), when line is that. */
static bool assignment(struct slice line, const char *name, struct arena *arena, const char **ret)
{
	size_t length = strlen(name);

	if (!slice_starts_with(line, name) || line.len <= length || line.ptr[length] != '=')
		return false;
	line = slice_trim(slice_of(line.ptr + length + 1, line.len - length - 1));
	if (line.len >= 2 && strchr("\"'", line.ptr[0]) && line.ptr[line.len - 1] == line.ptr[0])
		line = slice_of(line.ptr + 1, line.len - 2);
	*ret = arena_slice(arena, line);
	return true;
}

void dpkg_read_distribution(struct root *root, struct arena *arena, struct dpkg_distribution *ret)
{
	const uint64_t limit = UINT64_C(1) << 16;
	struct slice rest, line;

	*ret = (struct dpkg_distribution){"debian", ""};
	if (root_read(root, "/etc/os-release", limit, arena, &rest) != STATUS_OK &&
	    root_read(root, "/usr/lib/os-release", limit, arena, &rest) != STATUS_OK)
		return;
	while (slice_line(&rest, &line)) {
		if (!assignment(line, "ID", arena, &ret->id))
			(void)assignment(line, "VERSION_ID", arena, &ret->version);
	}
	if (!ret->id[0])
		ret->id = "debian";
}

static const char *package_url(const struct dpkg_package *package,
			       const struct dpkg_distribution *distribution, struct arena *arena)
{
	const char *url =
	    arena_printf(arena, "pkg:deb/%s/%s", purl_encoded(arena, slice_text(distribution->id)),
			 purl_encoded(arena, package->name));
	char separator = '?';

	if (package->version.len)
		url = arena_printf(arena, "%s@%s", url, purl_encoded(arena, package->version));
	if (package->architecture.len) {
		url = arena_printf(arena, "%s?arch=%s", url,
				   purl_encoded(arena, package->architecture));
		separator = '&';
	}
	if (distribution->version[0])
		url = arena_printf(arena, "%s%cdistro=%s-%s", url, separator,
				   purl_encoded(arena, slice_text(distribution->id)),
				   purl_encoded(arena, slice_text(distribution->version)));
	return url;
}

static void read_source(const struct dpkg_package *package, struct arena *arena,
			struct component *component)
{
	struct slice name = slice_text(component->name), version = slice_text(component->version);

	dpkg_fields_source(package->source, &name, &version);
	component->source_name = arena_slice(arena, name);
	component->source_version = arena_slice(arena, version);
}

/* The folder of a package's documentation may be a link to that of another package. */
static const char *find_copyright(const struct component *component, struct root *root,
				  struct arena *arena, struct diags *diags)
{
	const char *path = arena_printf(arena, "/usr/share/doc/%s/copyright", component->name);
	struct root_file file;
	char *canonical;

	for (size_t i = 0; i < 2; i++) {
		/* Old packages have it compressed. */
		const char *name = i ? arena_printf(arena, "%s.gz", path) : path;

		if (root_realpath(root, name, arena, &canonical) == STATUS_OK &&
		    root_stat(root, canonical, true, &file) == STATUS_OK && S_ISREG(file.mode))
			return canonical;
	}
	diag_add(diags, DIAG_PACKAGE_COPYRIGHT_MISSING, path, DIAG_NO_OFFSET, "package %s",
		 component->name);
	return "";
}

const struct component *dpkg_component(const struct dpkg_package *package, struct slice native,
				       const struct dpkg_distribution *distribution,
				       struct root *root, struct arena *arena, struct diags *diags)
{
	struct component *component = arena_alloc(arena, sizeof(*component));
	bool foreign = native.len && package->architecture.len &&
		       !slice_equal_text(package->architecture, "all") &&
		       !slice_equal(package->architecture, native);

	component->name = arena_slice(arena, package->name);
	component->version = arena_slice(arena, package->version);
	component->id = arena_printf(arena, "deb:%s%s%s", component->name, foreign ? ":" : "",
				     foreign ? arena_slice(arena, package->architecture) : "");
	component->purl = package_url(package, distribution, arena);
	read_source(package, arena, component);
	component->copyright_path = find_copyright(component, root, arena, diags);
	component->declared = "";
	component->note = "";
	return component;
}
