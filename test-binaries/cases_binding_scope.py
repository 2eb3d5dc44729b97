# SPDX-License-Identifier: BSD-2-Clause
"""Which object a symbol is bound to: the order of the scope and what changes it. glibc's
elf/dl-lookup.c; that the order itself is right is shown by the other cases."""
import elffile
from recipe import case

F = "int f(void) { return 1; }"
CALL_F = "int f(void); int call(void) { return f(); }"
LIBC = "/lib/x86_64-linux-gnu/libc.so.6"
LD_SO = "/lib64/ld-linux-x86-64.so.2"
DF_SYMBOLIC = 2


@case
def bind_first_definition(c):
    "Of two definitions the one that stands first in the scope counts, for everybody."
    c.build("liba.so", F + " int a(void) { return f(); }")
    c.build("libb.so", F + " int b(void) { return f(); }")
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f"), ("liba.so", "liba.so", "f"),
                           ("libb.so", "liba.so", "f")])
    c.build("libturned.so", CALL_F, ["libb.so", "liba.so"])
    c.binds("libturned.so", [("libturned.so", "libb.so", "f"), ("liba.so", "libb.so", "f")])


@case
def bind_breadth_first(c):
    "The scope is breadth-first: a sibling comes before what an earlier sibling needs."
    c.build("libdeep.so", F)
    c.build("liba.so", "int a;", ["libdeep.so"])
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "libb.so", "f")])


@case
def bind_same_scope_for_all(c):
    "A library is not searched first for its own needs: all objects share one scope."
    c.build("libown.so", F)
    c.build("liba.so", "int f(void); int a(void) { return f(); }", ["libown.so"])
    c.build("libother.so", F)
    c.build("libmain.so", "int x;", ["libother.so", "liba.so"])
    c.binds("libmain.so", [("liba.so", "libother.so", "f")],
            never=[("liba.so", "libown.so", "f")])


@case
def bind_diamond(c):
    "Both sides of a diamond bind to the one object at its bottom."
    c.build("libbase.so", F)
    c.build("libleft.so", "int f(void); int left(void) { return f(); }", ["libbase.so"])
    c.build("libright.so", "int f(void); int right(void) { return f(); }", ["libbase.so"])
    c.build("libmain.so", "int left(void), right(void); int top(void) { return left() + right(); }",
            ["libleft.so", "libright.so"])
    c.binds("libmain.so", [("libleft.so", "libbase.so", "f"), ("libright.so", "libbase.so", "f"),
                           ("libmain.so", "libleft.so", "left"),
                           ("libmain.so", "libright.so", "right")])


@case
def bind_cycle(c):
    "Two libraries that need each other bind to each other."
    c.build("libb.so", "int x;")
    c.build("liba.so", "int b(void); int a(void) { return b(); }", ["libb.so"])
    c.build("libb.so", "int a(void); int b(void) { return a(); }", ["liba.so"])
    c.build("libmain.so", "int a(void); int top(void) { return a(); }", ["liba.so"])
    c.binds("libmain.so", [("liba.so", "libb.so", "b"), ("libb.so", "liba.so", "a")])


@case
def bind_needs_the_program(c):
    "A plugin may need what the program exports, and calls it without naming the program."
    c.build("liba.so", "int host(void); int a(void) { return host(); }")
    c.build("main", "int host(void) { return 1; } int a(void); int m(void) { return a(); }",
            ["liba.so"], program="pie")
    c.binds("main", [("liba.so", "main", "host"), ("main", "liba.so", "a")], program=True)


@case
def bind_program_interposes(c):
    "A symbol of the program comes before the library's own, if the program exports it."
    c.build("liba.so", F + " int a(void) { return f(); }")
    c.build("main", F + " int a(void); int m(void) { return a(); }", ["liba.so"], program="pie")
    c.binds("main", [("liba.so", "main", "f")], program=True)
    c.build("hidden", "__attribute__((visibility(\"hidden\"))) " + F +
            " int a(void); int m(void) { return a(); }", ["liba.so"], program="pie")
    c.binds("hidden", [("liba.so", "liba.so", "f")], program=True)


@case
def bind_program_exports_only_on_demand(c):
    "A symbol of the program that no library mentions is not in its dynamic table: no binding."
    c.build("liba.so", "int a(void) { return 1; }")
    c.build("late/liba.so", "int f(void); int a(void) { return f(); }", soname="liba.so")
    c.build("main", F + " int a(void); int m(void) { return a(); }", ["liba.so"], program="pie")
    c.binds("main", library_path="late", unprovided=[("late/liba.so", "f")], program=True)
    c.build("rdynamic", F + " int a(void); int m(void) { return a(); }", ["liba.so"], program="pie",
            link=["--export-dynamic"])
    c.binds("rdynamic", [("late/liba.so", "rdynamic", "f")], library_path="late", program=True)


@case
def bind_preload(c):
    "A preloaded library comes behind the program and before all it needs."
    c.build("liba.so", F)
    c.build("libpre.so", F)
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")])
    c.binds("libmain.so", [("libmain.so", "libpre.so", "f")], preload="./libpre.so")
    c.build("own", F + " int m(void) { return f(); }", ["liba.so"], program="pie",
            link=["--export-dynamic"])
    c.binds("own", never=[("own", "libpre.so", "f")], preload="./libpre.so", program=True)


