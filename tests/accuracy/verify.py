#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""elfleft verify on what PyPI has of PyTorch: no false alarm after everything packagers do, every function
found that a seeded mutator (tests/lib/mutate.py) changed in place, and every kernel of containers that
were packed anew (tests/lib/repack.py). Two releases are compared, and whole wheels. Times are ratios
to `openssl dgst -sha256` of the same bytes; the size of a manifest is a share of the code; peak memory
is the sum over all processes, with their shares of mapped files and without.

usage: verify.py [--quick] [PART...]    PART: a library of LIBRARIES, LARGE, a wheel of WHEELS, kernels
                                        (or kernels:libnccl.so.2), aarch64, debian, whole, releases,
                                        rezip, scan; default: all"""
import bisect
import collections
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import fatbin  # noqa: E402
import mutate  # noqa: E402
import repack  # noqa: E402
import verification  # noqa: E402
import wheelfile  # noqa: E402
from verification import (changed, changed_kernels, check, check_memory, is_same,  # noqa: E402
                          reasons, SAME)

LIBRARIES = ("libtorch_cpu.so", "libtorch_python.so", "libc10.so", "libshm.so")
LARGE = ("libtorch_cuda.so",)
TORCH, NEXT = "torch==2.7.0", "torch==2.7.1"
CUDNN, NCCL = "nvidia-cudnn-cu12==9.5.1.17", "nvidia-nccl-cu12==2.26.2"
CUBLAS = "nvidia-cublas-cu12==12.6.4.1"
DEBIAN = "/usr/lib/*/libtorch_cpu.so.1.13"
WHEELS = {"cudnn": CUDNN, "nccl": NCCL, "cublas": CUBLAS}
RUNTIME = "nvidia-cuda-runtime-cu12==12.6.77"
CUDNN_KERNELS = ("engines_precompiled", "ops", "adv", "cnn", "engines_runtime_compiled")
SLOW = 100 << 20
ROOM = 10 << 30  # bytes that have to be free for the large ones
SMALL_CODE = 1 << 21  # bytes of code below which the head of a manifest counts
MANIFEST_SHARE, MANIFEST_KERNEL = 0.14, 64
PACKED = 20  # containers of a library that are packed anew where they are


def ways(prefix=""):
    """What packagers do to a file; prefix: of the binutils for its machine."""
    return (
        ("strip", lambda path: [prefix + "strip", path]),
        ("strip --strip-unneeded", lambda path: [prefix + "strip", "--strip-unneeded", path]),
        ("remove .comment", lambda path: [prefix + "objcopy", "--remove-section", ".comment", path]),
        ("add a section", lambda path: [prefix + "objcopy", "--add-section",
                                        ".extra=/etc/os-release", path]),
        ("eu-strip", lambda path: ["eu-strip", path]),
        ("compress debug sections", lambda path: [prefix + "objcopy", "--compress-debug-sections",
                                                  path]),
        ("set-rpath", lambda path: ["patchelf", "--set-rpath", "$ORIGIN/../other" * 20, path]),
        ("set-soname", lambda path: ["patchelf", "--set-soname", "libx-01234567.so.1.2", path]),
        ("replace-needed", lambda path: ["patchelf", "--replace-needed", "libc.so.6",
                                         "libc-01234567.so.6", path]),
    )


def judge(name, way, report, ratio):
    check(is_same(report), "%s: after %s: %s, %d functions, %d kernels; %.1f x sha256%s" %
          (name, way, report["verdict"], len(changed(report)), changed_kernels(report), ratio,
           reasons(report)))


def no_false_alarms(clock, reference, work, which):
    report, ratio = clock.run(reference, reference, "identical")
    check(report["verdict"] == "identical", "%s: itself is %s; %.1f x sha256" %
          (clock.name, report["verdict"], ratio))
    for way, command in which:
        suspect = os.path.join(work, "suspect.so")
        shutil.copy(reference, suspect)
        try:
            subprocess.run(command(suspect), check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            print("SKIPPED %s: %s: %s" % (clock.name, way, error), flush=True)
            continue
        judge(clock.name, way, *clock.run(reference, suspect, "repackaged"))
        os.unlink(suspect)
    packed_anew(clock, reference, work)


def packed_anew(clock, reference, work):
    """As a wheel of its own that is zipped anew, and where auditwheel would put it."""
    folder, member = os.path.join(work, "tree"), "package/lib/" + clock.name
    wheel, again = (os.path.join(work, name + "-1.0-py3-none-any.whl") for name in ("a", "b"))
    os.makedirs(os.path.join(folder, "package/lib"))
    os.makedirs(os.path.join(folder, "package-1.0.dist-info"))
    shutil.copy(reference, os.path.join(folder, member))
    with open(os.path.join(folder, "package-1.0.dist-info/METADATA"), "w", encoding="ascii") as file:
        file.write("Name: package\nVersion: 1.0\n")
    wheelfile.write_record(folder)
    wheelfile.zip_folder(folder, wheel)
    wheelfile.zip_folder(folder, again, zipfile.ZIP_DEFLATED)
    judge(clock.name, "zipping it anew", *clock.run(wheel, again, None))
    wheelfile.graft(folder, member, "package")
    wheelfile.write_record(folder)
    wheelfile.zip_folder(folder, again)
    shutil.rmtree(folder)
    report, ratio = clock.run(wheel, again, None)
    judge(clock.name, "renaming it as auditwheel does", report, ratio)
    for path in (wheel, again):
        os.unlink(path)


def located(reference, found, truth):
    """The functions, by what readelf says of their bounds, in which the found addresses lie."""
    sizes = mutate.functions(reference)
    starts = sorted(sizes)
    found_in = set()
    for address in truth.without_caves(found):
        at = bisect.bisect_right(starts, address) - 1
        inside = at >= 0 and address < starts[at] + sizes[starts[at]]
        found_in.add(starts[at] if inside else address)
    return len(found_in & truth), len(found_in - truth)


def places(report):
    return {item["reference_address"] if item["reference_address"] is not None else item["address"]
            for item in changed(report)}


def nothing_missed(clock, reference, manifest, work, counts, strip="strip"):
    for count in counts:
        suspect = os.path.join(work, "suspect.so")
        shutil.copy(reference, suspect)
        truth = mutate.mutate(suspect, count, random.Random(count))
        for stripped in (False, True):
            if stripped:
                subprocess.run([strip, suspect], check=True)
            for against, label in ((reference, "file"), (manifest, "manifest")):
                report, ratio = clock.run(against, suspect, "modified")
                hits, extra = located(reference, places(report), truth)
                check(hits == len(truth) == count and not extra and report["verdict"] == "modified",
                      "%s: %d changed in place, %d with a cave%s, by %s: %d found, %d others; "
                      "%.1f x sha256" % (clock.name, len(truth), len(truth.caves),
                                         ", stripped" if stripped else "", label, hits, extra,
                                         ratio))


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


def check_manifest(name, reference, work):
    """Its path. What it may take is told by readelf and by a count of kernels of our own."""
    manifest = os.path.join(work, name + ".elfref")
    said = verification.write_manifest(reference, manifest)
    code = mutate.sections(reference)[".text"][2]
    size, kernels = os.path.getsize(manifest), fatbin.count_kernels(reference)
    limit = MANIFEST_SHARE * code + MANIFEST_KERNEL * kernels
    check(size <= limit or code < SMALL_CODE,
          "%s: manifest of %d bytes, %.1f %% of the code, for %d kernels%s; limit %.0f" %
          (name, size, 100 * size / code, kernels,
           ": %.1f bytes a kernel beside 14 %% of the code" %
           (max(0, size - MANIFEST_SHARE * code) / kernels) if kernels else "", limit))
    told = said.rstrip("\n").replace(manifest, os.path.basename(manifest))
    check("%d kernels" % kernels in told and " %, " in told, "     it is said: " +
          told.replace("\n", "\n     "))
    return manifest


def host_library(name, wheel, quick, prefix=""):
    """No alarm, and nothing missed, on a library of the host's code."""
    with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
        with zipfile.ZipFile(wheel) as archive:
            reference = archive.extract("torch/lib/" + name, work)
        host_file(name + (" of aarch64" if prefix else ""), reference, work, quick, prefix)


