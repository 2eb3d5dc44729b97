# SPDX-License-Identifier: BSD-2-Clause
"""What a recipe can do. A case is one function: its docstring says what it proves, its body makes
a few files in a directory of its own and says what ld.so must answer for them.

	@case
	def rpath_inherited(c):
		"DT_RPATH of the parent serves the child's own needs."
		c.library("far/libleaf.so")
		c.library("libmiddle.so", needed=["libleaf.so"])
		c.library("libtop.so", needed=["libmiddle.so"], rpath="$ORIGIN:$ORIGIN/far")
		c.run("libtop.so", finds={"libleaf.so": "far/libleaf.so"})

Cases of binding are linked from C instead, and say which symbols ld.so must bind:

	@case
	def first_wins(c):
		"The first definition in the scope counts."
		c.build("liba.so", "int f(void) { return 1; }")
		c.build("libmain.so", "int f(void); int g(void) { return f(); }", ["liba.so"])
		c.binds("libmain.so", [("libmain.so", "liba.so", "f")])

A library's SONAME is its file name unless the recipe says otherwise. finds, missing, order and
fatal state what the case is about; the tests hold ld.so to them first, so that a case which no
longer shows its point fails by itself, and then compare elfleft's whole answer with ld.so's."""
import hashlib
import os
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), os.pardir, "tests", "lib"))
import elffile  # noqa: E402

INTERPRETER = "/lib64/ld-linux-x86-64.so.2"
CC = os.environ.get("CC", "gcc").split()
CASES = []


def case(function):
    """Registers a recipe; the case is named after the function."""
    CASES.append(function)
    return function


class Skip(Exception):
    """This host cannot make the case; the text says why."""


