# SPDX-License-Identifier: BSD-2-Clause
"""What kinds of symbols and relocations there are, and how each is bound: glibc's elf/dl-lookup.c,
elf/dl-reloc.c, sysdeps/x86_64/dl-machine.h."""
import os

import elffile
from recipe import case

F = "int f(void) { return 1; }"
CALL_F = "int f(void); int call(void) { return f(); }"
DATA = "extern int d; int *data(void) { return &d; }"
STV_INTERNAL, STV_HIDDEN, STV_PROTECTED = 1, 2, 3
STB_LOCAL_FUNC, STT_FILE_GLOBAL, STT_LOOS_GLOBAL = 0x02, 0x14, 0x1B
R_X86_64_NONE, R_X86_64_RELATIVE, R_X86_64_64, R_X86_64_GLOB_DAT = 0, 8, 1, 6


def unique(name, export=True):
    """A definition of one STB_GNU_UNIQUE object, and a reference to it."""
    return """__asm__(".data\\n.globl {0}\\n.type {0}, @gnu_unique_object\\n.size {0}, 4\\n"
        "{0}: .long 1\\n.text"); extern int {0}; int *REF(void) {{ return &{0}; }}""".format(name)


@case
def bind_weak_definition(c):
    "A weak definition that comes first is taken, though a strong one follows."
    c.build("liba.so", "__attribute__((weak)) " + F)
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")])


@case
def bind_weak_reference(c):
    "A weak reference is bound like any other if somebody provides it."
    source = "__attribute__((weak)) int f(void); int call(void) { return f ? f() : 0; }"
    c.build("liba.so", F)
    c.build("libmain.so", source, ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")])
    c.build("libalone.so", source)
    c.binds("libalone.so", never=[("libalone.so", "libalone.so", "f")])
    c.binds("libalone.so", [("libalone.so", "liba.so", "f")], preload="./liba.so")


@case
def bind_undefined_is_no_definition(c):
    "An undefined symbol of an object that stands earlier is no definition."
    c.build("liba.so", "int f(void); int a(void) { return f(); }")
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "libb.so", "f"), ("liba.so", "libb.so", "f")])


@case
def bind_hidden_reference(c):
    "A symbol that is hidden in the consumer's own table is bound without a look-up."
    for value, name in ((STV_HIDDEN, "libhidden.so"), (STV_INTERNAL, "libinternal.so")):
        c.build(name, F + " int call(void) { return f(); }")
        c.patch_symbol(name, "f", other=value)
        c.binds(name, never=[(name, name, "f")])


@case
def bind_hidden_definition(c):
    "A hidden definition in a table is passed over, and so is an internal one."
    for value, name in ((STV_HIDDEN, "libhidden.so"), (STV_INTERNAL, "libinternal.so")):
        c.build(name, F)
        c.patch_symbol(name, "f", other=value)
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["libhidden.so", "libinternal.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "libb.so", "f")])


@case
def bind_local_definition(c):
    "A local symbol in a table provides nothing, and a local reference is not looked up."
    c.build("liba.so", F + " int a(void) { return f(); }")
    c.patch_symbol("liba.so", "f", info=STB_LOCAL_FUNC)
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "libb.so", "f")],
            never=[("liba.so", "libb.so", "f"), ("liba.so", "liba.so", "f")])


@case
def bind_other_types(c):
    "Definitions of a type that is neither code nor data are passed over."
    c.build("libfile.so", F)
    c.patch_symbol("libfile.so", "f", info=STT_FILE_GLOBAL)
    c.build("libos.so", F)
    c.patch_symbol("libos.so", "f", info=STT_LOOS_GLOBAL)
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["libfile.so", "libos.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "libb.so", "f")])


@case
def bind_types_do_not_matter(c):
    "A call may be bound to data: names are compared, not what they stand for."
    c.build("liba.so", "int f = 1;")
    c.build("libb.so", F)
    c.build("libmain.so", CALL_F, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")])


@case
def bind_no_value(c):
    "A definition at address 0 is none, unless it is absolute."
    c.build("liba.so", F + " int d = 1;")
    c.patch_symbol("liba.so", "f", value=0)
    c.build("libabs.so", '__asm__(".globl d\\nd = 0");')
    c.build("libb.so", F + " int d = 1;")
    c.build("libmain.so", CALL_F + DATA, ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "libb.so", "f"), ("libmain.so", "liba.so", "d")])
    c.build("libtop.so", DATA, ["libb.so"])
    c.binds("libtop.so", [("libtop.so", "libabs.so", "d")], preload="./libabs.so")


