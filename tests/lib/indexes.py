# SPDX-License-Identifier: BSD-2-Clause
"""Where make index leaves the default index, and those of one release each."""
import os


def of(name):
    """The path of one: "default", "debian-12"; "" when it was not made."""
    base = os.environ.get("ELFLEFT_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "elfleft")
    path = os.path.join(base, "index", name + ".elfidx")
    return path if os.path.exists(path) else ""


def default():
    return of("default")
