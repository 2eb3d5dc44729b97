#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""elfleft verify on what PyPI has of PyTorch: no false alarm after everything packagers do, every function
found that a seeded mutator (tests/lib/mutate.py) changed in place, and every kernel of containers that
were packed anew (tests/lib/repack.py). Two releases are compared, and whole wheels. Times are ratios
to `openssl dgst -sha256` of the same bytes; the size of a manifest is a share of the code; peak memory
is the sum of RssAnon over all processes.

usage: verify.py [--quick] [PART...]    PART: a library of LIBRARIES, LARGE, cudnn, nccl, kernels (or
                                        kernels:libnccl.so.2), releases, rezip; default: all"""
import base64
import bisect
import collections
import glob
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, os.pardir, "lib"), os.path.join(HERE, os.pardir, "bench")]
import bench  # noqa: E402
import mutate  # noqa: E402
import repack  # noqa: E402

ROOT = os.path.join(HERE, os.pardir, os.pardir)
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(ROOT, "build", "elfleft")))
LIBRARIES = ("libtorch_cpu.so", "libtorch_python.so", "libc10.so", "libshm.so")
LARGE = ("libtorch_cuda.so",)
TORCH, NEXT = "torch==2.7.0", "torch==2.7.1"
CUDNN, NCCL = "nvidia-cudnn-cu12==9.5.1.17", "nvidia-nccl-cu12==2.26.2"
SLOW = 100 << 20
ROOM = 10 << 30  # bytes that have to be free for the large ones
MEMORY = 1 << 30
SAME = ("identical", "relocated", "renamed", "folded")
WAYS = (
    ("strip", lambda path: ["strip", path]),
    ("strip --strip-unneeded", lambda path: ["strip", "--strip-unneeded", path]),
    ("remove .comment", lambda path: ["objcopy", "--remove-section", ".comment", path]),
    ("add a section", lambda path: ["objcopy", "--add-section", ".extra=/etc/os-release", path]),
    ("eu-strip", lambda path: ["eu-strip", path]),
    ("compress debug sections", lambda path: ["objcopy", "--compress-debug-sections", path]),
    ("set-rpath", lambda path: ["patchelf", "--set-rpath", "$ORIGIN/../other" * 20, path]),
    ("set-soname", lambda path: ["patchelf", "--set-soname", "libx-01234567.so.1.2", path]),
    ("replace-needed", lambda path: ["patchelf", "--replace-needed", "libc.so.6",
                                     "libc-01234567.so.6", path]),
)
failures = []


def check(passed, text):
    print("%s %s" % ("ok  " if passed else "FAIL", text), flush=True)
    if not passed:
        failures.append(text)


def verify(reference, suspect):
    start = time.monotonic()
    done = subprocess.run([ELFLEFT, "verify", "--reference", reference, "-f", "json", suspect],
                          capture_output=True, check=False)
    return json.loads(done.stdout), time.monotonic() - start


# Times of `openssl dgst -sha256` that a verdict may take, on the library of this name.
TIMED = "libtorch_cpu.so"
LIMITS = {"identical": 2, "repackaged": 4, "modified": 10}
slowest = {}


def took_ratio(name, verdict, took, unit):
    if name == TIMED:
        slowest[verdict] = max(slowest.get(verdict, 0), took / unit)
    return took / unit


def check_times():
    for verdict, limit in LIMITS.items():
        if verdict in slowest:
            check(slowest[verdict] <= limit, "%s: %s takes up to %.1f x sha256, limit %d" %
                  (TIMED, verdict, slowest[verdict], limit))


def digest_time(path):
    best = None
    for _ in range(3):
        start = time.monotonic()
        subprocess.run(["openssl", "dgst", "-sha256", path], check=True, stdout=subprocess.DEVNULL)
        took = time.monotonic() - start
        best = took if best is None else min(best, took)
    return best


def changed(report):
    return [item for file in report["files"] for item in file["changed"]
            if item["status"] not in SAME]


def changed_kernels(report):
    """How many kernels are told as anything but equal."""
    return sum(value for file in report["files"] if file["kernels"]
               for key, value in file["kernels"].items() if key not in ("total", "equal", "verdict"))


def no_false_alarms(name, reference, work, unit, ways=WAYS):
    report, took = verify(reference, reference)
    check(report["verdict"] == "identical", "%s: itself is %s; %.1f x sha256" %
          (name, report["verdict"], took_ratio(name, "identical", took, unit)))
    for way, command in ways:
        suspect = os.path.join(work, "suspect.so")
        shutil.copy(reference, suspect)
        try:
            subprocess.run(command(suspect), check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            print("SKIPPED %s: %s: %s" % (name, way, error), flush=True)
            continue
        report, took = verify(reference, suspect)
        os.unlink(suspect)
        check(report["verdict"] in ("identical", "repackaged") and not changed(report) and
              not changed_kernels(report) and report["complete"],
              "%s: after %s: %s, %d functions, %d kernels; %.1f x sha256%s" %
              (name, way, report["verdict"], len(changed(report)), changed_kernels(report),
               took_ratio(name, "repackaged", took, unit),
               "" if report["verdict"] in ("identical", "repackaged")
               else "; " + report["files"][0]["reason"]))


def located(reference, found, truth):
    """The functions, by what readelf says of their bounds, in which the found addresses lie."""
    sizes = mutate.functions(reference)
    starts = sorted(sizes)
    places = set()
    for address in found:
        at = bisect.bisect_right(starts, address) - 1
        inside = at >= 0 and address < starts[at] + sizes[starts[at]]
        places.add(starts[at] if inside else address)
    return len(places & truth), len(places - truth)


def nothing_missed(name, reference, manifest, work, unit, counts):
    for count in counts:
        suspect = os.path.join(work, "suspect.so")
        shutil.copy(reference, suspect)
        truth = mutate.mutate(suspect, count, random.Random(count))
        for stripped in (False, True):
            if stripped:
                subprocess.run(["strip", suspect], check=True)
            for against, label in ((reference, "file"), (manifest, "manifest")):
                report, took = verify(against, suspect)
                hits, extra = located(reference, {item["reference_address"] if
                                                  item["reference_address"] is not None else
                                                  item["address"] for item in changed(report)},
                                      truth)
                check(hits == len(truth) and not extra and report["verdict"] == "modified",
                      "%s: %d changed in place%s, by %s: %d found, %d others; %.1f x sha256" %
                      (name, len(truth), ", stripped" if stripped else "", label, hits, extra,
                       took_ratio(name, "modified", took, unit)))


def fetch(requirement):
    """The path of a wheel, or None, said loudly."""
    fetched = subprocess.run([os.path.join(HERE, os.pardir, "fetch-wheels.py"), requirement],
                             stdout=subprocess.PIPE, text=True, check=False)
    if fetched.returncode:
        print("SKIPPED: the wheel of %s cannot be had; nothing was measured" % requirement)
        return None
    return fetched.stdout.strip()


def has_room(what):
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if free < ROOM:
        print("SKIPPED: %s: %.1f GB are free in %s, 10 are needed" %
              (what, free / 1e9, tempfile.gettempdir()))
    return free >= ROOM


def host_library(name, wheel, quick):
    """No alarm, and nothing missed, on a library of the host's code."""
    with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
        with zipfile.ZipFile(wheel) as archive:
            reference = archive.extract("torch/lib/" + name, work)
        unit = digest_time(reference)
        manifest = os.path.join(work, name + ".elfref")
        subprocess.run([ELFLEFT, "index", "build", "--reference", "-o", manifest, reference],
                       check=True, stdout=subprocess.DEVNULL)
        code = mutate.sections(reference)[".text"][2]
        share = 100 * os.path.getsize(manifest) / code
        check(share <= 14 or code < 1 << 21, "%s: manifest %.1f %% of the code" % (name, share))
        no_false_alarms(name, reference, work, unit)
        nothing_missed(name, reference, manifest, work, unit,
                       (1, 10) if quick else (1, 10, 100, 1000))


