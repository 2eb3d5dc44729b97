# SPDX-License-Identifier: BSD-2-Clause
"""Where make index leaves the default index."""
import os


def default():
    """Its path; "" when it was not made."""
    base = os.environ.get("ELFLEFT_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "elfleft")
    path = os.path.join(base, "index", "default.elfidx")
    return path if os.path.exists(path) else ""
