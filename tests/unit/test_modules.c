/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists that toolchains put into a file: Go's, cargo-auditable's, paths of crates; what is damaged.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "binary/module_lists.h"
#include "section_file.h"

#define CONTENT 512 /* where the section begins */

/* An ELF file whose only contents are one section of that name. */
static void make_file(uint8_t file[FILE_SIZE], const char *name, const void *bytes, size_t size)
{
	Elf64_Shdr sections[3] = {
	    [1] = {.sh_name = 1, .sh_type = SHT_PROGBITS, .sh_offset = CONTENT, .sh_size = size},
	    [2] = {.sh_name = 1},
	};
	char names[NAMES_SIZE] = "";

	assert_true(size <= FILE_SIZE - CONTENT && strlen(name) < sizeof(names) - 2);
	strcpy(names + 1, name);
	make_section_file(file, ET_DYN, sections, 3, names, sizeof(names));
	memcpy(file + CONTENT, bytes, size);
}

static struct reading read_file(const uint8_t file[FILE_SIZE])
{
	return read_section_file(file, FACTS_MODULES);
}

static struct reading read_section(const char *name, const void *bytes, size_t size)
{
	uint8_t file[FILE_SIZE];

	make_file(file, name, bytes, size);
	return read_file(file);
}

static void assert_module(const struct facts *facts, size_t index, const char *name,
			  const char *version, enum facts_module_source source, uint32_t flags)
{
	const struct facts_module *module = &facts->modules[index];

	assert_true(index < facts->modules_count);
	assert_string_equal(facts_text(facts, module->name), name);
	assert_string_equal(facts_text(facts, module->version), version);
	assert_int_equal(module->source, source);
	assert_int_equal(module->flags, flags);
}

/* ---- Go ---- */

#define LINES                                                                                    \
	"0123456789abcdef"                                                                       \
	"path\texample.org/tool\nmod\texample.org/tool\t(devel)\t\n"                             \
	"dep\tgolang.org/x/sys\tv0.1.0\th1:abc=\ndep\texample.org/old\tv1.0.0\n"                 \
	"=>\texample.org/new\tv2.0.0\th1:def=\ndep\texample.org/local\tv1.2.3\n=>\t../local\t\n" \
	"build\tCGO_ENABLED=0\n"                                                                 \
	"fedcba9876543210"

static size_t make_go(uint8_t *to, const char *version, const char *lines)
{
	size_t at = 32, length = strlen(lines);

	memset(to, 0, 32);
	memcpy(to, "\xff Go buildinf:\x08\x02", 16);
	to[at++] = (uint8_t)strlen(version);
	memcpy(to + at, version, strlen(version));
	at += strlen(version);
	to[at++] = (uint8_t)(0x80 | (length & 0x7f));
	to[at++] = (uint8_t)(length >> 7);
	memcpy(to + at, lines, length);
	return at + length;
}

static void go_modules_are_read(void **state)
{
	uint8_t bytes[1024];
	struct reading reading =
	    read_section(".go.buildinfo", bytes, make_go(bytes, "go1.21.3 X:boring", LINES));

	(void)state;
	assert_int_equal(reading.facts.modules_count, 5);
	assert_module(&reading.facts, 0, "stdlib", "1.21.3", FACTS_MODULE_GO_TOOLCHAIN, 0);
	assert_module(&reading.facts, 1, "example.org/tool", "", FACTS_MODULE_GO_LIST,
		      FACTS_MODULE_OWN);
	assert_module(&reading.facts, 2, "golang.org/x/sys", "v0.1.0", FACTS_MODULE_GO_LIST, 0);
	assert_module(&reading.facts, 3, "example.org/new", "v2.0.0", FACTS_MODULE_GO_LIST, 0);
	/* In a folder: nobody knows which version, but which module it stands for. */
	assert_module(&reading.facts, 4, "example.org/local", "", FACTS_MODULE_GO_LIST, 0);
	free(reading.record);
}