@case
def bind_two_preloads(c):
    "Preloaded libraries keep their order, and what they need comes last of all."
    c.build("libdeep.so", F + " int g(void) { return 1; }")
    c.build("libone.so", "int one;", ["libdeep.so"])
    c.build("libtwo.so", F)
    c.build("liba.so", F + " int g(void) { return 2; }")
    c.build("libmain.so", CALL_F + " int g(void); int call_g(void) { return g(); }", ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "libtwo.so", "f"), ("libmain.so", "liba.so", "g")],
            preload="./libone.so:./libtwo.so")


@case
def bind_symbolic(c):
    "DT_SYMBOLIC: the library itself comes first for what it asks for, and for nobody else."
    c.build("liba.so", F)
    c.build("libb.so", F + " int b(void) { return f(); }", link=["-f", "none"])
    c.retag("libb.so", elffile.DT_AUXILIARY, elffile.DT_SYMBOLIC)
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libb.so", "libb.so", "f"), ("libmain.so", "liba.so", "f")])


@case
def bind_symbolic_by_flag(c):
    "DF_SYMBOLIC in DT_FLAGS does the same; what it does not define itself is searched as ever."
    c.build("liba.so", F + " int g(void) { return 1; }")
    c.build("libb.so", F + " int g(void); int b(void) { return f() + g(); }",
            link=["-z", "now"])
    elf = elffile.ELFFile(c.path("libb.so"))
    at = [place for tag, _, place in elf.dynamic if tag == elffile.DT_FLAGS][0]
    flags = elf.values(elffile.DT_FLAGS)[0]
    elf.close()
    c.patch("libb.so", at + 8, (flags | DF_SYMBOLIC).to_bytes(8, "little"))
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libb.so", "libb.so", "f"), ("libb.so", "liba.so", "g")])


@case
def bind_symbolic_program(c):
    "The main object has no such scope: DT_SYMBOLIC in it changes nothing."
    c.build("libpre.so", F)
    c.build("libmain.so", F + " int main_calls(void) { return f(); }", link=["-f", "none"])
    c.retag("libmain.so", elffile.DT_AUXILIARY, elffile.DT_SYMBOLIC)
    c.build("libtop.so", "int x;", ["libmain.so"])
    c.binds("libtop.so", [("libmain.so", "libmain.so", "f")], preload="./libpre.so")
    c.build("libfirst.so", "int f(void); int x(void) { return f(); }", link=["-f", "none"])
    c.retag("libfirst.so", elffile.DT_AUXILIARY, elffile.DT_SYMBOLIC)
    c.binds("libfirst.so", [("libfirst.so", "libpre.so", "f")], preload="./libpre.so")


@case
def bind_linked_symbolic(c):
    "-Bsymbolic leaves nothing to look up of the library's own; -Bsymbolic-functions its data only."
    source = F + " int d = 1; int b(void) { return f(); } int *p(void) { return &d; }"
    c.build("liba.so", F + " int d = 2;")
    c.build("libb.so", source, link=["-Bsymbolic"])
    c.build("libc1.so", source.replace("b(", "b2(").replace("p(", "p2("),
            link=["-Bsymbolic-functions"])
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so", "libc1.so"])
    c.binds("libmain.so", [("libc1.so", "liba.so", "d")],
            never=[("libb.so", "liba.so", "f"), ("libb.so", "libb.so", "f"),
                   ("libb.so", "libb.so", "d"), ("libc1.so", "liba.so", "f"),
                   ("libc1.so", "libc1.so", "f")])


@case
def bind_filter(c):
    "DT_FILTER: the named library comes before the one that names it, and must be there."
    c.build("libreal.so", F)
    c.build("libfilter.so", F + " int g(void) { return 1; }", link=["-F", "libreal.so"])
    c.build("libmain.so", CALL_F + " int g(void); int call_g(void) { return g(); }",
            ["libfilter.so"])
    c.binds("libmain.so", [("libmain.so", "libreal.so", "f"), ("libmain.so", "libfilter.so", "g")])


@case
def bind_auxiliary(c):
    "DT_AUXILIARY: the same, but the named library may be missing."
    c.build("libreal.so", F)
    c.build("libaux.so", F, link=["-f", "libreal.so"])
    c.build("libnone.so", F, link=["-f", "libnothere.so"])
    c.build("libmain.so", CALL_F, ["libaux.so"])
    c.binds("libmain.so", [("libmain.so", "libreal.so", "f")])
    c.build("libalone.so", CALL_F, ["libnone.so"])
    c.binds("libalone.so", [("libalone.so", "libnone.so", "f")])


@case
def bind_filter_of_program(c):
    "A filter of the main object stands before the main object itself in the scope."
    c.build("libreal.so", F)
    c.build("libmain.so", F + " int main_calls(void) { return f(); }", link=["-F", "libreal.so"])
    c.binds("libmain.so", [("libmain.so", "libreal.so", "f")])