def host_file(name, reference, work, quick, prefix=""):
    clock = verification.Clock(name, reference)
    manifest = check_manifest(name, reference, work)
    no_false_alarms(clock, reference, work, ways(prefix))
    nothing_missed(clock, reference, manifest, work,
                   (1, 10) if quick or name == "libshm.so" else
                   (1, 10, 100) if name == "libc10.so" else (1, 10, 100, 1000), prefix + "strip")


def debian(quick):
    """Debian's library, which is stripped: what has no name is found by its address."""
    for path in glob.glob(DEBIAN):
        with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
            reference = os.path.join(work, os.path.basename(path))
            shutil.copy(path, reference)
            host_file(os.path.basename(path), reference, work, quick)
        return
    print("SKIPPED: debian: libtorch1.13 is not installed")


def device_libraries(wheel, wanted, quick):
    """No alarm on libraries that are mostly device code: one at a time, each deleted after it. A
    quick run tries every third way on those above SLOW bytes."""
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if wanted in os.path.basename(name) and
                       ".so" in name)
        for name in names:
            with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
                reference = archive.extract(name, work)
                clock = verification.Clock(os.path.basename(name), reference)
                every = 3 if quick and os.path.getsize(reference) > SLOW else 1
                manifest = check_manifest(clock.name, reference, work)
                no_false_alarms(clock, reference, work, ways()[::every])
                if clock.name in LARGE:
                    nothing_missed(clock, reference, manifest, work, (10,) if quick else (10, 1000))