static void go_lists_that_leave_the_file_are_told(void **state)
{
	uint8_t bytes[1024];
	size_t size = make_go(bytes, "go1.21.3", LINES);
	struct reading reading;

	(void)state;
	bytes[32 + 1 + 8 + 1] = 0x7f; /* many more than there are */
	reading = read_section(".go.buildinfo", bytes, size);
	assert_int_equal(reading.facts.modules_count, 0);
	assert_int_equal(reading.facts.diagnostics_count, 1);
	assert_int_equal(reading.facts.diagnostics[0].id, DIAG_MODULE_LIST_BAD);
	free(reading.record);
}

/* A text that is not kept costs its own module alone, and is told. */
static void long_names_are_told(void **state)
{
	char lines[1400] = "0123456789abcdefdep\t";
	uint8_t bytes[1600];
	struct reading reading;

	(void)state;
	memset(lines + strlen(lines), 'a', 1025);
	strcat(lines, "\tv1.0.0\t\ndep\texample.org/other\tv2.0.0\t\nfedcba9876543210");
	reading = read_section(".go.buildinfo", bytes, make_go(bytes, "go1.21.3", lines));
	assert_int_equal(reading.facts.modules_count, 2);
	assert_module(&reading.facts, 1, "example.org/other", "v2.0.0", FACTS_MODULE_GO_LIST, 0);
	assert_int_equal(reading.facts.diagnostics_count, 1);
	assert_int_equal(reading.facts.diagnostics[0].id, DIAG_LIMIT_REACHED);
	free(reading.record);
}

/* ---- cargo-auditable ---- */

static const char list[] =
    "{\"packages\":[{\"name\":\"serde\",\"version\":\"1.0.1\",\"source\":\"crates.io\"},"
    "{\"name\":\"cc\",\"version\":\"1.1.0\",\"source\":\"crates.io\",\"kind\":\"build\"},"
    "{\"name\":\"part\",\"version\":\"0.1.0\",\"source\":\"local\",\"dependencies\":[0,1]},"
    "{\"name\":\"tool\",\"version\":\"0.2.0\",\"source\":\"local\",\"root\":true}],\"format\":8}";

static struct reading read_list(const char *json)
{
	uint8_t bytes[1024];
	uLongf size = sizeof(bytes);

	assert_int_equal(compress(bytes, &size, (const Bytef *)json, strlen(json)), Z_OK);
	return read_section(".dep-v0", bytes, size);
}

static void crates_are_read(void **state)
{
	struct reading reading = read_list(list);

	(void)state;
	assert_int_equal(reading.facts.modules_count, 4);
	assert_module(&reading.facts, 0, "serde", "1.0.1", FACTS_MODULE_CARGO_LIST, 0);
	assert_module(&reading.facts, 1, "cc", "1.1.0", FACTS_MODULE_CARGO_LIST,
		      FACTS_MODULE_BUILD_ONLY);
	assert_module(&reading.facts, 2, "part", "0.1.0", FACTS_MODULE_CARGO_LIST,
		      FACTS_MODULE_OWN);
	assert_module(&reading.facts, 3, "tool", "0.2.0", FACTS_MODULE_CARGO_LIST,
		      FACTS_MODULE_OWN);
	assert_int_equal(reading.facts.diagnostics_count, 0);
	free(reading.record);
}

static void lists_of_other_shapes_are_told(void **state)
{
	static const char *const texts[] = {"",
					    "{",
					    "[]",
					    "{\"packages\":{}}",
					    "\"",
					    "\"\\",
					    "{\"packages\":[{\"name\":\"x",
					    "}",
					    "{\"a\":[[[[[[[["};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reading reading = read_list(texts[i]);

		assert_int_equal(reading.facts.modules_count, 0);
		assert_int_equal(reading.facts.diagnostics_count, 1);
		free(reading.record);
	}
}

