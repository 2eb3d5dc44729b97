# SPDX-License-Identifier: BSD-2-Clause
"""Shares with their 95 % intervals."""
import math


def wilson(hits, total):
    """The 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, hits / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (max(0.0, (middle - spread) / (1 + z * z / total)),
            min(1.0, (middle + spread) / (1 + z * z / total)))


def rate(name, hits, total):
    low, high = wilson(hits, total)
    return "%-34s %7.2f %%  [%6.2f, %6.2f]  n=%d" % (
        name, 100.0 * hits / total if total else 0.0, 100 * low, 100 * high, total)
