#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""elfleft verify on PyTorch's official wheel: no false alarm after everything packagers do, and every
function found that a seeded mutator (tests/lib/mutate.py) changed in place. Times are ratios to
`openssl dgst -sha256` of the same bytes; the size of a manifest is a share of the code.

usage: verify.py [--quick] [LIBRARY...]    (default: libtorch_cpu, libtorch_python, libc10, libshm)"""
import bisect
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import mutate  # noqa: E402

ROOT = os.path.join(HERE, os.pardir, os.pardir)
ELFLEFT = os.path.realpath(os.environ.get("ELFLEFT", os.path.join(ROOT, "build", "elfleft")))
LIBRARIES = ("libtorch_cpu.so", "libtorch_python.so", "libc10.so", "libshm.so")
SAME = ("identical", "relocated", "renamed", "folded")
WAYS = (
    ("strip", lambda path: ["strip", path]),
    ("strip --strip-unneeded", lambda path: ["strip", "--strip-unneeded", path]),
    ("remove .comment", lambda path: ["objcopy", "--remove-section", ".comment", path]),
    ("add a section", lambda path: ["objcopy", "--add-section", ".extra=/etc/os-release", path]),
    ("eu-strip", lambda path: ["eu-strip", path]),
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


def no_false_alarms(name, reference, work, unit):
    report, took = verify(reference, reference)
    check(report["verdict"] == "identical", "%s: itself is %s; %.1f x sha256" %
          (name, report["verdict"], took_ratio(name, "identical", took, unit)))
    for way, command in WAYS:
        suspect = os.path.join(work, "suspect.so")
        shutil.copy(reference, suspect)
        try:
            subprocess.run(command(suspect), check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            print("skip %s: %s: %s" % (name, way, error))
            continue
        report, took = verify(reference, suspect)
        check(report["verdict"] == "repackaged" and not changed(report),
              "%s: after %s: %s, %d functions; %.1f x sha256" %
              (name, way, report["verdict"], len(changed(report)),
               took_ratio(name, "repackaged", took, unit)))


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


def main():
    quick = "--quick" in sys.argv
    names = [word for word in sys.argv[1:] if word != "--quick"] or LIBRARIES
    fetched = subprocess.run([os.path.join(HERE, os.pardir, "fetch-wheels.py"), "torch==2.7.0"],
                             stdout=subprocess.PIPE, text=True, check=False)
    if fetched.returncode:
        print("SKIPPED: the wheel of torch 2.7.0 cannot be had; nothing was measured")
        return 0
    with tempfile.TemporaryDirectory(prefix="elfleft-verify-") as work:
        with zipfile.ZipFile(fetched.stdout.strip()) as wheel:
            for name in names:
                wheel.extract("torch/lib/" + name, work)
        for name in names:
            reference = os.path.join(work, "torch", "lib", name)
            unit = digest_time(reference)
            manifest = os.path.join(work, name + ".elfref")
            subprocess.run([ELFLEFT, "verify", "--write-reference", manifest, reference],
                           check=True, stdout=subprocess.DEVNULL)
            code = mutate.sections(reference)[".text"][2]
            share = 100 * os.path.getsize(manifest) / code
            check(share <= 14 or code < 1 << 21, "%s: manifest %.1f %% of the code" % (name, share))
            no_false_alarms(name, reference, work, unit)
            nothing_missed(name, reference, manifest, work, unit,
                           (1, 10) if quick else (1, 10, 100, 1000))
            for path in glob.glob(os.path.join(work, "suspect*")):
                os.unlink(path)
    check_times()
    print("%d failures" % len(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