static void damaged_bytes_end_in_a_record(void **state)
{
	uint8_t go[1024], cargo[1024], file[FILE_SIZE];
	size_t go_size = make_go(go, "go1.21.3", LINES);
	uLongf size = sizeof(cargo);

	(void)state;
	assert_int_equal(compress(cargo, &size, (const Bytef *)list, strlen(list)), Z_OK);
	for (size_t i = 0; i < go_size + size; i++)
		for (unsigned bit = 0; bit < 8; bit += 3) {
			bool is_go = i < go_size;
			struct reading reading;

			make_file(file, is_go ? ".go.buildinfo" : ".dep-v0", is_go ? go : cargo,
				  is_go ? go_size : size);
			file[CONTENT + (is_go ? i : i - go_size)] ^= (uint8_t)(1u << bit);
			reading = read_file(file);
			free(reading.record);
		}
}

/* ---- paths ---- */

static struct reading read_paths(const char *text)
{
	return read_section(".rodata", text, strlen(text));
}

static void crates_are_told_by_paths(void **state)
{
	struct reading reading = read_paths(
	    "index out of range/home/a/.cargo/registry/src/index.crates.io-6f17d22bba15001f/"
	    "toml-1.1.8+spec-1.1.0/src/de/mod.rs/usr/share/cargo/registry/grep-cli-0.1.6/src/lib.rs"
	    "some text/home/a/.cargo/registry/src/index.crates.io-6f17d22bba15001f/"
	    "toml-1.1.8+spec-1.1.0/src/ser.rs/rust/deps/hashbrown-0.15.2/src/raw/mod.rs"
	    "/rustc/48a229ceaefd4985c50990b14116b6d856af0985/library/core/src/str.rs"
	    "/usr/src/rustc-1.63.0/library/std/src/io.rs");

	(void)state;
	assert_int_equal(reading.facts.modules_count, 5);
	assert_module(&reading.facts, 0, "rust-std", "", FACTS_MODULE_RUST_TOOLCHAIN, 0);
	assert_module(&reading.facts, 1, "rust-std", "1.63.0", FACTS_MODULE_RUST_TOOLCHAIN, 0);
	assert_module(&reading.facts, 2, "toml", "1.1.8+spec-1.1.0", FACTS_MODULE_CARGO_PATH, 0);
	assert_int_equal(reading.facts.modules[2].count, 2);
	assert_string_equal(facts_text(&reading.facts, reading.facts.modules[2].detail),
			    "toml-1.1.8+spec-1.1.0/src/de/mod.rs");
	assert_module(&reading.facts, 3, "grep-cli", "0.1.6", FACTS_MODULE_CARGO_PATH, 0);
	assert_module(&reading.facts, 4, "hashbrown", "0.15.2", FACTS_MODULE_CARGO_PATH, 0);
	free(reading.record);
}

static void other_paths_are_no_crates(void **state)
{
	/* No source of Rust, no version, no mark, another language's tree. */
	struct reading reading =
	    read_paths("/library//cargo/registry/a-1.0.0/README /cargo/registry/b/src/lib.rs "
		       "/opt/c-1.0.0/src/lib.rs /rust/deps/d-1.0/src/lib.rs "
		       "/registry/src/e-1.0.0/src/main.c /cargo/registry/f-1.0.0 /src/lib.rs "
		       "/rustc/short/library/x.rs /cargo/registry/-1.0.0/src/lib.rs "
		       "/cargo/registry/g-1.0.0/");

	(void)state;
	assert_int_equal(reading.facts.modules_count, 0);
	free(reading.record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(go_modules_are_read),
	    cmocka_unit_test(go_lists_that_leave_the_file_are_told),
	    cmocka_unit_test(long_names_are_told),
	    cmocka_unit_test(crates_are_read),
	    cmocka_unit_test(lists_of_other_shapes_are_told),
	    cmocka_unit_test(damaged_bytes_end_in_a_record),
	    cmocka_unit_test(crates_are_told_by_paths),
	    cmocka_unit_test(other_paths_are_no_crates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
