# SPDX-License-Identifier: BSD-2-Clause
"""Names with a slash, names already loaded, order of loading, and shapes of the graph."""
from recipe import INTERPRETER, case


@case
def needed_absolute(c):
    "A name with a slash is opened as it is; no search path matters."
    c.library("far/libx.so", soname=None)
    c.library("near/libx.so")
    c.library("libmain.so", needed=[c.dir + "/far/libx.so"], runpath="$ORIGIN/near")
    c.run("libmain.so", library_path="near", order=[c.dir + "/far/libx.so"])


@case
def needed_relative(c):
    "A relative name with a slash starts in the current directory."
    c.library("sub/libx.so", soname=None)
    c.library("d/sub/libx.so", soname=None)
    c.library("d/libmain.so", needed=["sub/libx.so"])
    c.run("d/libmain.so", finds={"sub/libx.so": "sub/libx.so"})
    c.library("d/libdot.so", needed=["./sub/libx.so"])
    c.run("d/libdot.so", finds={"./sub/libx.so": "sub/libx.so"})


@case
def needed_slash_missing(c):
    "A name with a slash that leads to nothing is not searched for elsewhere."
    c.library("libx.so")
    c.library("libmain.so", needed=["/nonexistent/libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", missing=["/nonexistent/libx.so"])


@case
def needed_slash_matches_soname(c):
    "A loaded SONAME that itself holds a slash satisfies that name."
    c.library("liba.so", soname="/opt/lib/liba.so")
    c.library("libb.so", needed=["/opt/lib/liba.so"])
    c.library("libmain.so", needed=["liba.so", "libb.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["liba.so", "libb.so"])


@case
def name_loaded_twice(c):
    "One name is one object, whatever search path the second requester has."
    c.library("one/libx.so")
    c.library("two/libx.so")
    c.library("liba.so", needed=["libx.so"], runpath="$ORIGIN/one")
    c.library("libb.so", needed=["libx.so"], runpath="$ORIGIN/two")
    c.library("libmain.so", needed=["liba.so", "libb.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["liba.so", "libb.so", "libx.so"],
          finds={"libx.so": "one/libx.so"})


@case
def soname_satisfies_later_name(c):
    "A file loaded under another name answers to its SONAME."
    c.library("libreal.so.5", soname="libx.so")
    c.library("libx.so")
    c.library("libb.so", needed=["libx.so"], runpath="$ORIGIN")
    c.library("libmain.so", needed=["libreal.so.5", "libb.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["libreal.so.5", "libb.so"])


@case
def soname_order_matters(c):
    "When the plain name is asked for first, the other file with this SONAME is loaded as well."
    c.library("libreal.so.5", soname="libx.so")
    c.library("libx.so")
    c.library("libmain.so", needed=["libx.so", "libreal.so.5"], runpath="$ORIGIN")
    c.run("libmain.so", order=["libx.so", "libreal.so.5"])


@case
def soname_absent(c):
    "A file without SONAME answers only to the name it was found by."
    c.library("libx.so", soname=None)
    c.library("sub/libx.so", soname=None)
    c.library("liba.so", needed=["sub/libx.so"])
    c.library("libmain.so", needed=["libx.so", "liba.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["libx.so", "liba.so", "sub/libx.so"])


@case
def soname_of_missing_name(c):
    "A name found under no search path is satisfied by a SONAME loaded earlier."
    c.library("hidden/libodd.so", soname="libwanted.so")
    c.library("liba.so", needed=[c.dir + "/hidden/libodd.so"])
    c.library("libb.so", needed=["libwanted.so"])
    c.library("libc1.so", needed=["libb.so"])
    c.library("libmain.so", needed=["liba.so", "libc1.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=[])


@case
def missing_before_soname_is_loaded(c):
    "The other way round the name is missing: breadth-first order decides."
    c.library("hidden/libodd.so", soname="libwanted.so")
    c.library("liba.so", needed=[c.dir + "/hidden/libodd.so"])
    c.library("libmain.so", needed=["libwanted.so", "liba.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=["libwanted.so"])


@case
def soname_of_root(c):
    "The SONAME of the object asked about answers too."
    c.library("liba.so", needed=["libself.so.1"])
    c.library("libself.so.1")
    c.library("libmain.so", soname="libself.so.1", needed=["liba.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["liba.so"])


@case
def same_file_symlink(c):
    "One file under two names, the second a symbolic link: same device and inode, one object."
    c.library("libx.so.1", soname=None)
    c.symlink("libx.so", "libx.so.1")
    c.library("libmain.so", needed=["libx.so", "libx.so.1"], runpath="$ORIGIN")
    c.run("libmain.so", order=["libx.so"])


@case
def same_file_hard_link(c):
    "One file under two names by a hard link is one object."
    c.library("one/libx.so", soname=None)
    c.hardlink("two/liby.so", "one/libx.so")
    c.library("libmain.so", needed=["libx.so", "liby.so"], runpath="$ORIGIN/one:$ORIGIN/two")
    c.run("libmain.so", order=["libx.so"])


@case
def same_content_copy(c):
    "Two files of equal content are two objects."
    c.library("libx.so", soname=None)
    c.copy("liby.so", "libx.so")
    c.library("libmain.so", needed=["libx.so", "liby.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["libx.so", "liby.so"])


@case
def same_file_is_root(c):
    """The file asked about, needed under another name, is mapped a second time: ld.so keeps no
    device and inode of the main object."""
    c.library("libmain.so", soname=None, needed=["libalias.so", "libx.so"], runpath="$ORIGIN")
    c.library("libx.so")
    c.symlink("libalias.so", "libmain.so")
    c.run("libmain.so", order=["libalias.so", "libx.so"])
    c.program("main", needed=["libalias2.so", "libx.so"], runpath="$ORIGIN")
    c.symlink("libalias2.so", "main")
    c.run("main", program=True)


@case
def breadth_first(c):
    "Loading is breadth first: the main object's second need comes before the first one's needs."
    c.library("deep/libx.so")
    c.library("top/libx.so")
    c.library("liba.so", needed=["libx.so"], runpath="$ORIGIN/deep")
    c.library("libmain.so", needed=["liba.so", "libx.so"], runpath="$ORIGIN:$ORIGIN/top")
    c.run("libmain.so", order=["liba.so", "libx.so"], finds={"libx.so": "top/libx.so"})


@case
def diamond(c):
    "Two ways to one library load it once, after both requesters."
    c.library("libd.so")
    c.library("libb.so", needed=["libd.so"])
    c.library("libc1.so", needed=["libd.so"])
    c.library("libmain.so", needed=["libb.so", "libc1.so"], rpath="$ORIGIN")
    c.run("libmain.so", order=["libb.so", "libc1.so", "libd.so"])


@case
def cycle(c):
    "Libraries that need each other."
    c.library("liba.so", needed=["libb.so"])
    c.library("libb.so", needed=["libc1.so", "liba.so"])
    c.library("libc1.so", needed=["liba.so"])
    c.library("libmain.so", needed=["liba.so"], rpath="$ORIGIN")
    c.run("libmain.so", order=["liba.so", "libb.so", "libc1.so"])


@case
def cycle_through_root(c):
    "A library of the cycle is the one asked about."
    c.library("liba.so", needed=["libb.so"], rpath="$ORIGIN")
    c.library("libb.so", needed=["liba.so"], rpath="$ORIGIN")
    c.run("liba.so", order=["libb.so"])


@case
def self_need(c):
    "A library that needs its own SONAME."
    c.library("libx.so", needed=["libx.so"])
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN")
    c.run("libmain.so", order=["libx.so"])
    c.run("libx.so")


@case
def needed_twice(c):
    "One name twice in one object."
    c.library("libx.so")
    c.library("liby.so")
    c.library("libmain.so", needed=["libx.so", "liby.so", "libz9.so"], rpath="$ORIGIN")
    c.symlink("libz9.so", "libx.so")
    c.run("libmain.so", order=["libx.so", "liby.so"])


@case
def needed_empty(c):
    "An object without needs has nothing to load."
    c.library("libmain.so")
    c.run("libmain.so", order=[])
    c.program("main")
    c.run("main", program=True, order=[])


@case
def missing_direct(c):
    "A name that nothing answers to; the others are loaded all the same."
    c.library("libx.so")
    c.library("libmain.so", needed=["libnone.so", "libx.so"], runpath="$ORIGIN")
    c.run("libmain.so", order=["libnone.so", "libx.so"], missing=["libnone.so"])


@case
def missing_deep(c):
    "A name missing three levels down, and missing again elsewhere."
    c.library("libc1.so", needed=["libnone.so"])
    c.library("libb.so", needed=["libc1.so", "libnone.so"])
    c.library("liba.so", needed=["libb.so"])
    c.library("libmain.so", needed=["liba.so"], rpath="$ORIGIN")
    c.run("libmain.so", missing=["libnone.so"])


@case
def missing_for_one_found_for_other(c):
    "A name missing for one requester is looked for again by the next."
    c.library("far/libx.so")
    c.library("liba.so", needed=["libx.so"], runpath="/nonexistent")
    c.library("libb.so", needed=["libx.so"], runpath="$ORIGIN/far")
    c.library("libmain.so", needed=["liba.so", "libb.so"], runpath="$ORIGIN")
    c.run("libmain.so")


@case
def interpreter_by_soname(c):
    "The interpreter is already there when its SONAME is needed."
    c.library("ld-linux-x86-64.so.2")
    c.library("libx.so", needed=["ld-linux-x86-64.so.2"])
    c.program("main", needed=["libx.so"], rpath="$ORIGIN")
    c.run("main", program=True, order=["libx.so", INTERPRETER])
    c.library("libmain.so", needed=["ld-linux-x86-64.so.2"], rpath="$ORIGIN")
    c.run("libmain.so", order=[INTERPRETER])


@case
def interpreter_first(c):
    "The interpreter's place in the order is where it is first needed."
    c.library("libx.so")
    c.program("main", needed=["ld-linux-x86-64.so.2", "libx.so"], rpath="$ORIGIN")
    c.run("main", program=True, order=[INTERPRETER, "libx.so"])


@case
def interpreter_by_path(c):
    "The interpreter asked for by its path, or through another link to it."
    c.program("main", needed=[INTERPRETER])
    c.run("main", program=True)
    c.symlink("libld.so", INTERPRETER)
    c.program("mainlink", needed=["libld.so"], runpath="$ORIGIN")
    c.run("mainlink", program=True)


@case
def program_not_pie(c):
    "A program linked at a fixed address."
    c.library("libx.so")
    c.program("main", pie=False, needed=["libx.so", "libc.so.6"], runpath="$ORIGIN")
    c.run("main", program=True, order=["libx.so", "libc.so.6", INTERPRETER])


@case
def program_through_ld_so(c):
    "The same program given to ld.so as an argument."
    c.library("libx.so")
    c.program("main", needed=["libx.so"], runpath="$ORIGIN")
    c.run("main", program=True, order=["libx.so"])


@case
def name_very_long(c):
    "A DT_NEEDED of 5,000 bytes is a name like any other, and found nowhere."
    c.library("libmain.so", needed=["lib" + "x" * 5000 + ".so", "libx.so"], runpath="$ORIGIN")
    c.library("libx.so")
    c.run("libmain.so")


@case
def name_with_odd_bytes(c):
    "Spaces, quotes, brackets, an arrow and UTF-8 in a name."
    names = ["lib a.so", "lib\"b'.so", "lib<c>&d.so", "libé.so"]
    for name in names:
        c.library(name)
    c.library("libmain.so", needed=names, runpath="$ORIGIN")
    c.run("libmain.so", order=names)


@case
def without_section_headers(c):
    "The loader reads segments: section headers may be gone, in the root and in a library."
    c.library("libx.so", needed=["liby.so"])
    c.library("liby.so")
    c.library("libmain.so", needed=["libx.so"], rpath="$ORIGIN")
    c.strip_sections("libx.so")
    c.strip_sections("libmain.so")
    c.run("libmain.so", order=["libx.so", "liby.so"])


@case
def chain_of_300(c):
    "A chain of 300 libraries."
    count = 300
    for number in range(count):
        needed = ["lib%03d.so" % (number + 1)] if number + 1 < count else []
        c.library("lib%03d.so" % number, needed=needed)
    c.library("libmain.so", needed=["lib000.so"], rpath="$ORIGIN")
    c.run("libmain.so", order=["lib%03d.so" % number for number in range(count)])


@case
def fan_of_100(c):
    "A hundred direct needs, each of which needs the same last one."
    names = ["lib%03d.so" % number for number in range(100)]
    for name in names:
        c.library(name, needed=["liblast.so", "lib000.so"])
    c.library("liblast.so")
    c.library("libmain.so", needed=names, rpath="$ORIGIN")
    c.run("libmain.so", order=names + ["liblast.so"])