def machine(name):
    """The number of "sm_90a"."""
    return int(name.split("_")[-1].rstrip("af"))


def kernels_found(files):
    return collections.Counter((machine(item["arch"]), item["name"]) for file in files
                               for item in file["changed_kernels"])


def packed_in_place(clock, reference, work):
    """Containers that were compressed in another way and have room at their end: nothing is modified.
    It takes every kernel of both sides to say so, as where some are modified, and may take as long."""
    suspect = os.path.join(work, "suspect.so")
    shutil.copy(reference, suspect)
    count = repack.pack_in_place(suspect, PACKED, "zstd", random.Random(PACKED))
    if count:
        report, ratio = clock.run(reference, suspect, "modified")
        check(is_same(report) and report["verdict"] == "repackaged",
              "%s: %d containers packed anew as zstd where they were: %s; %.1f x sha256%s" %
              (clock.name, count, report["verdict"], ratio, reasons(report)))
    else:
        print("SKIPPED %s: no container takes less as zstd" % clock.name, flush=True)
    os.unlink(suspect)


def swapped(clock, reference, work):
    """Two registrations that lead to each other's containers: every kernel is there, others run."""
    address, _, size = mutate.sections(reference).get(".nvFatBinSegment", (0, 0, 0))
    suspect = os.path.join(work, "suspect.so")
    shutil.copy(reference, suspect)
    if repack.swap_registrations(suspect, (address, size)):
        report, ratio = clock.run(reference, suspect, "modified")
        told = [file["reason"] for file in report["files"] if "registrations" in file["reason"]]
        check(report["verdict"] == "modified" and told and not changed_kernels(report),
              "%s: two registrations swapped: %s (%s); %.1f x sha256" %
              (clock.name, report["verdict"], "; ".join(told), ratio))
    else:
        print("SKIPPED %s: fewer than four registrations" % clock.name, flush=True)
    os.unlink(suspect)


def kernels_of(clock, reference, work, counts):
    for count in counts:
        for way in repack.WAYS:
            suspect = os.path.join(work, "suspect.so")
            shutil.copy(reference, suspect)
            truth = collections.Counter(repack.repack(suspect, count, way, random.Random(count)))
            report, ratio = clock.run(reference, suspect, "modified")
            os.unlink(suspect)
            found = kernels_found(report["files"])
            fewer = sum(truth.values()) < count
            total = sum(file["kernels"]["total"] for file in report["files"] if file["kernels"])
            # Where most of them differ, it might be another build, unless PTX that is the same for
            # other machines speaks against it: that has no count of its own here.
            verdicts = ("rebuilt", "modified") if 2 * len(truth) > total else ("modified",)
            check(found == truth and len(truth) > count // 10 and not changed(report) and
                  report["verdict"] in verdicts,
                  "%s: %d kernels changed%s, packed anew as %s: %d found, %d others, %s; "
                  "%.1f x sha256" %
                  (clock.name, len(truth), " (as many as there are)" if fewer else "", way,
                   sum((found & truth).values()),
                   sum((found - truth).values()), report["verdict"], ratio))


def kernels(quick, wanted):
    counts = (10, 1000) if quick else (1, 10, 100, 1000)
    for requirement, member in (
            (TORCH, "torch/lib/libtorch_cuda_linalg.so"), (NCCL, "nvidia/nccl/lib/libnccl.so.2"),
            *((CUDNN, "nvidia/cudnn/lib/libcudnn_%s.so.9" % part) for part in CUDNN_KERNELS),
            (TORCH, "torch/lib/libtorch_cuda.so")):
        if wanted and wanted != os.path.basename(member):
            continue
        wheel = fetch(requirement)
        if not wheel or not has_room(member):
            continue
        with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
            with zipfile.ZipFile(wheel) as archive:
                reference = archive.extract(member, work)
            clock = verification.Clock(os.path.basename(member), reference)
            packed_in_place(clock, reference, work)
            swapped(clock, reference, work)
            kernels_of(clock, reference, work, counts)


