# SPDX-License-Identifier: BSD-2-Clause
"""Libraries built from their sources with debug information, one compiler and level each, into
archives of which links are made; and what their trees hold beside the library, as an archive too."""
import collections
import fnmatch
import glob
import os
import random
import shutil
import subprocess
import tarfile

import archives

HERE = os.path.dirname(os.path.realpath(__file__))
TRUTH = os.path.join(HERE, os.pardir, "truth", "described-sources.tsv")
SOURCES = os.path.join(archives.CACHE, "sources")
BUILT = os.path.join(archives.CACHE, "described")
COMPILERS = (("gcc", "-O2"), ("gcc", "-Os"), ("gcc", "-O3"), ("clang", "-O2"), ("clang", "-Os"))
CONFIGURE = ("--disable-shared", "--enable-static", "--disable-dependency-tracking")
SECONDS = 240  # of a step; what takes longer is left out
NEVER = ("AUTOCONF=:", "AUTOMAKE=:", "ACLOCAL=:", "AUTOHEADER=:", "MAKEINFO=:")
Source = collections.namedtuple("Source", "name archives project targets")


def sources():
    with open(TRUTH, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return [Source(*row) for row in rows[1:]]


def tarball(name, apt_options):
    """Upstream's own, as Debian has it; "" when it cannot be had."""
    pattern = os.path.join(SOURCES, name + "_*.orig.tar.*[2z]")
    if not glob.glob(pattern):
        subprocess.run(["apt-get", *apt_options(), "-qq", "source", "--tar-only", "--download-only",
                        name], cwd=SOURCES, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)
    return max(glob.glob(pattern), default="")


def run(command, folder, log, **variables):
    with open(log, "ab") as file:
        # timeout(1) ends what the command started too.
        done = subprocess.run(["timeout", str(SECONDS), *command], cwd=folder, stdout=file,
                              stderr=file, check=False, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, LC_ALL="C", **variables))
    return done.returncode == 0


def shallowest(tree, name):
    """The folder with the file that is nearest to the root of the tree; None."""
    found = [folder for folder, _, files in os.walk(tree) if name in files]
    return min(found, key=lambda folder: (folder.count("/"), folder), default=None)


def compiler_of(source):
    compiler, level = random.Random("compiler of " + source.name).choice(COMPILERS)
    return compiler, level + " -g -fPIC"


def configured(tree, compiler, flags, log):
    """The folder to run make in, set up by whatever upstream uses; None: by nothing known here."""
    folder = shallowest(tree, "configure")
    if folder:
        if not run(["./configure", *CONFIGURE], folder, log, CC=compiler, CFLAGS=flags):
            # One that was written by hand knows other options.
            run(["./configure"], folder, log, CC=compiler, CFLAGS=flags)
        return folder
    folder = shallowest(tree, "Makefile") or shallowest(tree, "makefile")
    lists = shallowest(tree, "CMakeLists.txt")
    if folder or not lists:
        return folder
    folder = os.path.join(tree, "made")
    run(["cmake", "-S", lists, "-B", folder, "-DBUILD_SHARED_LIBS=OFF", "-DCMAKE_BUILD_TYPE=None",
         "-DCMAKE_C_COMPILER=" + compiler, "-DCMAKE_C_FLAGS=" + flags], tree, log)
    return folder


def make(source, tree, log):
    """Builds what of a tree can be built."""
    compiler, flags = compiler_of(source)
    folder = configured(tree, compiler, flags, log)
    targets = [] if source.targets == "-" else source.targets.split(" ")
    if folder:
        run(["make", "-k", "-j2", "CC=" + compiler, "CFLAGS=" + flags, *NEVER, *targets], folder,
            log)


def unpack(path, folder):
    """Gives the folder in it that upstream named."""
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isreg() or member.isdir() or member.issym():
                tar.extract(member, folder, filter="data") if hasattr(
                    tarfile, "data_filter") else tar.extract(member, folder)
    names = [name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name))]
    return os.path.join(folder, names[0])


def members(path):
    return set(subprocess.run(["ar", "t", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False).stdout.decode("utf-8", "replace").split("\n")) - {""}


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(18)[:4] == b"\x7fELF"


def collect(source, tree, kept):
    """The library's archives, and one of all other objects that the tree was left with."""
    objects, known, wanted = {}, set(), []
    for folder, _, files in sorted(os.walk(tree)):
        for file in sorted(files):
            path = os.path.join(folder, file)
            if file.endswith(".a") and fnmatch.fnmatch(file, source.archives) and \
                    not os.path.islink(path):
                wanted.append(path)
                known |= members(path)
            elif file.endswith(".o") and is_elf(path):
                objects.setdefault(file, path)
    os.makedirs(kept + ".new", exist_ok=True)
    for path in wanted:
        shutil.copy(path, kept + ".new")
    others = [path for name, path in sorted(objects.items()) if name not in known]
    if others:
        subprocess.run(["ar", "crD", os.path.join(kept + ".new", "others.a"), *others], check=True)
    os.rename(kept + ".new", kept)


def built(source, apt_options):
    """The folder with the archives of a source; made once. Its tree is where its objects say."""
    kept = os.path.join(BUILT, source.name + ".archives")
    if os.path.isdir(kept):
        return kept
    path = tarball(source.name, apt_options)
    # No folder above upstream's own may be called like a project.
    work = os.path.join(BUILT, "tree-%d" % [one.name for one in sources()].index(source.name))
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    if path:
        try:
            tree = unpack(path, work)
            make(source, tree, work + ".log")
            collect(source, tree, kept)
        except (subprocess.SubprocessError, tarfile.TarError, OSError) as error:
            print("%s: not built: %s" % (source.name, error))
    os.makedirs(kept, exist_ok=True)
    shutil.rmtree(work, ignore_errors=True)
    return kept


def libraries(apt_options):
    """Archives, those beside the library as a component of their own."""
    found = []
    for source in sources():
        folder = built(source, apt_options)
        names = sorted(os.listdir(folder))
        if set(names) <= {"others.a"}:
            print("%s: left out, its library was not built" % source.name)
            continue
        for name in names:
            project = source.project if name != "others.a" else "beside " + source.project
            archive = archives.Archive(os.path.join(folder, name), source.name, project,
                                       source.name)
            if archive.functions:
                found.append(archive)
    return found
