/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/nvidia-attachment-a.tsv. Which text holds depends on where a file comes from: wheels carry
 * the text of 2018, packages of distributions that of their toolkit. A file of neither is named
 * only when both texts that may hold name it.
 */
#include "reach/listed.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "util/path.h"
#include "util/table.h"

#define NAME_SIZE 128

struct row {
	const char *name, *agreement, *texts;
};

struct listed {
	const struct row *rows;
	size_t count;
};

const struct listed *listed_open(const char *data, struct arena *arena, struct diags *diags)
{
	struct listed *listed = arena_alloc(arena, sizeof(*listed));
	size_t name, agreement, texts;
	struct table table;
	struct row *rows;

	if (table_open(data, "nvidia-attachment-a", arena, diags, &table) != STATUS_OK)
		return NULL;
	name = table_column(&table, "name", diags);
	agreement = table_column(&table, "agreement", diags);
	texts = table_column(&table, "texts", diags);
	rows = arena_alloc_array(arena, table.rows + 1, sizeof(*rows));
	for (size_t i = 0; i < table.rows; i++)
		rows[i] =
		    (struct row){table_field(&table, i, name), table_field(&table, i, agreement),
				 table_field(&table, i, texts)};
	*listed = (struct listed){rows, table.rows};
	return listed;
}

/*
 * The name as the lists have it: "libcudart.so" of "libcudart.so.12.4.127", and of
 * "libcudart-9335f6a2.so.12" as auditwheel renames it. Their texts cover files with a version in
 * the name.
 */
static void plain_name(const char *path, char ret[static NAME_SIZE])
{
	struct arena scratch;
	const char *name, *so;
	size_t stem;

	arena_init(&scratch);
	name = path_without_hash(&scratch, path_name(path));
	so = strstr(name, ".so");
	stem = so && (!so[3] || so[3] == '.') ? (size_t)(so - name) + 3 : strlen(name);
	ret[0] = '\0';
	if (stem < NAME_SIZE) {
		memcpy(ret, name, stem);
		ret[stem] = '\0';
	}
	arena_release(&scratch);
}

static unsigned leading_number(const char *text)
{
	return isdigit((unsigned char)*text) ? (unsigned)strtoul(text, NULL, 10) : 0;
}

/* The toolkit a file belongs to; 0 when nothing says so: its libraries count in their own ways. */
static unsigned toolkit_of(const char *path, const char *name, const char *version)
{
	static const char *const counted[] = {"libcudart.so", "libcublas.so",	 "libcublasLt.so",
					      "libnvrtc.so",  "libnvJitLink.so", "libcupti.so"};
	const char *tilde = strchr(version, '~'), *at;

	/* Debian: "11.2.1.3~12.4.1-8.2", the toolkit behind the library's own. */
	if (tilde && leading_number(tilde + 1))
		return leading_number(tilde + 1);
	if ((at = strstr(path, "/cuda-")) && leading_number(at + 6))
		return leading_number(at + 6);
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (strcmp(counted[i], name) == 0 && (at = strstr(path_name(path), ".so.")))
			return leading_number(at + 4);
	return 0;
}

static bool names(const struct row *row, const char *text)
{
	struct slice rest = slice_text(row->texts), word;

	while (slice_token(&rest, ",", &word))
		if (slice_equal_text(word, text))
			return true;
	return false;
}

/* What all of the texts say, when they say the same; the list ends at NULL. */
static enum reach_listed agree(const struct row *row, const char *const *texts)
{
	size_t yes = 0, count = 0;

	for (; texts[count]; count++)
		yes += names(row, texts[count]);
	return !count	      ? LISTED_UNKNOWN
	       : yes == count ? LISTED_YES
	       : yes	      ? LISTED_UNKNOWN
			      : LISTED_NO;
}

static enum reach_listed of_toolkit(const struct row *row, const char *path, const char *name,
				    const char *component, const char *version)
{
	bool wheel = strstr(path, "/site-packages/") || strstr(path, "/dist-packages/") ||
		     strncmp(component, "pypi:", 5) == 0;
	bool package = strncmp(component, "deb:", 4) == 0 || strncmp(component, "rpm:", 4) == 0;
	unsigned toolkit = toolkit_of(path, name, version);
	const char *texts[4] = {NULL};
	size_t count = 0;

	if (wheel || !package)
		texts[count++] = "2018";
	if (!wheel && (toolkit == 11 || !toolkit))
		texts[count++] = "11.6";
	if (!wheel && (toolkit == 12 || !toolkit))
		texts[count++] = "12.4";
	/* Of others, no text was read. */
	if (!wheel && toolkit && toolkit != 11 && toolkit != 12)
		return LISTED_UNKNOWN;
	return agree(row, texts);
}

enum reach_listed listed_find(const struct listed *listed, const char *licence, const char *path,
			      const char *component, const char *version)
{
	bool cuda = strncmp(licence, "LicenseRef-scancode-nvidia-sdk", 30) == 0 ||
		    strncmp(licence, "LicenseRef-scancode-nvidia-cuda", 31) == 0;
	bool cudnn = strncmp(licence, "LicenseRef-NVIDIA-cuDNN", 23) == 0;
	char name[NAME_SIZE];

	if (!listed || (!cuda && !cudnn))
		return LISTED_UNKNOWN;
	plain_name(path, name);
	for (size_t i = 0; i < listed->count; i++) {
		const struct row *row = &listed->rows[i];

		if (strcmp(row->agreement, cuda ? "cuda" : "cudnn") != 0 ||
		    fnmatch(row->name, name, 0) != 0)
			continue;
		return cudnn ? LISTED_YES : of_toolkit(row, path, name, component, version);
	}
	return LISTED_NO;
}

const char *listed_text(enum reach_listed answer)
{
	static const char *const texts[] = {
	    [LISTED_UNKNOWN] = " Whether the list of its version names this file is not known.",
	    [LISTED_YES] = " The list of its agreement names this file.",
	    [LISTED_NO] = " None of the lists that were read names this file.",
	};

	return texts[answer];
}
