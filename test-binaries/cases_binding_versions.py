# SPDX-License-Identifier: BSD-2-Clause
"""Versions of symbols: check_match() in glibc's elf/dl-lookup.c, elf/dl-version.c."""
from recipe import case

F = "int f(void) { return 1; }"
CALL_F = "int f(void); int call(void) { return f(); }"
TWO = """int f_old(void) { return 1; } int f_new(void) { return 2; }
__asm__(".symver f_old, f@V1"); __asm__(".symver f_new, f@@V2");"""
TWO_MAP = "V1 { global: f; local: *; }; V2 { } V1;"
ASK_V1 = "int f1(void); __asm__(\".symver f1, f@V1\"); int call(void) { return f1(); }"
ASK_BOTH = ASK_V1 + " int f(void); int call2(void) { return f(); }"


def versioned(c, name, version, source=F, **options):
    c.build(name, source, versions="%s { global: f; };" % version, **options)


@case
def bind_version(c):
    "A reference asks for the version it was linked against."
    versioned(c, "liba.so", "V1")
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f", "V1")])


@case
def bind_version_passes_others_over(c):
    "A library that has the symbol in another version only is passed over."
    versioned(c, "liba.so", "V1")
    versioned(c, "libother.so", "W1")
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.build("libtop.so", "int x;", ["libother.so", "libmain.so"])
    c.binds("libtop.so", [("libmain.so", "liba.so", "f", "V1")])


@case
def bind_version_default_and_hidden(c):
    "f@V1 and f@@V2 in one library: each reference gets the one it names, in the same file."
    c.build("liba.so", TWO, versions=TWO_MAP)
    c.build("libnew.so", CALL_F, ["liba.so"])
    c.build("libold.so", ASK_V1, ["liba.so"])
    c.build("libmain.so", "int x;", ["libnew.so", "libold.so"])
    c.binds("libmain.so", [("libnew.so", "liba.so", "f", "V2"),
                           ("libold.so", "liba.so", "f", "V1")])


@case
def bind_two_versions_in_one_consumer(c):
    "One consumer may ask for two versions of a name, of two libraries even."
    c.build("liba.so", TWO, versions=TWO_MAP)
    c.build("libmain.so", ASK_BOTH, ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f", "V1"),
                           ("libmain.so", "liba.so", "f", "V2")])
    versioned(c, "libpre.so", "V2")
    c.binds("libmain.so", [("libmain.so", "liba.so", "f", "V1"),
                           ("libmain.so", "libpre.so", "f", "V2")], preload="./libpre.so")


@case
def bind_unversioned_reference(c):
    "A reference without a version takes the first version a library had, hidden or not."
    c.build("libbare.so", F, soname="liba.so")
    c.build("libmain.so", CALL_F, ["libbare.so"])
    c.build("liba.so", TWO, versions=TWO_MAP)
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")])


@case
def bind_unversioned_reference_to_later_version(c):
    "If the library has the name in one later version only, and that is not hidden, it is taken."
    c.build("libbare.so", F, soname="liba.so")
    c.build("libmain.so", CALL_F, ["libbare.so"])
    c.build("liba.so", F,
            versions="V1 { global: v1; }; V2 { global: v2; } V1; V3 { global: f; } V2;")
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")])


@case
def bind_unversioned_reference_to_hidden(c):
    "A later version that is hidden is not taken; the next library is asked."
    source = "int f3(void) { return 1; } __asm__(\".symver f3, f@V3\");"
    c.build("libbare.so", F, soname="liba.so")
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["libbare.so", "libb.so"])
    c.build("liba.so", source + " int v1, v2;",
            versions="V1 { global: v1; }; V2 { global: v2; } V1; V3 { } V2;")
    c.binds("libmain.so", [("libmain.so", "libb.so", "f")])


@case
def bind_unversioned_reference_ambiguous(c):
    "Two later versions, one hidden: only the other one counts, so there is no ambiguity."
    source = ("int a3(void) { return 1; } int a4(void) { return 1; } int v1, v2;"
              "__asm__(\".symver a3, f@V3\"); __asm__(\".symver a4, f@@V4\");")
    c.build("libbare.so", F, soname="liba.so")
    c.build("libmain.so", CALL_F, ["libbare.so"])
    c.build("liba.so", source,
            versions="V1 { global: v1; }; V2 { global: v2; } V1; V3 { } V2; V4 { } V3;")
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")])


@case
def bind_versioned_reference_to_bare_library(c):
    "A library without any versions provides every version, unless it is the one that was named."
    versioned(c, "liba.so", "V1")
    c.build("libpre.so", F)
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "libpre.so", "f", "V1")], preload="./libpre.so")


@case
def bind_named_library_without_versions(c):
    "If the very library that was named has lost all its versions, ld.so stops at an assertion."
    versioned(c, "liba.so", "V1")
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.build("liba.so", F)
    c.binds("libmain.so", says="no version information available", gives_up=True)


