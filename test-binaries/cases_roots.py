# SPDX-License-Identifier: BSD-2-Clause
"""Other roots than the running system's: ld.so.cache in its formats, ld.so.conf, links. The oracle
is the same ld.so, copied into the root and run there by chroot."""
import os
import shutil

from recipe import case

ARCH = "usr/lib/x86_64-linux-gnu"


def tree(c, root="root", needed=("libx.so.1",), merged=True):
    """A small root: a program, and the directories every system has."""
    for name in ("lib", "usr/lib", ARCH, "etc", "opt/lib"):
        if merged and name == "lib":
            c.symlink("%s/lib" % root, "usr/lib")
        else:
            os.makedirs(c.path("%s/%s/." % (root, name)), exist_ok=True)
    c.program("%s/app/main" % root, needed=list(needed))


def conf(c, lines, root="root"):
    c.text("%s/etc/ld.so.conf" % root, "".join(line + "\n" for line in lines))


@case
def root_new_cache(c):
    "ld.so.cache as ldconfig writes it today leads to a directory of ld.so.conf."
    tree(c)
    c.library("root/opt/lib/libx.so.1", needed=["liby.so.1"])
    c.library("root/opt/lib/liby.so.1")
    conf(c, ["/opt/lib"])
    c.sysroot()
    c.run("/app/main", program=True, finds={"libx.so.1": "/opt/lib/libx.so.1"},
          order=["libx.so.1", "liby.so.1"])


@case
def root_old_cache(c):
    "ld.so.cache in the format of libc5 and glibc 2.1."
    tree(c)
    c.library("root/opt/lib/libx.so.1", needed=["liby.so.1"])
    c.library("root/opt/lib/liby.so.1")
    conf(c, ["/opt/lib"])
    c.sysroot(ldconfig=["-c", "old"])
    c.run("/app/main", program=True)


@case
def root_compat_cache(c):
    "ld.so.cache in the old format with the new one behind it."
    tree(c)
    c.library("root/opt/lib/libx.so.1", needed=["liby.so.1"])
    c.library("root/opt/lib/liby.so.1")
    conf(c, ["/opt/lib"])
    c.sysroot(ldconfig=["-c", "compat"])
    c.run("/app/main", program=True, finds={"libx.so.1": "/opt/lib/libx.so.1"})


@case
def root_cache_many(c):
    "Sixty libraries whose names differ in digits: the order of the cache is numeric."
    names = ["lib%s%d.so.%d" % (stem, number, number % 7)
             for stem in ("a", "b0", "n9x") for number in range(1, 41, 2)]
    tree(c, needed=names)
    for name in names:
        c.library("root/opt/lib/%s" % name)
    conf(c, ["/opt/lib"])
    c.sysroot()
    c.run("/app/main", program=True, order=names, missing=[])


@case
def root_cache_before_default(c):
    "The cache wins over the default directories, which would be searched last."
    tree(c)
    c.library("root/opt/lib/libx.so.1")
    c.library("root/%s/libx.so.1" % ARCH)
    conf(c, ["/opt/lib"])
    c.sysroot()
    c.run("/app/main", program=True, finds={"libx.so.1": "/opt/lib/libx.so.1"})


@case
def root_default_directories(c):
    "Without cache and conf the default directories are searched, each in its turn."
    names = ["liba.so", "libb.so", "libc1.so", "libd.so", "libnone.so"]
    tree(c, needed=names, merged=False)
    for place, count in (("lib/x86_64-linux-gnu", 1), (ARCH, 2), ("lib", 3), ("usr/lib", 4)):
        for name in names[:4][:count]:
            c.library("root/%s/%s" % (place, name))
    c.library("root/lib64/libnone.so")
    c.library("root/usr/lib64/libnone.so")
    c.library("root/usr/local/lib/libnone.so")
    c.sysroot(cache=False)
    c.run("/app/main", program=True, missing=["libnone.so"], finds={
        "liba.so": "/lib/x86_64-linux-gnu/liba.so", "libb.so": "/" + ARCH + "/libb.so",
        "libc1.so": "/lib/libc1.so", "libd.so": "/usr/lib/libd.so"})