@case
def bind_aliases(c):
    "Two names of one address are two symbols."
    c.build("liba.so", F + ' extern int alias(void) __attribute__((alias("f")));')
    c.build("libpre.so", F)
    c.build("libmain.so", CALL_F + " int alias(void); int g(void) { return alias(); }", ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "libpre.so", "f"), ("libmain.so", "liba.so", "alias")],
            preload="./libpre.so")


@case
def bind_protected_call(c):
    "A library's call of its own protected function stays at home whatever is found first."
    c.build("liba.so", F + " int a(void) { return f(); }")
    c.patch_symbol("liba.so", "f", other=STV_PROTECTED)
    c.build("libpre.so", F)
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.binds("libmain.so", [("liba.so", "liba.so", "f"), ("libmain.so", "libpre.so", "f")],
            preload="./libpre.so")
    c.binds("libmain.so", [("liba.so", "liba.so", "f"), ("libmain.so", "liba.so", "f")])


@case
def bind_protected_data(c):
    "So does a reference to its protected data, even if the program made a copy."
    for place, home in (("open/", "main"), ("closed/", "liba.so")):
        c.build(place + "liba.so", "int d = 1; int *own(void) { return &d; }")
        c.build(place + "main", "extern int d; int m(void) { return d; }", [place + "liba.so"],
                program="no-pie")
        c.binds(place + "main", [(place + "liba.so", place + home, "d"),
                                 (place + "main", place + "liba.so", "d")], program=True)
    c.patch_symbol("closed/liba.so", "d", other=STV_PROTECTED)


@case
def bind_protected_function_address(c):
    "But the address of a protected function is the program's entry for it, if it has one."
    c.build("liba.so", F + " void *own(void) { return f; } int a(void) { return f(); }",
            compile=["-fno-plt"])
    c.build("main", "int f(void); void *m(void) { return f; }", ["liba.so"], program="no-pie")
    c.patch_symbol("liba.so", "f", other=STV_PROTECTED)
    c.binds("main", [("liba.so", "main", "f")], program=True)


@case
def bind_copy_relocation(c):
    "The program's copy serves everybody; the copy itself is made of the library's object."
    c.build("liba.so", "int d = 1; int *own(void) { return &d; }")
    c.build("libb.so", "extern int d; int *b(void) { return &d; }", ["liba.so"])
    c.build("main", "extern int d; int m(void) { return d; }", ["liba.so", "libb.so"],
            program="no-pie")
    c.binds("main", [("main", "liba.so", "d"), ("liba.so", "main", "d"), ("libb.so", "main", "d")],
            never=[("main", "main", "d")], program=True)


@case
def bind_copy_of_interposed(c):
    "A copy is made of the first definition behind the program."
    c.build("liba.so", "int d = 1;")
    c.build("libpre.so", "int d = 2;")
    c.build("main", "extern int d; int m(void) { return d; }", ["liba.so"], program="no-pie")
    c.binds("main", [("main", "libpre.so", "d")], preload="./libpre.so", program=True)


@case
def bind_copy_without_definition(c):
    "A copy of something that no library has is an error, though the program has the name."
    c.build("liba.so", "int d = 1;")
    c.build("main", "extern int d; int m(void) { return d; }", ["liba.so"], program="no-pie")
    c.build("liba.so", "int e = 1;")
    c.binds("main", unprovided=[("main", "d")], program=True)


