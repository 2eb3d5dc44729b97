# SPDX-License-Identifier: BSD-2-Clause
"""The Test Anything Protocol, for tests written in Python."""
import os
import sys

# Sanitizers slow a run down and look for other faults than the plain build does, which tries all.
SANITIZED = "san" in os.path.basename(os.path.realpath(os.environ.get("BUILD", "build")))


class Tap:
    """Counts as it prints; finish() prints the plan and gives the exit status."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, passed, name, notes=()):
        self.count += 1
        self.failed += not passed
        print("%s %d - %s" % ("ok" if passed else "not ok", self.count, clean(name)))
        if not passed:
            for line in notes:
                self.note(line)
        sys.stdout.flush()
        return bool(passed)

    def equal(self, actual, expected, name):
        return self.ok(actual == expected, name, ["expected %r" % (expected,),
                                                  "but got  %r" % (actual,)])

    def skip(self, name, reason):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, clean(name), clean(reason)))

    def note(self, text):
        for line in str(text).splitlines() or [""]:
            print("#   " + line.encode("ascii", "backslashreplace").decode()[:400])

    def finish(self):
        print("1..%d" % self.count)
        return 1 if self.failed else 0


def clean(text):
    return text.replace("#", "\\#").replace("\n", " ")


def skip_all(reason):
    """The whole file is skipped, which prove shows."""
    print("1..0 # SKIP %s" % reason)
    sys.exit(0)
