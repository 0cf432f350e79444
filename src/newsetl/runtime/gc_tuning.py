"""How often Python looks for garbage in our programs."""

from __future__ import annotations

import gc

# New objects before the youngest are looked through, and how often that is done before the older ones are.
# With Python's own 700, 10 and 10 a run looks through all that it has imported and holds over and over, a
# twentieth of its time. With 10 and 10 behind 20,000, the trees of large pages would pile up: 470 MB in place
# of 165 for pages of 8,000 blocks. A worker holds little, and gains nothing.
_THRESHOLDS = 20_000, 2, 5


def reduce_gc_frequency() -> None:
    """From now on this process looks for garbage rarely, if it was not told to look more rarely still."""
    if 0 < gc.get_threshold()[0] < _THRESHOLDS[0]:
        gc.set_threshold(*_THRESHOLDS)