def device_libraries(wheel, wanted, quick):
    """No alarm on libraries that are mostly device code: one at a time, each deleted after it. A
    quick run tries every third way on those above SLOW bytes."""
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if wanted in os.path.basename(name) and
                       ".so" in name)
        for name in names:
            with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
                reference = archive.extract(name, work)
                every = 3 if quick and os.path.getsize(reference) > SLOW else 1
                no_false_alarms(os.path.basename(name), reference, work, digest_time(reference),
                                WAYS[::every])


def machine(name):
    """The number of "sm_90a"."""
    return int(name.split("_")[-1].rstrip("af"))


def kernels_of(name, reference, work, counts):
    for count in counts:
        for way in repack.WAYS:
            suspect = os.path.join(work, "suspect.so")
            shutil.copy(reference, suspect)
            truth = collections.Counter(repack.repack(suspect, count, way, random.Random(count)))
            report, took = verify(reference, suspect)
            os.unlink(suspect)
            found = collections.Counter((machine(item["arch"]), item["name"])
                                        for file in report["files"]
                                        for item in file["changed_kernels"])
            fewer = sum(truth.values()) < count
            check(found == truth and len(truth) > count // 10 and not changed(report) and
                  report["verdict"] == "modified",
                  "%s: %d kernels changed%s, packed anew as %s: %d found, %d others, %s; %.1f s" %
                  (name, len(truth), " (as many as there are)" if fewer else "", way,
                   sum((found & truth).values()),
                   sum((found - truth).values()), report["verdict"], took))