@case
def bind_function_address(c):
    """In a program at a fixed address, the address of a library's function is that of the program's
    own entry for it: libraries that take the address get the program's, calls the library's."""
    c.build("liba.so", F)
    c.build("libb.so", "int f(void); void *address(void) { return f; }", ["liba.so"])
    c.build("libc1.so", CALL_F, ["liba.so"])
    c.build("main", "int f(void); void *m(void) { return f; }", ["liba.so", "libb.so", "libc1.so"],
            program="no-pie")
    c.binds("main", [("libb.so", "main", "f"), ("libc1.so", "liba.so", "f"),
                     ("main", "liba.so", "f")], program=True)


@case
def bind_function_called_and_taken(c):
    "A library that both calls a function and takes its address may be bound to two objects."
    c.build("liba.so", F)
    c.build("libb.so", "int f(void); int b(void) { return f(); } void *pointer = f;", ["liba.so"])
    c.build("main", "int f(void); void *m(void) { return f; }", ["liba.so", "libb.so"],
            program="no-pie")
    c.binds("main", [("libb.so", "liba.so", "f"), ("libb.so", "main", "f")], program=True)


@case
def bind_function_address_pie(c):
    "A position-independent program takes the library's address itself."
    c.build("liba.so", F)
    c.build("libb.so", "int f(void); void *address(void) { return f; }", ["liba.so"])
    c.build("main", "int f(void); void *m(void) { return f; }", ["liba.so", "libb.so"],
            program="pie")
    c.binds("main", [("libb.so", "liba.so", "f"), ("main", "liba.so", "f")], program=True)


@case
def bind_unique(c):
    "STB_GNU_UNIQUE: the first one for all, like other definitions."
    c.build("liba.so", unique("u").replace("REF", "a"))
    c.build("libb.so", unique("u").replace("REF", "b"))
    c.build("libmain.so", "extern int u; int *m(void) { return &u; }", ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "u"), ("liba.so", "liba.so", "u"),
                           ("libb.so", "liba.so", "u")])


@case
def bind_unique_symbolic(c):
    """Whatever DT_SYMBOLIC says, a unique symbol is one for the process: that of the object which
    asked first, and the objects that others need ask first."""
    c.build("liba.so", unique("u").replace("REF", "a"))
    c.build("libb.so", unique("u").replace("REF", "b"), ["liba.so"], link=["-f", "none"])
    c.retag("libb.so", elffile.DT_AUXILIARY, elffile.DT_SYMBOLIC)
    c.build("libmain.so", "extern int u; int *m(void) { return &u; }", ["libb.so"])
    c.binds("libmain.so", [("liba.so", "libb.so", "u"), ("libb.so", "libb.so", "u"),
                           ("libmain.so", "libb.so", "u")])
    c.build("libturned.so", "extern int u; int *m(void) { return &u; }", ["liba.so", "libb.so"])
    c.binds("libturned.so", [("liba.so", "liba.so", "u"), ("libb.so", "liba.so", "u"),
                             ("libturned.so", "liba.so", "u")])


@case
def bind_unique_order(c):
    "The order in which objects are relocated decides between two that look at themselves first."
    for name, needs in (("libx.so", []), ("liby.so", []), ("libz.so", ["libx.so"])):
        c.build(name, unique("u").replace("REF", name[3:4]), needs, link=["-f", "none"])
        c.retag(name, elffile.DT_AUXILIARY, elffile.DT_SYMBOLIC)
    for number, needs in enumerate((["libx.so", "liby.so"], ["liby.so", "libx.so"],
                                    ["libz.so", "liby.so"], ["liby.so", "libz.so"])):
        name = "libmain%d.so" % number
        c.build(name, "extern int u; int *m(void) { return &u; }", needs)
        c.binds(name)
    c.binds("libmain0.so", [("libmain0.so", "liby.so", "u"), ("libx.so", "liby.so", "u")])


