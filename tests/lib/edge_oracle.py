# SPDX-License-Identifier: BSD-2-Clause
"""What programs really load and start: a run under strace with LD_DEBUG=files, as edges.

The oracle runs the programs of a Debian root; elfleft never does. Each process image is told apart:
strace says which file it is and by whose execve it started, ld.so which library asked for which by
dlopen, and what else was loaded meanwhile."""
import os
import re
import shutil
import subprocess

TIMEOUT_SECONDS = 60
PLACE = "/tmp/edges-run"
EXECVE = re.compile(r'^(\d+) +(?:execve|execveat)\((?:[A-Z_0-9a-z]+, )?"((?:[^"\\]|\\.)*)", '
                    r'\[(.*?)\](?:\.\.\.)?, .*\) += (-?\d+)')
UNFINISHED = re.compile(r'^(\d+) +(execve|execveat)\((.*) <unfinished \.\.\.>$')
RESUMED = re.compile(r'^(\d+) +<\.\.\. (execve|execveat) resumed>(.*)$')
FORK = re.compile(r'^(\d+) +(?:v?fork|clone3?)\b.*= (\d+)$')
FORK_RESUMED = re.compile(r'^(\d+) +<\.\.\. (?:v?fork|clone3?) resumed>.*= (\d+)$')
DYNAMIC = re.compile(r"file=(.*) \[(\d+)\];  dynamically loaded by (.*) \[\d+\]$")
MAPPED = re.compile(r"file=(.*) \[\d+\];  generating link map$")
NEEDED = re.compile(r"file=(.*) \[\d+\];  needed by (.*) \[\d+\]")
STARTED = re.compile(r"(?:initialize program|transferring control): (.*)$")
CALLED = re.compile(r"calling init: (.*)$")


class Image:
    """One program in one process, from its execve to the next one or its end."""

    def __init__(self, path, words, parent, is_elf):
        self.path, self.words, self.parent, self.is_elf = path, words, parent, is_elf
        self.loaded = set()  # files, as ld.so names them
        self.dynamic = []  # (name as asked for, by which file)
        self.pending = {}  # asked for, not yet mapped

    def shell_parent_of_start(self):
        """Who started this: where that was "sh -c LINE", whoever gave the shell the line."""
        image = self.parent
        if image is None:
            return None
        while (image.parent and os.path.basename(image.path) in ("sh", "dash", "bash")
               and len(image.words) > 1 and image.words[1].startswith("-c")):
            image = image.parent
        return image


class Tree:
    """Paths inside a root, symbolic links followed inside it."""

    def __init__(self, root):
        self.root = root.rstrip("/")

    def real(self, path):
        parts, done, links = path.strip("/").split("/"), "", 0
        while parts:
            part = parts.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                done = os.path.dirname(done.rstrip("/")) if done else ""
                continue
            full = self.root + done + "/" + part
            if os.path.islink(full) and links < 40:
                links += 1
                target = os.readlink(full)
                if target.startswith("/"):
                    done = ""
                parts = target.strip("/").split("/") + parts
                continue
            done += "/" + part
        return done or "/"

    def exists(self, path):
        return os.path.exists(self.root + self.real(path))

    def is_elf(self, path):
        try:
            with open(self.root + self.real(path), "rb") as file:
                return file.read(4) == b"\x7fELF"
        except OSError:
            return False


def words_of(text):
    return re.findall(r'"((?:[^"\\]|\\.)*)"', text)