def zipped_anew(wheel, work):
    """A folder with what is in a wheel, and a wheel of it."""
    folder, again = os.path.join(work, "tree"), os.path.join(work, os.path.basename(wheel))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    wheelfile.zip_folder(folder, again)
    return folder, again


def aarch64(quick):
    """The wheel for AArch64 against itself, and its largest library like that of x86-64."""
    wheel, prefix = fetch(TORCH + "@aarch64"), "aarch64-linux-gnu-"
    if not wheel or not shutil.which(prefix + "strip"):
        print("SKIPPED: aarch64: no wheel or no %sstrip" % prefix)
        return
    with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
        folder, again = zipped_anew(wheel, work)
        shutil.rmtree(folder)
        report, _ = verification.run(wheel, again)
        check(report["verdict"] == "identical" and report["complete"],
              "the wheel for aarch64 zipped anew: " + report["verdict"])
    host_library("libtorch_cpu.so", wheel, quick, prefix)


PATCHED = (("libtorch_cpu.so", 1000, 0), ("libtorch_python.so", 100, 0), ("libc10.so", 10, 0),
           ("libtorch_cuda_linalg.so", 10, 100), ("libtorch_cuda.so", 100, 1000))


def patch_large(folder):
    """{library: (functions, kernels)} that were changed in an unpacked wheel."""
    truth = {}
    for name, functions, number in PATCHED:
        path = os.path.join(folder, "torch/lib", name)
        truth[name] = (mutate.mutate(path, functions, random.Random(functions)),
                       collections.Counter(repack.repack(path, number, "lz4", random.Random(number))
                                           if number else ()))
    with open(os.path.join(folder, "torch/_ops.py"), "a", encoding="utf-8") as file:
        file.write("# changed\n")
    return truth


def check_patched(what, report, original, truth):
    files = {os.path.basename(file["path"] or file["reference_path"]): file
             for file in report["files"]}
    for name, (functions, device) in truth.items():
        file = files[name]
        hits, extra = located(os.path.join(original, "torch/lib", name), places({"files": [file]}),
                              functions)
        found = kernels_found([file])
        check(file["verdict"] == "modified" and hits == len(functions) and not extra and
              found == device,
              "%s: %s: %d of %d functions found, %d others; %d of %d kernels, %d others" %
              (what, name, hits, len(functions), extra, sum((found & device).values()),
               sum(device.values()), sum((found - device).values())))
    others = sorted(name for name, file in files.items() if name not in truth and
                    file["verdict"] not in ("identical", "repackaged"))
    check(others == ["_ops.py"] and report["complete"] and report["verdict"] == "modified",
          "%s: beside these: %s" % (what, ", ".join(others)))


def whole():
    """A whole wheel whose large libraries were patched: in place, and then moved by patchelf."""
    wheel = fetch(TORCH)
    if not wheel or not has_room("a whole wheel"):
        return
    with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
        original, folder = os.path.join(work, "original"), os.path.join(work, "tree")
        again = os.path.join(work, os.path.basename(wheel))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(original)
        shutil.copytree(original, folder)
        truth = patch_large(folder)
        unit = verification.digest_time(wheel)
        for what in ("patched", "patched, and moved"):
            if what != "patched":
                for name in truth:
                    subprocess.run(["patchelf", "--set-rpath", "$ORIGIN/../other" * 20,
                                    os.path.join(folder, "torch/lib", name)], check=True)
            wheelfile.write_record(folder)
            wheelfile.zip_folder(folder, again)
            report, took, peaks = verification.run_measured(wheel, again)
            check_patched(what, report, original, truth)
            check_memory("the whole wheel, %s; %.0f s (sha256 of it %.1f s)" % (what, took, unit),
                         peaks)


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
    report, took, peaks = verification.run_measured(*wheels)
    check(report["verdict"] in ("modified", "rebuilt") and report["complete"],
          "%s against %s: %s; %.0f s" % (TORCH, NEXT, report["verdict"], took))
    check_memory("%s against %s" % (TORCH, NEXT), peaks)
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