@case
def root_default_in_merged_usr(c):
    "The same in a root whose /lib is a link: paths are given as they were searched."
    tree(c)
    c.library("root/%s/libx.so.1" % ARCH)
    c.sysroot(cache=False)
    c.run("/app/main", program=True,
          finds={"libx.so.1": "/lib/x86_64-linux-gnu/libx.so.1"})


def twins(c, fill, lines, oracle_options=("-X",)):
    """One tree twice: root without a cache, twin with one. Returns the twin's path."""
    for root in ("twin", "root"):
        tree(c, root)
        fill(root)
        conf(c, lines, root)
    c.sysroot("twin", ldconfig=oracle_options)
    twin = c.root
    c.sysroot("root", cache=False)
    return twin


@case
def root_without_cache(c):
    "No ld.so.cache but an ld.so.conf: ldconfig's work is simulated; ld.so gets a real cache."
    def fill(root):
        c.library("%s/opt/lib/libx.so.1" % root, needed=["liby.so.1"])
        c.library("%s/opt/lib/liby.so.1" % root)
        c.library("%s/%s/liby.so.1" % (root, ARCH))
    twin = twins(c, fill, ["/opt/lib"])
    c.run("/app/main", program=True, oracle_root=twin,
          finds={"libx.so.1": "/opt/lib/libx.so.1", "liby.so.1": "/opt/lib/liby.so.1"})


@case
def root_without_cache_soname_links(c):
    "Simulated ldconfig takes the SONAME as the name, and of several files the highest version."
    def fill(root):
        for version in ("1.2", "1.10", "1.9"):
            c.library("%s/opt/lib/libx.so.%s" % (root, version), soname="libx.so.1")
        c.symlink("%s/opt/lib/libx.so.1" % root, "libx.so.1.9")
    twin = twins(c, fill, ["/opt/lib"])
    c.run("/app/main", program=True, oracle_root=twin)


@case
def root_without_cache_other_classes(c):
    "Simulated ldconfig keeps 32-bit libraries, text files and odd names apart."
    def fill(root):
        c.library("%s/opt/first/libx.so.1" % root, bits="32")
        c.text("%s/opt/second/libx.so.1" % root, "GROUP ( libreal.so )\n" * 8)
        c.library("%s/opt/third/odd-name" % root, soname="libx.so.1")
        c.library("%s/opt/fourth/libx.so.1" % root)
    twin = twins(c, fill, ["/opt/first", "/opt/second", "/opt/third", "/opt/fourth"])
    c.run("/app/main", program=True, oracle_root=twin,
          finds={"libx.so.1": "/opt/fourth/libx.so.1"})


@case
def root_without_cache_hwcaps(c):
    "Simulated ldconfig lists glibc-hwcaps directories too."
    def fill(root):
        c.library("%s/opt/lib/libx.so.1" % root)
        c.library("%s/opt/lib/glibc-hwcaps/x86-64-v2/libx.so.1" % root)
    twin = twins(c, fill, ["/opt/lib"])
    c.run("/app/main", program=True, oracle_root=twin)


@case
def root_broken_cache(c):
    "A cache that is no cache is left aside, and ldconfig simulated."
    def fill(root):
        c.library("%s/opt/lib/libx.so.1" % root)
    twin = twins(c, fill, ["/opt/lib"])
    c.text("root/etc/ld.so.cache", "this is not a cache " * 10)
    c.run("/app/main", program=True, oracle_root=twin,
          finds={"libx.so.1": "/opt/lib/libx.so.1"})


