"""What robots.txt allows and how slowly, kept for as long as it holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from newsetl.errors import FetchError
from newsetl.fetch.exchange import ROBOT
from newsetl.fetch.throttle import PASSING
from newsetl.model import Capture

# Seconds that a robots.txt holds (RFC 9309, 2.4), and that nothing is asked where it cannot be read.
ROBOTS_AGE, NO_ROBOTS_AGE = 24 * 3600.0, 600.0


@dataclass(frozen=True, slots=True)
class Robots:
    """One robots.txt, good until `until` (monotonic). Without rules it could not be read: `failure`."""

    rules: Protego | None
    failure: str
    until: float

    def verdict(self, url: str) -> str | None:
        """Why `url` must not be asked; None if it may be."""
        if self.rules is None:
            return f"cannot be read ({self.failure})"
        return None if self.rules.can_fetch(url, ROBOT) else "forbids it"

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between two requests that it asks for."""
        return self.rules.crawl_delay(ROBOT) if self.rules is not None else None


class RobotsFiles:
    """The robots.txt of each origin (scheme://host); `get` asks for one and raises FetchError."""

    def __init__(self, get: Callable[[str], Capture]) -> None:
        self._get = get
        self._known: dict[str, Robots] = {}

    def known(self, origin: str) -> Robots | None:
        """The last one read, whatever its age."""
        return self._known.get(origin)

    def of(self, origin: str) -> Robots:
        """The one in force, asked for if need be; none there (4xx) allows all, one that fails nothing.

        RFC 9309, 2.3.1. As 429 asks for patience, it counts as failing.
        """
        known = self._known.get(origin)
        if known and known.until > time.monotonic():
            return known
        rules, failure = None, ""
        try:
            rules = Protego.parse(self._get(f"{origin}/robots.txt").body.decode("utf-8-sig", "replace"))
        except FetchError as error:
            failure, status = str(error), error.capture.status if error.capture else 0
            if 400 <= status < 500 and status not in PASSING:
                rules = Protego.parse("")
        age = ROBOTS_AGE if rules is not None else NO_ROBOTS_AGE
        self._known[origin] = Robots(rules, failure, time.monotonic() + age)
        return self._known[origin]
