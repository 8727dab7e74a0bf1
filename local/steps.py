"""Progress, for people who wait: each step with the time it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def step(what: str, say: Callable[[str], None]) -> Iterator[None]:
    """Say what was done once it is done, and how long it took."""
    started = time.monotonic()
    yield
    say(f"  ✓ {what} ({time.monotonic() - started:.1f} s)")