@case
def root_conf_includes(c):
    "ld.so.conf: includes by absolute and relative patterns, comments, blanks."
    def fill(root):
        c.library("%s/opt/b/libx.so.1" % root, needed=["libz9.so"])
        c.library("%s/opt/a/libx.so.1" % root)
        c.library("%s/opt/c/libz9.so" % root)
        c.text("%s/etc/ld.so.conf.d/20-a.conf" % root, "/opt/a\n")
        c.text("%s/etc/ld.so.conf.d/10-b.conf" % root, "  /opt/b   # first\n\n")
        c.text("%s/etc/ld.so.conf.d/ignored.txt" % root, "/opt/ignored\n")
        c.text("%s/etc/more/c.conf" % root, "#/opt/none\n/opt/c/\n")
    lines = ["# comment", "include /etc/ld.so.conf.d/*.conf", "\tinclude more/*.conf"]
    twin = twins(c, fill, lines)
    c.run("/app/main", program=True, oracle_root=twin,
          finds={"libx.so.1": "/opt/b/libx.so.1", "libz9.so": "/opt/c/libz9.so"})


@case
def root_stale_cache(c):
    "A cached path that is gone: the default directories are searched next."
    tree(c)
    c.library("root/opt/lib/libx.so.1")
    c.library("root/opt/lib/gone.so")
    conf(c, ["/opt/lib"])
    c.sysroot()
    os.unlink(c.path("root/opt/lib/libx.so.1"))
    c.library("root/%s/libx.so.1" % ARCH)
    c.run("/app/main", program=True, finds={"libx.so.1": "/lib/x86_64-linux-gnu/libx.so.1"})


@case
def root_cache_older_than_library(c):
    "A library put into a directory of ld.so.conf after ldconfig ran is not found."
    tree(c)
    conf(c, ["/opt/lib"])
    c.library("root/opt/lib/liby.so.1")
    c.sysroot()
    c.library("root/opt/lib/libx.so.1")
    c.run("/app/main", program=True, missing=["libx.so.1"])


@case
def root_cached_path_replaced(c):
    "The cache leads to a file that has become a library for another machine."
    tree(c)
    conf(c, ["/opt/lib"])
    c.library("root/opt/lib/libx.so.1")
    c.sysroot()
    c.patch("root/opt/lib/libx.so.1", 18, b"\xb7\x00")
    c.library("root/%s/libx.so.1" % ARCH)
    c.run("/app/main", program=True)


@case
def root_absolute_links(c):
    "Absolute links resolve inside the root, for libraries and for directories."
    tree(c, needed=["libx.so.1", "libr.so"])
    c.library("root/opt/real/libx.so.1.4", soname="libx.so.1", needed=["liby.so"],
              runpath="$ORIGIN")
    c.library("root/opt/real/liby.so")
    c.library("root/srv/libr.so")
    c.symlink("root/%s/libx.so.1" % ARCH, "/opt/real/libx.so.1.4")
    c.symlink("root/usr/lib/libr.so", "../../../../../../srv/libr.so")
    c.sysroot(cache=False)
    c.run("/app/main", program=True, missing=["liby.so"],
          finds={"libx.so.1": "/lib/x86_64-linux-gnu/libx.so.1", "libr.so": "/lib/libr.so"})


@case
def root_link_to_host_only(c):
    "A link whose target exists on the host but not in the root leads nowhere."
    tree(c, needed=["libx.so.1"])
    c.library("outside/libx.so.1")
    c.symlink("root/%s/libx.so.1" % ARCH, c.dir + "/outside/libx.so.1")
    c.sysroot(cache=False)
    c.run("/app/main", program=True, missing=["libx.so.1"])


@case
def root_program_link(c):
    "$ORIGIN of a program behind an absolute link in the root."
    tree(c)
    c.program("root/opt/app/bin/tool", needed=["libx.so.1"], runpath="$ORIGIN/../lib")
    c.library("root/opt/app/lib/libx.so.1")
    c.symlink("root/usr/bin/tool", "/opt/app/bin/tool")
    # No /proc in there: ld.so must still read what the kernel would say of this program.
    c.symlink("root/proc/self/exe", "/opt/app/bin/tool")
    c.sysroot(cache=False)
    c.run("/usr/bin/tool", program=True,
          finds={"libx.so.1": "/opt/app/bin/../lib/libx.so.1"})