def run(root, command, directory):
    """Runs a command line under strace in the root; (log text, {pid: ld.so's text}).

    directory: an empty one inside the root, as the root sees it."""
    outside = root.rstrip("/") + directory
    shutil.rmtree(outside, ignore_errors=True)
    os.makedirs(outside)
    log = os.path.join("/tmp", "edges-strace.%d" % os.getpid())
    inner = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=" + directory,
             "TERM=dumb", "LD_DEBUG=files", "LD_DEBUG_OUTPUT=%s/ld" % directory,
             "/bin/sh", "-c", "cd %s && { %s\n}" % (directory, command)]
    if root.rstrip("/"):
        inner = ["chroot", root] + inner
    try:
        subprocess.run(["strace", "-f", "-s", "4096", "-o", log, "-e", "signal=none",
                        "-e", "trace=execve,execveat,fork,vfork,clone,clone3", *inner],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pass  # what was seen so far counts
    with open(log, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    os.unlink(log)
    loads = {}
    for name in os.listdir(outside):
        if re.match(r"ld\.\d+$", name):
            with open(os.path.join(outside, name), encoding="utf-8",
                      errors="surrogateescape") as file:
                loads[int(name[3:])] = file.read()
    shutil.rmtree(outside, ignore_errors=True)
    return text, loads


def whole_lines(text):
    """strace's lines, with those that were interrupted put together."""
    open_calls = {}
    for line in text.splitlines():
        begun = UNFINISHED.match(line)
        if begun:
            open_calls[begun.group(1)] = "%s %s(%s" % begun.group(1, 2, 3)
            continue
        ended = RESUMED.match(line)
        if ended and ended.group(1) in open_calls:
            line = open_calls.pop(ended.group(1)) + ended.group(3)
        yield line


def images_of(text, tree):
    """Images in the order they started, and those of each process."""
    current, by_process, images = {}, {}, []
    forks = [FORK.match(line) or FORK_RESUMED.match(line) for line in text.splitlines()]
    parents = {int(fork.group(2)): int(fork.group(1)) for fork in forks if fork}
    for line in whole_lines(text):
        call = EXECVE.match(line)
        if not call or call.group(4) != "0":
            continue
        process, path = int(call.group(1)), call.group(2)
        ancestor = process
        while ancestor not in current and ancestor in parents:
            ancestor = parents[ancestor]
        real = tree.real(path) if path.startswith("/") else path
        image = Image(real, words_of(call.group(3)), current.get(ancestor), tree.is_elf(real))
        current[process] = image
        by_process.setdefault(process, []).append(image)
        images.append(image)
    return images, by_process


def read_loads(text, images):
    """ld.so's lines of one process, divided among its images."""
    queue, image, known = list(images), None, set()
    started = False
    for line in text.splitlines():
        line = line.split("\t", 1)[-1]
        needed = NEEDED.search(line)
        if needed and (image is None or (started and needed.group(2) not in known)):
            # A main program that has not been seen: the next image of this process.
            name = os.path.basename(needed.group(2))
            while queue:
                image = queue.pop(0)
                known, started = {needed.group(2)}, False
                if name in (os.path.basename(image.path),
                            os.path.basename(image.words[0]) if image.words else ""):
                    break
        if image is None:
            continue
        mapped, dynamic, called = MAPPED.search(line), DYNAMIC.search(line), CALLED.search(line)
        if dynamic:
            image.pending[dynamic.group(1)] = dynamic.group(3)
            known.add(dynamic.group(1))
        elif mapped:
            known.add(mapped.group(1))
            image.loaded.add(mapped.group(1))
            if mapped.group(1) in image.pending:
                image.dynamic.append((mapped.group(1), image.pending.pop(mapped.group(1))))
        elif called:
            known.add(called.group(1))
            image.loaded.add(called.group(1))
        elif needed:
            known.add(needed.group(1))
        started |= bool(STARTED.search(line))


def missing_tools(root):
    """Why programs cannot be watched here; None when they can."""
    if not shutil.which("strace"):
        return "no strace"
    if root.rstrip("/") and os.geteuid() != 0:
        return "chroot needs root"
    return None


def observe(root, command, directory=PLACE):
    """All images of a run, without those of the harness itself."""
    tree = Tree(root)
    text, loads = run(root, command, directory)
    images, by_process = images_of(text, tree)
    for process, own in by_process.items():
        read_loads(loads.get(process, ""), own)
    return [image for image in images if not is_harness(image, directory)]


def is_harness(image, directory):
    """chroot, env and the shell with the command line."""
    words = image.words
    return (os.path.basename(image.path) == "chroot" or "LD_DEBUG=files" in words
            or bool(words) and words[-1].startswith("cd %s && {" % directory))