@case
def bind_unique_versions(c):
    "The table of unique symbols knows no versions: the first answer stands for all."
    script = "{0} {{ global: u; }};"
    c.build("liba.so", unique("u").replace("REF", "a"), versions=script.format("V1"))
    c.build("libb.so", unique("u").replace("REF", "b"), versions=script.format("W1"))
    c.build("libasks.so", "extern int u; int *asks(void) { return &u; }", ["libb.so"])
    c.build("libmain.so", "extern int u; int *m(void) { return &u; }", ["liba.so", "libasks.so"])
    c.binds("libmain.so", [("libasks.so", "libb.so", "u", "W1"), ("liba.so", "libb.so", "u", "V1"),
                           ("libmain.so", "libb.so", "u", "V1")])


@case
def bind_unique_copy(c):
    "A copy of a unique object: the program's name for it is an ordinary one."
    c.build("liba.so", unique("u").replace("REF", "a"))
    c.build("main", "extern int u; int m(void) { return u; }", ["liba.so"], program="no-pie")
    c.binds("main", [("main", "liba.so", "u"), ("liba.so", "main", "u")], program=True)


@case
def bind_unique_and_ordinary(c):
    "An ordinary definition that comes first is taken; the unique one behind does not count."
    c.build("liba.so", "int u = 1;")
    c.build("libb.so", unique("u").replace("REF", "b"))
    c.build("libmain.so", "extern int u; int *m(void) { return &u; }", ["liba.so", "libb.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "u"), ("libb.so", "liba.so", "u")])


@case
def bind_ifunc(c):
    "An IFUNC is bound like a function; its resolver does not run when ld.so only traces."
    c.build("liba.so", """static int one(void) { return 1; }
        static void *choose(void) { for (;;) ; return one; }
        int f(void) __attribute__((ifunc("choose")));
        int a(void) { return f(); }""")
    c.build("libmain.so", CALL_F, ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f"), ("liba.so", "liba.so", "f")])


@case
def bind_tls(c):
    "Thread-local variables, by each of the models that look a symbol up; one lies at offset 0."
    c.build("liba.so", "__thread int t = 1; __thread int t2 = 2;")
    c.build("libb.so", "__thread int t = 1;")
    for model in ("global-dynamic", "initial-exec"):
        name = "lib%s.so" % model
        c.build(name, "extern __thread int t, t2; int m(void) { return t + t2; }",
                ["liba.so", "libb.so", "-lc"], compile=["-ftls-model=" + model])
        c.binds(name, [(name, "liba.so", "t"), (name, "liba.so", "t2")])
    c.build("main", "extern __thread int t; int m(void) { return t; }", ["libb.so", "liba.so"],
            program="no-pie")
    c.binds("main", [("main", "libb.so", "t")], program=True)


@case
def bind_now_and_lazy(c):
    "-z now, -z lazy and -fno-plt bind the same."
    c.build("liba.so", F)
    for name, link, flags in (("libnow.so", ["-z", "now"], []), ("liblazy.so", ["-z", "lazy"], []),
                              ("libnoplt.so", [], ["-fno-plt"])):
        c.build(name, CALL_F, ["liba.so"], link=link, compile=flags)
        c.binds(name, [(name, "liba.so", "f")])


@case
def bind_hash_styles(c):
    "Either hash table will do, and section headers are not needed."
    for style in ("sysv", "gnu"):
        c.build("lib%s.so" % style, F.replace("f(", "f_%s(" % style), hash_style=style)
        c.strip_sections("lib%s.so" % style)
    c.build("libmain.so", "int f_sysv(void), f_gnu(void);"
            " int m(void) { return f_sysv() + f_gnu(); }",
            ["libsysv.so", "libgnu.so"], hash_style="gnu")
    c.strip_sections("libmain.so")
    c.binds("libmain.so", [("libmain.so", "libsysv.so", "f_sysv"),
                           ("libmain.so", "libgnu.so", "f_gnu")])


@case
def bind_relocation_none(c):
    "Relocations of the types NONE and RELATIVE look nothing up, whatever symbol they name."
    c.build("liba.so", F)
    for kind, name in ((R_X86_64_NONE, "libnone.so"), (R_X86_64_RELATIVE, "librelative.so")):
        c.build(name, "int f(void); void *pointer = f;", ["liba.so"])
        c.patch_relocations(name, "f", kind)
        c.binds(name, never=[(name, "liba.so", "f")])
    c.build("libplain.so", "int f(void); void *pointer = f;", ["liba.so"])
    c.binds("libplain.so", [("libplain.so", "liba.so", "f")])


@case
def bind_packed_relative(c):
    "DT_RELR names no symbols and takes nothing away from those that do."
    c.build("liba.so", F)
    c.build("libmain.so", "static int x; int *px = &x; int f(void); void *pointer = f;",
            ["liba.so"], link=["-z", "pack-relative-relocs"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f")])


@case
def bind_text_relocations(c):
    "Relocations in code, as of objects that are not position-independent, look up all the same."
    c.build("liba.so", F + " int d = 1;")
    c.build("libmain.so", "extern int d; int f(void); "
            '__asm__(".text\\n.globl m\\nm: movabs $f, %rax\\nmovabs $d, %rax\\nret");',
            ["liba.so"], link=["-z", "notext"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "f"), ("libmain.so", "liba.so", "d")])


@case
def bind_symbol_without_relocation(c):
    "An undefined symbol that no relocation names is not looked up."
    c.build("libmain.so", "int f(void); void *pointer = f;")
    c.patch_relocations("libmain.so", "f", R_X86_64_NONE)
    c.binds("libmain.so", unprovided=[])


@case
def bind_odd_names(c):
    "Names may be long, hold any bytes but NUL, and differ in one byte."
    long = "x" * 5000
    source = "".join(" int %s(void) { return 1; }" % name for name in (long + "a", long + "b"))
    # gcc hands the name to the assembler as it stands, clang puts it in quotes itself.
    quote = "" if "clang" in os.environ.get("CC", "cc") else '\\"'
    source += ' int e(void) __asm__("%s\\303\\251 t\\303\\251%s"); int e(void) { return 1; }' % (
        quote, quote)
    c.build("liba.so", source + " int call_e(void) { return e(); }")
    c.build("libmain.so", "int %sb(void); int m(void) { return %sb(); }" % (long, long),
            ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", long + "b")],
            never=[("libmain.so", "liba.so", long + "a")])
    c.binds("liba.so", [("liba.so", "liba.so", "\u00e9 t\u00e9")])


@case
def bind_same_name_weak_and_strong(c):
    "Weak in one consumer, strong in another: only the strong one is missed."
    weak = "__attribute__((weak)) int f(void); int w(void) { return f ? f() : 0; }"
    c.build("libweak.so", weak)
    c.build("libstrong.so", CALL_F)
    c.build("libmain.so", "int x;", ["libweak.so", "libstrong.so"])
    c.binds("libmain.so", unprovided=[("libstrong.so", "f")])


@case
def bind_own_definition(c):
    "Default visibility: a library looks its own exported symbols up, data and functions."
    c.build("liba.so", F + " int d = 1; int a(void) { return f() + d; } static int s;"
            " int *hidden(void) { return &s; }")
    c.build("libmain.so", "int a(void); int m(void) { return a(); }", ["liba.so"])
    c.binds("libmain.so", [("liba.so", "liba.so", "f"), ("liba.so", "liba.so", "d")])
    c.binds("liba.so", [("liba.so", "liba.so", "f")])


@case
def bind_glob_dat_and_64(c):
    "Data is looked up by GLOB_DAT, by a plain address and by one with an addend alike."
    c.build("liba.so", "int d[4] = {1}; int e;")
    c.build("libmain.so", "extern int d[4], e; int *p = d, *q = d + 2; int m(void) { return e; }",
            ["liba.so"])
    c.binds("libmain.so", [("libmain.so", "liba.so", "d"), ("libmain.so", "liba.so", "e")])
