# SPDX-License-Identifier: BSD-2-Clause
"""Small roots written down as Python: packages with their copyright files and what they ship, each
ELF file compiled from a line of its own without any library of this machine."""
import os
import subprocess

MACHINE = subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()
INTERPRETER = {"x86_64": "/lib64/ld-linux-x86-64.so.2",
               "aarch64": "/lib/ld-linux-aarch64.so.1"}.get(MACHINE)
CC = os.environ.get("CC", "cc").split()


def put(root, path, text):
    path = os.path.join(root, path.lstrip("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Root:
    """A root under construction; finish() writes the dpkg database."""

    def __init__(self, directory):
        self.directory = directory
        self.packages = []
        self.built = {}  # path -> what it defines
        self.library("/lib/ld-linux.so", package=("libc6", "2.36-9", "LGPL-2.1+"),
                     path=INTERPRETER)

    def _compile(self, path, source, flags):
        target = os.path.join(self.directory, path.lstrip("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        subprocess.run([*CC, "-xc", "-", "-o", target, "-nostdlib", "-fno-stack-protector", "-fno-builtin",
                        "-Wl,--build-id=none", *flags], input=source.encode(), check=True)
        os.chmod(target, 0o755)

    def _needs(self, needs):
        return ["-xnone"] + [os.path.join(self.directory, path.lstrip("/")) for path in needs]

    def library(self, soname, needs=(), package=None, path=None, uses=True, extra=""):
        """A shared library that defines one function named after its SONAME, and calls those of
        what it needs; uses=False: it names them only."""
        name = os.path.basename(soname)
        path = path or soname
        symbol = "f_" + "".join(c if c.isalnum() else "_" for c in name)
        self.built[path] = symbol
        called = [self.built[need] for need in needs] if uses else []
        source = "".join("int %s(void);\n" % other for other in called)
        source += "int %s(void) { return 0%s; }\n%s\n" % (
            symbol, "".join(" + %s()" % other for other in called), extra)
        self._compile(path, source, ["-shared", "-fPIC", "-Wl,--no-as-needed",
                                     "-Wl,-soname," + name, "-Wl,--allow-shlib-undefined",
                                     *self._needs(needs)])
        self._own(path, package)

    def program(self, path, needs=(), package=None, uses=True, extra="", rpath=None, more=()):
        called = [self.built[need] for need in needs] if uses else []
        source = "".join("int %s(void);\n" % other for other in called)
        source += "%s\nint _start(void) { return 0%s; }\n" % (
            extra, "".join(" + %s()" % other for other in called))
        flags = ["-pie", "-fPIE", "-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined",
                 "-Wl,--unresolved-symbols=ignore-all", "-Wl,--dynamic-linker=" + INTERPRETER]
        if rpath:
            flags.append("-Wl,--disable-new-dtags,-rpath," + rpath)
        self._compile(path, source, [*flags, *more, *self._needs(needs)])
        self._own(path, package)

    def text(self, path, text, package=None):
        put(self.directory, path, text)
        self._own(path, package)

    def _own(self, path, package):
        """package: (name, version, DEP-5 licence[, source]) or the name of one that is there."""
        if package is None:
            return
        if isinstance(package, str):
            [known for known in self.packages if known["name"] == package][0]["files"].append(path)
            return
        name, version, licence, *source = package
        self.packages.append({"name": name, "version": version, "licence": licence,
                              "source": source[0] if source else name, "files": [path]})

    def finish(self, copyrights=True):
        status = []
        for package in self.packages:
            name = package["name"]
            doc = "/usr/share/doc/%s/copyright" % name
            if copyrights:
                put(self.directory, doc,
                    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
                    "Files: *\nCopyright: 2026 the authors of %s\nLicense: %s\n The text of %s.\n"
                    % (name, package["licence"], package["licence"]))
            source = package["source"] if package["source"] != name else None
            status.append("Package: %s\nStatus: install ok installed\nArchitecture: amd64\n%s"
                          "Version: %s\n" % (name, "Source: %s\n" % source if source else "",
                                             package["version"]))
            put(self.directory, "/var/lib/dpkg/info/%s.list" % name,
                "".join(path + "\n" for path in package["files"] + [doc]))
        put(self.directory, "/var/lib/dpkg/status", "\n".join(status))
        put(self.directory, "/etc/ld.so.conf", "/lib\n/usr/lib\n/opt/acme/lib\n")
        return self.directory