@case
def bind_same_soname_twice(c):
    "A second file with a SONAME that is loaded already is not loaded, and provides nothing."
    c.build("one/libx.so", F)
    c.build("two/libx.so", F + " int only_here(void) { return 1; }")
    c.build("two/liba.so", "int only_here(void); int a(void) { return only_here(); }",
            ["two/libx.so"])
    c.build("libmain.so", CALL_F, ["one/libx.so", "two/liba.so"],
            link=["-rpath", "$ORIGIN/one:$ORIGIN/two"])
    c.binds("libmain.so", [("libmain.so", "one/libx.so", "f")],
            unprovided=[("two/liba.so", "only_here")])


@case
def bind_undeclared(c):
    "What a library uses without naming its provider is bound all the same."
    c.build("libb.so", "int b(void) { return 1; } int b2(void) { return 1; }")
    c.build("liba.so", "int b(void); int a(void) { return b(); }", ["libb.so"])
    c.build("libmain.so", "int a(void), b(void), b2(void);"
            " int m(void) { return a() + b() + b2(); }", ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "libb.so", "b"), ("libmain.so", "libb.so", "b2"),
                           ("liba.so", "libb.so", "b")])


@case
def bind_unused_needed(c):
    "A library that is needed without any symbol of it being used is loaded and bound to by nobody."
    c.build("libunused.so", "int unused(void) { return 1; }")
    c.build("libshadowed.so", F)
    c.build("liba.so", F)
    c.build("libmain.so", CALL_F, ["liba.so", "libunused.so", "libshadowed.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")],
            never=[("libmain.so", "libshadowed.so", "f")])


@case
def bind_missing_library(c):
    "With a library missing, what the others provide is bound; the rest is said to be undefined."
    c.build("libgone.so", "int gone(void) { return 1; }")
    c.build("liba.so", F)
    c.build("libmain.so", CALL_F + " int gone(void); int g(void) { return gone(); }",
            ["libgone.so", "liba.so"])
    c.remove("libgone.so")
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")], unprovided=[("libmain.so", "gone")],
            says="libgone.so => not found")


@case
def bind_unprovided(c):
    "An undefined symbol that nothing provides: an error if strong, nothing if weak."
    c.build("libmain.so", "int none(void); __attribute__((weak)) int maybe(void);"
            " int m(void) { return none() + (maybe ? maybe() : 0); }")
    c.binds("libmain.so", unprovided=[("libmain.so", "none")],
            never=[("libmain.so", "libmain.so", "maybe")])


@case
def bind_symbol_of_ld_so(c):
    "ld.so is an object like others: what only it defines is bound to it."
    c.build("libmain.so", "__thread int t; int m(void) { return t; }"
            " extern int __libc_enable_secure; int s(void) { return __libc_enable_secure; }",
            ["-lc"], compile=["-ftls-model=global-dynamic"])
    c.binds("libmain.so", [("libmain.so", LD_SO, "__tls_get_addr", "GLIBC_2.3"),
                           (LIBC, LD_SO, "_rtld_global", "GLIBC_PRIVATE")],
            never=[(LD_SO, LIBC, "_dl_catch_error", "GLIBC_PRIVATE")])


@case
def bind_ld_so_not_in_scope(c):
    "The interpreter of a program that nothing needs is in memory, but not in the scope."
    c.build("liba.so", "void *__tls_get_addr(void *p) { return p; }")
    c.build("main", "void *__tls_get_addr(void *); void *m(void) { return __tls_get_addr(0); }",
            ["liba.so"], program="pie")
    c.build("liba.so", "int x;")
    c.binds("main", unprovided=[("main", "__tls_get_addr")], program=True)


@case
def bind_libc_interposed(c):
    "A malloc of a preloaded library serves libc itself too, and whoever asks for libc's version."
    c.build("libpre.so", "void *malloc(unsigned long n) { return 0; } void free(void *p) {}")
    c.build("libmain.so", "void *malloc(unsigned long); void *m(void) { return malloc(1); }",
            ["-lc"])
    c.binds("libmain.so", [("libmain.so", LIBC, "malloc", "GLIBC_2.2.5")])
    c.binds("libmain.so", [("libmain.so", "libpre.so", "malloc", "GLIBC_2.2.5"),
                           (LIBC, "libpre.so", "malloc", "GLIBC_2.2.5")], preload="./libpre.so")


@case
def bind_order_of_many(c):
    "In a long chain of needs each object is searched in its place."
    for number in range(24, 0, -1):
        c.build("lib%d.so" % number,
                "int f%d(void) { return 1; } int all(void) { return %d; }" % (number, number) +
                "".join(" int f%d(void); int g%d_%d(void) { return f%d(); }" % (n, number, n, n)
                        for n in (number + 1, number + 5) if n <= 24),
                ["lib%d.so" % n for n in (number + 1, number + 2) if n <= 24])
    c.build("libmain.so", "int all(void), f24(void); int m(void) { return all() + f24(); }",
            ["lib1.so"])
    c.binds("libmain.so", [("libmain.so", "lib1.so", "all"), ("libmain.so", "lib24.so", "f24"),
                           ("lib3.so", "lib8.so", "f8")])