@case
def bind_versioned_reference_to_base(c):
    "A symbol without a version, in a library that has versions for others, fits every version."
    versioned(c, "liba.so", "V1")
    c.build("libpre.so", F + " int g(void) { return 1; }", versions="W1 { global: g; };")
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "libpre.so", "f", "V1")], preload="./libpre.so")


@case
def bind_interposer_that_needs_versions(c):
    "An interposer's own symbols carry no version even if it needs versions of others."
    versioned(c, "liba.so", "V1")
    c.build("libpre.so", F + " void free(void *); void g(void *p) { free(p); }", ["-lc"])
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "libpre.so", "f", "V1")], preload="./libpre.so")


@case
def bind_exact_need(c):
    "The bit 0x8000 of vna_other: then a symbol without a version does not do."
    versioned(c, "liba.so", "V1")
    c.build("libpre.so", F + " int g(void) { return 1; }", versions="W1 { global: g; };")
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.patch_need("libmain.so", "V1", exact=True)
    c.binds("libmain.so", [("libmain.so", "liba.so", "f", "V1")], preload="./libpre.so")


@case
def bind_version_missing(c):
    "The library has lost the version: ld.so says so, and binds nothing to the older one."
    c.build("liba.so", TWO, versions=TWO_MAP)
    c.build("libmain.so", CALL_F, ["liba.so"])
    versioned(c, "liba.so", "V1")
    c.binds("libmain.so", unprovided=[("libmain.so", "f", "V2")], says="version `V2' not found")


@case
def bind_version_missing_found_elsewhere(c):
    "The file that a version need names does not matter in the look-up: any library will do."
    versioned(c, "liba.so", "V1")
    versioned(c, "libb.so", "V1")
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.build("libtop.so", "int x;", ["libb.so", "libmain.so"])
    c.binds("libtop.so", [("libmain.so", "libb.so", "f", "V1")])


@case
def bind_weak_version_need(c):
    "VER_FLG_WEAK only spares the complaint about the version; the look-up is the same."
    c.build("liba.so", TWO, versions=TWO_MAP)
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.patch_need("libmain.so", "V2", flags=2)
    versioned(c, "liba.so", "V1")
    c.binds("libmain.so", unprovided=[("libmain.so", "f", "V2")])


@case
def bind_version_parents(c):
    "That V2 follows V1 says nothing about symbols: f@V1 is not found as f@V2."
    c.build("liba.so", F + " int g(void) { return 1; }",
            versions="V1 { global: f; }; V2 { global: g; } V1;")
    c.build("old/liba.so", F, versions="V2 { global: f; };", soname="liba.so")
    c.build("libmain.so", CALL_F, ["old/liba.so"])
    c.binds("libmain.so", unprovided=[("libmain.so", "f", "V2")])


@case
def bind_versioned_self_reference(c):
    "A library's reference to its own symbol asks for the version it gives it."
    versioned(c, "liba.so", "V1", F + " int a(void) { return f(); }")
    versioned(c, "libpre.so", "W1")
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.binds("libmain.so", [("liba.so", "liba.so", "f", "V1")], preload="./libpre.so")


@case
def bind_version_script_local(c):
    "What a version script makes local is not in the table, and other libraries provide it."
    c.build("liba.so", F + " int g(void) { return f(); }", versions="V1 { global: g; local: *; };")
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "libb.so", "f")])


@case
def bind_version_of_data(c):
    "Versions hold for data, for copies and for references by address alike."
    c.build("liba.so", "int f = 1; int *own(void) { return &f; }",
            versions="V1 { global: f; own; };")
    c.build("main", "extern int f; int m(void) { return f; }", ["liba.so"], program="no-pie")
    c.binds("main", [("main", "liba.so", "f", "V1"), ("liba.so", "main", "f", "V1")], program=True)


@case
def bind_version_without_needs(c):
    "A version name that two libraries define is one version: names count, not files."
    versioned(c, "liba.so", "COMMON")
    versioned(c, "libb.so", "COMMON")
    c.build("libmain.so", CALL_F, ["libb.so"])
    c.build("libtop.so", "int x;", ["liba.so", "libmain.so"])
    c.binds("libtop.so", [("libmain.so", "liba.so", "f", "COMMON")],
            never=[("libmain.so", "libb.so", "f", "COMMON")])


@case
def bind_glibc_versions(c):
    "Two versions of one function of libc, as programs of different age ask for them."
    c.build("libmain.so", """void *memcpy(void *, const void *, unsigned long);
        void *old(void *, const void *, unsigned long); __asm__(".symver old, memcpy@GLIBC_2.2.5");
        void *volatile sink;
        void *m(void *a, void *b, unsigned long n) { return memcpy(a, b, n); }
        void *o(void *a, void *b, unsigned long n) { return old(a, b, n); }""", ["-lc"],
            compile=["-fno-builtin"])
    libc = "/lib/x86_64-linux-gnu/libc.so.6"
    c.binds("libmain.so", [("libmain.so", libc, "memcpy", "GLIBC_2.2.5"),
                           ("libmain.so", libc, "memcpy", "GLIBC_2.14")])