@case
def root_preload_file(c):
    "/etc/ld.so.preload: comments, several names in a line, a missing one."
    tree(c)
    c.library("root/opt/lib/libx.so.1")
    c.library("root/opt/lib/libpre.so")
    c.library("root/opt/libpre2.so")
    c.text("root/etc/ld.so.preload", "# /opt/none.so\nlibpre.so:/opt/libpre2.so\t# both\n"
           "/opt/missing.so\n")
    conf(c, ["/opt/lib"])
    c.sysroot()
    c.run("/app/main", program=True, order=["libpre.so", "/opt/libpre2.so", "libx.so.1"])


@case
def root_cache_hwcaps(c):
    "glibc-hwcaps directories in the cache: the best level that the CPU has."
    tree(c)
    c.library("root/opt/lib/libx.so.1")
    for level in ("v2", "v3", "v4"):
        c.library("root/opt/lib/glibc-hwcaps/x86-64-%s/libx.so.1" % level)
    conf(c, ["/opt/lib"])
    c.sysroot()
    c.run("/app/main", program=True, missing=[])


@case
def root_cache_hwcaps_lower_only(c):
    "One lower level in the cache beside the plain file."
    tree(c)
    c.library("root/opt/lib/libx.so.1")
    c.library("root/opt/lib/glibc-hwcaps/x86-64-v2/libx.so.1")
    conf(c, ["/opt/lib"])
    c.sysroot()
    c.run("/app/main", program=True, missing=[])


@case
def root_cache_nodeflib(c):
    "DF_1_NODEFLIB keeps cache entries outside the default directories, and drops those inside."
    tree(c)
    c.library("root/opt/lib/libx.so.1")
    c.library("root/%s/liby.so.1" % ARCH)
    c.program("root/app/nodeflib", needed=["libx.so.1", "liby.so.1"], flags=["nodefaultlib"])
    conf(c, ["/opt/lib"])
    c.sysroot()
    c.run("/app/nodeflib", program=True, missing=["liby.so.1"],
          finds={"libx.so.1": "/opt/lib/libx.so.1"})


@case
def root_cache_other_class(c):
    "A cache with a 32-bit and a 64-bit library of one name."
    tree(c)
    c.library("root/opt/lib32/libx.so.1", bits="32")
    c.library("root/opt/lib/libx.so.1")
    conf(c, ["/opt/lib32", "/opt/lib"])
    c.sysroot()
    c.run("/app/main", program=True, finds={"libx.so.1": "/opt/lib/libx.so.1"})


@case
def root_library_path(c):
    "--library-path names directories inside the root."
    tree(c)
    c.library("root/env/libx.so.1")
    shutil.copytree(c.path("root/env"), c.path("env"))
    c.sysroot(cache=False)
    c.run("/app/main", program=True, library_path="/env", finds={"libx.so.1": "/env/libx.so.1"})


@case
def root_cache_lesser_cpus(c):
    "--cpu decides among the cache's entries for glibc-hwcaps too."
    tree(c)
    c.library("root/opt/lib/libx.so.1")
    for level in ("v2", "v3", "v4"):
        c.library("root/opt/lib/glibc-hwcaps/x86-64-%s/libx.so.1" % level)
    conf(c, ["/opt/lib"])
    c.sysroot()
    c.run("/app/main", program=True, cpu="baseline", finds={"libx.so.1": "/opt/lib/libx.so.1"})
    for level in ("v2", "v3"):
        c.run("/app/main", program=True, cpu="x86-64-" + level, finds={
            "libx.so.1": "/opt/lib/glibc-hwcaps/x86-64-%s/libx.so.1" % level})