def rezip():
    """Whole wheels: zipped anew; and with a library renamed as auditwheel renames one."""
    for requirement in (NCCL, CUDNN, TORCH):
        wheel = fetch(requirement)
        if not wheel or not has_room(requirement):
            continue
        with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
            folder, again = zipped_anew(wheel, work)
            if requirement == TORCH:
                shutil.rmtree(folder)
            report, took, peaks = verification.run_measured(wheel, again)
            check(report["verdict"] == "identical" and report["complete"],
                  "%s zipped anew: %s; %.0f s" % (requirement, report["verdict"], took))
            check_memory(requirement, peaks)
            if requirement != TORCH:
                grafted(requirement, wheel, folder, again)


def grafted(requirement, wheel, folder, again):
    package = requirement.split("==")[0].replace("-", "_")
    for member in wheelfile.paths_of(folder):
        if ".so" in os.path.basename(member):
            wheelfile.graft(folder, member, package)
    wheelfile.write_record(folder)
    wheelfile.zip_folder(folder, again)
    report, took = verification.run(wheel, again)
    check(is_same(report), "%s renamed as auditwheel does: %s; %.0f s%s" %
          (requirement, report["verdict"], took, reasons(report)))


def scan():
    """The verdict on a real library changes what its licence asks for."""
    wheel = fetch(RUNTIME)
    if not wheel:
        return
    with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
        folder, suspect = os.path.join(work, "tree"), os.path.join(work, os.path.basename(wheel))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        for what in ("as it was", "given an RPATH", "patched"):
            for path in glob.glob(os.path.join(folder, "nvidia/*/lib/libcudart.so.*")):
                if what == "given an RPATH":
                    subprocess.run(["patchelf", "--set-rpath", "$ORIGIN", path], check=True)
                elif what == "patched":
                    mutate_stripped(path)
            wheelfile.write_record(folder)
            wheelfile.zip_folder(folder, suspect)
            check_scan(what, wheel, suspect)


def mutate_stripped(path):
    """One constant in the code of a library without symbols."""
    _, offset, size = mutate.sections(path)[".text"]
    with open(path, "r+b") as file:
        code = file.read()[offset:offset + size]
        file.seek(offset + code.index(b"\xb8\x01\x00\x00\x00") + 1)  # mov $1, %eax
        file.write(b"\x02")


def check_scan(what, wheel, suspect):
    done = subprocess.run([verification.ELFLEFT, "scan", "--tiers", "link", "--reference", wheel,
                           "-f", "json", suspect], capture_output=True, check=False)
    report = json.loads(done.stdout)
    verdicts = {file["verdict"] for file in report["files"] if "libcudart" in file["path"]}
    found = [finding for finding in report["findings"] if finding["rule"] == "ship-modified"]
    told = ["%s: %s (%s)" % (item["rule"], "/".join(item["outcomes"]),
                             ", ".join(text["text"] for text in item["citation"]))
            for item in found]
    expected = {"as it was": "identical", "given an RPATH": "repackaged",
                "patched": "modified"}[what]
    check(verdicts == {expected} and bool(found) == (what == "patched"),
          "scan of %s, %s: %s; %s" % (RUNTIME, what, "/".join(sorted(map(str, verdicts))),
                                      "; ".join(told) or "nothing of modified copies"))


def main():
    quick = "--quick" in sys.argv
    parts = [word for word in sys.argv[1:] if word != "--quick"] or [
        *LIBRARIES, *LARGE, *WHEELS, "kernels", "aarch64", "debian", "whole", "releases", "rezip",
        "scan"]
    for part in parts:
        if part in LIBRARIES or part in LARGE:
            wheel = fetch(TORCH)
            if wheel and part in LIBRARIES:
                host_library(part, wheel, quick)
            elif wheel and has_room(part):
                device_libraries(wheel, part, quick)
        elif part in WHEELS:
            wheel = fetch(WHEELS[part])
            if wheel and has_room(part):
                device_libraries(wheel, "lib" + part, quick)
        elif part.split(":")[0] == "kernels":
            kernels(quick, part.partition(":")[2])
        elif part in ("aarch64", "debian"):
            {"aarch64": aarch64, "debian": debian}[part](quick)
        else:
            {"releases": releases, "rezip": rezip, "whole": whole, "scan": scan}[part]()
    verification.Clock.judge()
    print("%d failures" % len(verification.failures))
    return 1 if verification.failures else 0


if __name__ == "__main__":
    sys.exit(main())
