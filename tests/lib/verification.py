# SPDX-License-Identifier: BSD-2-Clause
"""Runs elfleft verify, and judges what it says, how long it takes and how much memory."""
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "bench"))
import bench  # noqa: E402

ELFLEFT = os.path.realpath(os.environ.get(
    "ELFLEFT", os.path.join(HERE, os.pardir, os.pardir, "build", "elfleft")))
SAME = ("identical", "relocated", "renamed", "folded")
MEMORY = 1000 * 10 ** 6
# Times of `openssl dgst -sha256` of the same bytes that a verdict may take, on these libraries.
TIMED = ("libtorch_cpu.so", "libtorch_cuda.so")
LIMITS = {"identical": 2, "repackaged": 4, "modified": 10}
TRIES = 3  # of a run that took too long: the machine may have had other work
failures = []


def check(passed, text):
    print("%s %s" % ("ok  " if passed else "FAIL", text), flush=True)
    if not passed:
        failures.append(text)


def run(reference, suspect):
    """The report, and how many seconds it took."""
    start = time.monotonic()
    done = subprocess.run([ELFLEFT, "verify", "--reference", reference, "-f", "json", suspect],
                          capture_output=True, check=False)
    return json.loads(done.stdout), time.monotonic() - start


def write_manifest(reference, manifest):
    """Returns what is said of it."""
    return subprocess.run([ELFLEFT, "index", "build", "--reference", "-o", manifest, reference],
                          check=True, stdout=subprocess.PIPE, text=True).stdout


def digest_time(path, runs=3):
    best = None
    for _ in range(runs):
        start = time.monotonic()
        subprocess.run(["openssl", "dgst", "-sha256", path], check=True, stdout=subprocess.DEVNULL)
        took = time.monotonic() - start
        best = took if best is None else min(best, took)
    return best


class Clock:
    """Ratios of the time that verdicts on one library take to the time of a digest of it."""

    slowest = {}  # (library, verdict): ratio
    repeated = 0  # runs that were over their limit at first

    def __init__(self, name, reference):
        self.name, self.reference = name, reference
        self.unit = digest_time(reference)

    def run(self, reference, suspect, verdict):
        """The report and the ratio; verdict: the one that is expected, None where no limit holds."""
        limit = LIMITS[verdict] if verdict and self.name in TIMED else None
        report, took = run(reference, suspect)
        ratios = [took / self.unit]
        while limit is not None and min(ratios) > limit and len(ratios) < TRIES:
            unit = digest_time(self.reference, 1)
            report, took = run(reference, suspect)
            ratios.append(took / max(unit, self.unit))
        ratio = min(ratios)
        if len(ratios) > 1:
            print("REPEATED %s: %s took more than %d x sha256, the best of %d runs counts: %s" %
                  (self.name, verdict, limit, len(ratios),
                   ", ".join("%.2f" % value for value in ratios)), flush=True)
            Clock.repeated += 1
        if limit is not None:
            key = self.name, verdict
            Clock.slowest[key] = max(Clock.slowest.get(key, 0), ratio)
        return report, ratio

    @classmethod
    def judge(cls):
        for (name, verdict), ratio in sorted(cls.slowest.items()):
            check(ratio <= LIMITS[verdict], "%s: %s takes up to %.1f x sha256, limit %d" %
                  (name, verdict, ratio, LIMITS[verdict]))
        if cls.repeated:
            print("%d runs were over their limit at first and REPEATED, see above" % cls.repeated)


def run_measured(reference, suspect):
    """The report, seconds, and peaks over all processes: of memory of their own (RssAnon), and of
    that with their shares of mapped files (PSS)."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        process = subprocess.Popen([ELFLEFT, "verify", "--reference", reference, "-f", "json",
                                    suspect], stdout=out)
        own = bench.Memory(process.pid)
        all_of_it = bench.Memory(process.pid, bench.proportional, 0.02)
        for memory in (own, all_of_it):
            memory.start()
        process.wait()
        took = time.monotonic() - start
        for memory in (own, all_of_it):
            memory.ended.set()
            memory.join()
        out.seek(0)
        return json.load(out), took, (own.peak, all_of_it.peak)


def check_memory(what, peaks):
    check(max(peaks) < MEMORY, "%s: peak memory %.0f MB of its own, %.0f MB with mapped files, "
          "limit %.0f" % (what, *(peak / 1e6 for peak in peaks), MEMORY / 1e6))


def changed(report):
    return [item for file in report["files"] for item in file["changed"]
            if item["status"] not in SAME]


def changed_kernels(report):
    """How many kernels are told as anything but equal."""
    return sum(value for file in report["files"] if file["kernels"]
               for key, value in file["kernels"].items() if key not in ("total", "equal", "verdict"))


def is_same(report):
    """No alarm of any kind."""
    return (report["verdict"] in ("identical", "repackaged") and not changed(report) and
            not changed_kernels(report) and report["complete"])


def reasons(report):
    return "".join("; %s: %s" % (file["path"] or file["reference_path"], file["reason"])
                   for file in report["files"]
                   if file["verdict"] not in ("identical", "repackaged"))