def kernels(quick, wanted):
    counts = (10, 1000) if quick else (1, 10, 100, 1000)
    for requirement, member in ((TORCH, "torch/lib/libtorch_cuda_linalg.so"),
                                (NCCL, "nvidia/nccl/lib/libnccl.so.2"),
                                (TORCH, "torch/lib/libtorch_cuda.so")):
        if wanted and wanted != os.path.basename(member):
            continue
        wheel = fetch(requirement)
        if not wheel or not has_room(member):
            continue
        with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
            with zipfile.ZipFile(wheel) as archive:
                reference = archive.extract(member, work)
            kernels_of(os.path.basename(member), reference, work, counts)


def verify_measured(reference, suspect):
    """The report, seconds, and the peak of RssAnon over all processes."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        process = subprocess.Popen([ELFLEFT, "verify", "--reference", reference, "-f", "json",
                                    suspect], stdout=out)
        memory = bench.Memory(process.pid)
        memory.start()
        process.wait()
        took = time.monotonic() - start
        memory.ended.set()
        memory.join()
        out.seek(0)
        return json.load(out), took, memory.peak


def tell_file(file):
    """One line about a binary that is not as it was."""
    functions, parts = file["functions"], []
    if functions:
        same = sum(functions[key] for key in SAME)
        parts.append("%d of %d functions the same (%.1f %%)" %
                     (same, functions["total"], 100 * same / max(functions["total"], 1)))
        parts.append(", ".join("%s %d" % (key, functions[key]) for key in
                               ("modified", "retargeted", "immediates_only", "added", "removed")))
    if file["kernels"]:
        parts.append("kernels: " + ", ".join("%s %s" % item for item in file["kernels"].items()))
    print("     %s: %s%s; %s" % (file["path"], file["verdict"],
                                 file["reason"] and " (%s)" % file["reason"], "; ".join(parts)))


def releases():
    """Two releases: what changed, and how much is the same."""
    wheels = [fetch(TORCH), fetch(NEXT)]
    if not all(wheels) or not has_room("two releases"):
        return
    report, took, peak = verify_measured(*wheels)
    check(report["verdict"] in ("modified", "rebuilt") and report["complete"],
          "%s against %s: %s; %.0f s" % (TORCH, NEXT, report["verdict"], took))
    check(peak < MEMORY, "%s against %s: peak memory %.0f MB, limit 1,074" % (TORCH, NEXT, peak / 1e6))
    print("     files: " + ", ".join("%s %d" % item for item in report["summary"].items() if item[1]))
    others = collections.Counter()
    for file in report["files"]:
        if file["functions"] or file["kernels"] or ".so" in (file["path"] or ""):
            tell_file(file)
        else:
            path = file["path"] or file["reference_path"]
            others[os.path.splitext(path)[1] or "no suffix", file["verdict"]] += 1
    print("     other files: " + ", ".join("%s %s %d" % (*key, count)
                                           for key, count in sorted(others.items())))


def record_of(folder, prefix):
    lines = []
    for directory, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                data = file.read()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            if not path.endswith("/RECORD"):
                lines.append("%s,sha256=%s,%d" % (os.path.relpath(path, folder), digest, len(data)))
    return "\n".join(sorted(lines)) + "\n%s/RECORD,,\n" % prefix


def zip_folder(folder, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for directory, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                full = os.path.join(directory, name)
                archive.write(full, os.path.relpath(full, folder))


def rezip():
    """Whole wheels: zipped anew; and with a library renamed as auditwheel renames one."""
    for requirement in (NCCL, CUDNN, TORCH):
        wheel = fetch(requirement)
        if not wheel or not has_room(requirement):
            continue
        with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
            folder, again = os.path.join(work, "tree"), os.path.join(work, os.path.basename(wheel))
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
            zip_folder(folder, again)
            if requirement != NCCL:
                shutil.rmtree(folder)
            report, took, peak = verify_measured(wheel, again)
            check(report["verdict"] == "identical" and report["complete"],
                  "%s zipped anew: %s; %.0f s" % (requirement, report["verdict"], took))
            check(peak < MEMORY, "%s: peak memory %.0f MB, limit 1,074" % (requirement, peak / 1e6))
            if requirement == NCCL:
                renamed(wheel, folder, again)


def renamed(wheel, folder, again):
    target = os.path.join(folder, "nvidia_nccl_cu12.libs", "libnccl-0a1b2c3d.so.2")
    os.makedirs(os.path.dirname(target))
    os.rename(os.path.join(folder, "nvidia/nccl/lib/libnccl.so.2"), target)
    subprocess.run(["patchelf", "--set-soname", os.path.basename(target), target], check=True)
    info = glob.glob(os.path.join(folder, "*.dist-info"))[0]
    with open(os.path.join(info, "RECORD"), "w", encoding="utf-8") as file:
        file.write(record_of(folder, os.path.basename(info)))
    zip_folder(folder, again)
    report, took = verify(wheel, again)
    check(report["verdict"] == "repackaged" and not changed(report) and not changed_kernels(report),
          "%s renamed as auditwheel does: %s; %.0f s" % (NCCL, report["verdict"], took))


def main():
    quick = "--quick" in sys.argv
    parts = [word for word in sys.argv[1:] if word != "--quick"] or [
        *LIBRARIES, *LARGE, "cudnn", "nccl", "kernels", "releases", "rezip"]
    for part in parts:
        if part in LIBRARIES or part in LARGE:
            wheel = fetch(TORCH)
            if wheel and part in LIBRARIES:
                host_library(part, wheel, quick)
            elif wheel and has_room(part):
                device_libraries(wheel, part, quick)
        elif part in ("cudnn", "nccl"):
            wheel = fetch(CUDNN if part == "cudnn" else NCCL)
            if wheel and has_room(part):
                device_libraries(wheel, "lib" + part, quick)
        elif part.split(":")[0] == "kernels":
            kernels(quick, part.partition(":")[2])
        else:
            {"releases": releases, "rezip": rezip}[part]()
    check_times()
    print("%d failures" % len(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