def command(*words, text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Skip("%s: %s" % (" ".join(words)[:200], done.stderr.strip()[:300]))
    return done.stdout


def make_objects(directory):
    """The two objects everything is linked from; nothing in them ever runs."""
    os.makedirs(directory, exist_ok=True)
    for name, text, flags in (("library", "", []), ("program", "void _start(void) {}\n", []),
                              ("library32", "", ["-m32"])):
        source = os.path.join(directory, name + ".c")
        with open(source, "w", encoding="ascii") as file:
            file.write(text)
        done = subprocess.run(CC + flags + ["-fPIC", "-fno-stack-protector", "-c", "-o",
                                            os.path.join(directory, name + ".o"), source],
                              check=False)
        if done.returncode != 0 and name != "library32":
            sys.exit("test-binaries: cannot compile")


class Case:
    """The directory of one case, and the runs to make in it."""

    def __init__(self, name, proves, directory, objects):
        self.name, self.proves = name, " ".join(proves.split())
        self.dir, self.objects = directory, objects
        self.runs, self.bindings = [], []
        self.root = None

    # -- files ---------------------------------------------------------------------------------

    def path(self, name):
        ret = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(ret), exist_ok=True)
        return ret

    def stub(self, name, bits=""):
        """An empty library whose only use is to put name into DT_NEEDED."""
        key = hashlib.sha256((name + bits).encode()).hexdigest()[:24]
        path = os.path.join(self.objects, "stub-%s.so" % key)
        if not os.path.exists(path):
            temporary = "%s.%d" % (path, os.getpid())
            self.link_elf(temporary, "library" + bits, ["-shared"], bits, soname=name)
            os.rename(temporary, path)
        return path

    def link_elf(self, path, start, mode, bits="", soname=None, needed=(), rpath=None, runpath=None,
                 auxiliary=(), filters=(), audit=None, depaudit=None, flags=()):
        words = CC + (["-m32"] if bits else []) + mode + [
            "-nostdlib", "-Wl,--build-id=none", "-o", path,
            os.path.join(self.objects, start + ".o"), "-Wl,--no-as-needed"]
        linker = []
        if soname:
            linker += ["-soname", soname]
        if rpath is not None and runpath is not None:
            raise ValueError("the linker writes one of the two: see retag()")
        if rpath is not None:
            linker += ["--disable-new-dtags", "-rpath", rpath]
        if runpath is not None:
            linker += ["--enable-new-dtags", "-rpath", runpath]
        for name in auxiliary:
            linker += ["-f", name]
        for name in filters:
            linker += ["-F", name]
        if audit:
            linker += ["--audit", audit]
        if depaudit:
            linker += ["--depaudit", depaudit]
        for flag in flags:
            linker += ["-z", flag]
        for word in linker:
            words += ["-Xlinker", word]
        command(*words, *[self.stub(name, bits) for name in needed])

    def library(self, name, soname=True, bits="", **options):
        """A shared object; soname: True for its file name, None for none, or a text."""
        if soname is True:
            soname = os.path.basename(name)
        self.link_elf(self.path(name), "library" + bits, ["-shared"], bits, soname, **options)

    def program(self, name, pie=True, **options):
        """An executable for ld.so."""
        self.link_elf(self.path(name), "program", ["-pie" if pie else "-no-pie",
                                                   "-Wl,-dynamic-linker=" + INTERPRETER],
                      **options)

    def symlink(self, name, target):
        os.symlink(target, self.path(name))

    def hardlink(self, name, target):
        os.link(os.path.join(self.dir, target), self.path(name))

    def text(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content.encode())

    def copy(self, name, source):
        shutil.copyfile(os.path.join(self.dir, source), self.path(name))
        shutil.copymode(os.path.join(self.dir, source), self.path(name))

    def patch(self, name, offset, content):
        """Overwrites bytes of a file, or of the ELF header when offset is small."""
        with open(self.path(name), "r+b") as file:
            file.seek(offset)
            file.write(content)

    def remove(self, name):
        os.unlink(self.path(name))

    def truncate(self, name, size):
        os.truncate(self.path(name), size)

    def retag(self, name, old, new, which=0):
        """Turns the which-th dynamic entry tagged old into one tagged new: the linker refuses
        some combinations that other tools write."""
        elf = elffile.ELFFile(self.path(name))
        places = [at for tag, _, at in elf.dynamic if tag == old]
        elf.close()
        self.patch(name, places[which], struct.pack("<Q", new))

    def swap(self, name, first, second):
        """Exchanges two dynamic entries, each named by (tag, which)."""
        elf = elffile.ELFFile(self.path(name))
        places = [[at for tag, _, at in elf.dynamic if tag == wanted][which]
                  for wanted, which in (first, second)]
        left, right = (elf.data[at:at + 16] for at in places)
        elf.close()
        self.patch(name, places[0], right)
        self.patch(name, places[1], left)

    def strip_sections(self, name):
        """Leaves no section headers: a loader does not need them."""
        self.patch(name, 40, struct.pack("<Q", 0))
        self.patch(name, 58, struct.pack("<HHH", 0, 0, 0))

    # -- symbols -------------------------------------------------------------------------------

    def build(self, name, source="", links=(), soname=True, program=None, versions=None, link=(),
              compile=(), hash_style="both"):
        """Compiles and links one file, against files of this case or -l options. program: "pie",
        "no-pie" or None for a library. What is missing while linking is no error."""
        words = CC + ["-O1", "-w", "-fsemantic-interposition", "-fno-inline",
                      "-fno-stack-protector", "-nostdlib", "-x", "c", "-"]
        words += {"pie": ["-fPIE", "-pie"], "no-pie": ["-fno-pic", "-no-pie"],
                  None: ["-fPIC", "-shared"]}[program] + list(compile)
        linker = ["--build-id=none", "--hash-style=" + hash_style, "--no-as-needed",
                  "--unresolved-symbols=ignore-all", "--allow-shlib-undefined", "-rpath", "$ORIGIN"]
        if program:
            linker += ["-dynamic-linker", INTERPRETER]
            source = "void _start(void) {}\n" + source
        elif soname:
            linker += ["-soname", os.path.basename(name) if soname is True else soname]
        if versions:
            self.text(name + ".map", versions)
            linker += ["--version-script", self.path(name + ".map")]
        for word in linker + list(link):
            words += ["-Xlinker", word]
        words += ["-x", "none", "-o", self.path(name)]
        words += [word if word.startswith("-") else self.path(word) for word in links]
        command(*words, text=source + "\n")

    def patch_symbol(self, name, symbol, which=0, **fields):
        """Overwrites info, other, section, value of a dynamic symbol: what no linker writes."""
        places = {"info": (4, "B"), "other": (5, "B"), "section": (6, "<H"), "value": (8, "<Q")}
        elf = elffile.ELFFile(self.path(name))
        at = [place for known, place in elf.symbols() if known == symbol][which]
        elf.close()
        for field, value in fields.items():
            self.patch(name, at + places[field][0], struct.pack(places[field][1], value))

    def patch_relocations(self, name, symbol, kind):
        """Gives all relocations that name the symbol another type."""
        elf = elffile.ELFFile(self.path(name))
        places = [at for known, _, at in elf.relocations() if known == symbol]
        elf.close()
        if not places:
            raise Skip("%s: no relocation names %s" % (name, symbol))
        for at in places:
            self.patch(name, at + 8, struct.pack("<I", kind))

    def patch_need(self, name, version, flags=None, exact=False):
        """Changes vna_flags, or sets the bit of vna_other that no linker sets."""
        elf = elffile.ELFFile(self.path(name))
        at = [place for known, place in elf.version_needs() if known == version][0]
        other, = struct.unpack_from("<H", elf.data, at + 6)
        elf.close()
        if flags is not None:
            self.patch(name, at + 4, struct.pack("<H", flags))
        if exact:
            self.patch(name, at + 6, struct.pack("<H", other | 0x8000))

    # -- roots ---------------------------------------------------------------------------------

    def sysroot(self, name="root", ldconfig=(), cache=True):
        """Makes name a root with the real ld.so in it; call it after the libraries are there.

        ldconfig: further options, as for the old cache format; cache=False leaves no cache."""
        self.root = self.path(name)
        loader = os.path.join(self.root, INTERPRETER[1:])
        os.makedirs(os.path.dirname(loader), exist_ok=True)
        shutil.copyfile(os.path.realpath(INTERPRETER), loader)
        os.chmod(loader, 0o755)
        os.makedirs(os.path.join(self.root, "etc"), exist_ok=True)
        if cache:
            words = ["/sbin/ldconfig", "-r", self.root] + list(ldconfig)
            if os.geteuid() != 0:
                words = ["/usr/bin/unshare", "-r"] + words
            command(*words)

    # -- runs ----------------------------------------------------------------------------------

    def run(self, file, finds=None, missing=None, order=None, fatal=False, library_path=None,
            preload=None, program=False, oracle=True, oracle_root=None, apart=None,
            cpu="native"):
        """One question: what does ld.so load for file?

        finds: {name: file}, missing: names not found, order: all names in load order,
        fatal: ld.so gives up, and its message holds this text. oracle=False: ld.so must not be
        asked; then apart lists the files that elfleft must report in an audit namespace.
        oracle_root: the root that ld.so runs in instead, when elfleft must act as if this one
        had what that one has. cpu: as elfleft's --cpu; ld.so masks its glibc-hwcaps likewise."""
        self.runs.append({
            "file": file, "finds": finds or {}, "missing": missing, "order": order,
            "fatal": fatal, "library_path": library_path, "preload": preload,
            "program": program, "oracle": oracle, "root": self.root, "apart": apart,
            "oracle_root": oracle_root or self.root, "cpu": cpu,
        })

    def binds(self, file, bound=(), never=(), unprovided=(), program=False, preload=None,
              library_path=None, says=None, gives_up=False):
        """One question: what does ld.so bind for file? Files are named within the case, others by
        their whole path.

        bound, never: (consumer, provider, symbol[, version]); unprovided: (consumer, symbol[,
        version]). says: a text ld.so must print. gives_up: ld.so ends early; what it had bound
        until then is part of what elfleft must bind."""
        self.bindings.append({
            "file": file, "bound": [pad(row, 4) for row in bound],
            "never": [pad(row, 4) for row in never],
            "unprovided": [pad(row, 3) for row in unprovided], "program": program,
            "preload": preload, "library_path": library_path, "says": says, "gives_up": gives_up,
        })

    def record(self):
        return {"name": self.name, "proves": self.proves, "dir": self.dir, "runs": self.runs,
                "bindings": self.bindings}


def pad(row, width):
    return list(row) + [""] * (width - len(row))
