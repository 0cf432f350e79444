"""What robots.txt allows and how slowly, kept for as long as it holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from newsetl.errors import FetchError
from newsetl.fetch.exchange import USER_AGENT_NAME
from newsetl.fetch.throttle import TRANSIENT_STATUSES
from newsetl.model import Capture

# Seconds that a robots.txt holds (RFC 9309, 2.4), and that nothing is asked where it cannot be read.
ROBOTS_TTL, ROBOTS_ERROR_TTL = 24 * 3600.0, 600.0


@dataclass(frozen=True, slots=True)
class RobotsTxt:
    """One robots.txt, good until `until` (monotonic). Without rules it could not be read: `failure`."""

    rules: Protego | None
    failure: str
    expires_at: float

    def get_denial(self, url: str) -> str | None:
        """Why `url` must not be asked; None if it may be."""
        if self.rules is None:
            return f"cannot be read ({self.failure})"
        return None if self.rules.can_fetch(url, USER_AGENT_NAME) else "forbids it"

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between two requests that it asks for."""
        return self.rules.crawl_delay(USER_AGENT_NAME) if self.rules is not None else None


class RobotsCache:
    """The robots.txt of each origin (scheme://host); `get` asks for one and raises FetchError."""

    def __init__(self, fetch: Callable[[str], Capture]) -> None:
        self._fetch = fetch
        self._cache: dict[str, RobotsTxt] = {}

    def get_cached(self, origin: str) -> RobotsTxt | None:
        """The last one read, whatever its age."""
        return self._cache.get(origin)

    def load(self, origin: str) -> RobotsTxt:
        """The one in force, asked for if need be; none there (4xx) allows all, one that fails nothing.

        RFC 9309, 2.3.1. As 429 asks for patience, it counts as failing.
        """
        known = self._cache.get(origin)
        if known and known.expires_at > time.monotonic():
            return known
        rules, failure = None, ""
        try:
            rules = Protego.parse(self._fetch(f"{origin}/robots.txt").body.decode("utf-8-sig", "replace"))
        except FetchError as error:
            failure, status = str(error), error.capture.status if error.capture else 0
            if 400 <= status < 500 and status not in TRANSIENT_STATUSES:
                rules = Protego.parse("")
        age = ROBOTS_TTL if rules is not None else ROBOTS_ERROR_TTL
        self._cache[origin] = RobotsTxt(rules, failure, time.monotonic() + age)
        return self._cache[origin]
