"""Cache of robots.txt files: allowed URLs and Crawl-delay."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from newsetl.errors import FetchError, TooManyRedirectsError
from newsetl.fetch.exchange import MAX_ROBOTS_BYTES, USER_AGENT_NAME
from newsetl.fetch.throttle import TRANSIENT_STATUSES
from newsetl.model import Capture

# Seconds until a robots.txt expires (RFC 9309, 2.4), and until one that failed is requested again.
ROBOTS_TTL, ROBOTS_ERROR_TTL = 24 * 3600.0, 600.0

_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# A number with a decimal comma, or with a unit behind it.
_CRAWL_DELAY = re.compile(
    r"^([ \t]*crawl-delay[ \t]*:[ \t]*)(\d+)(?:[.,](\d+))?[ \t]*(?:s|secs?|seconds?)?[ \t]*(?=#|$)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class RobotsTxt:
    """One robots.txt, valid until `expires_at` (monotonic clock, s); without rules if `failure` says why."""

    rules: Protego | None
    failure: str
    expires_at: float

    def get_denial(self, url: str) -> str | None:
        """Return why `url` must not be requested, or None if it may be."""
        if self.rules is None:
            return f"cannot be fetched ({self.failure})"
        return None if self.rules.can_fetch(url, USER_AGENT_NAME) else "disallows it"

    @property
    def crawl_delay(self) -> float | None:
        """Crawl-delay for newsetl in seconds, or None."""
        return self.rules.crawl_delay(USER_AGENT_NAME) if self.rules is not None else None


class RobotsCache:
    """robots.txt of each origin (scheme://host). `fetch` requests one and raises FetchError."""

    def __init__(self, fetch: Callable[[str], Capture]) -> None:
        self._fetch = fetch
        self._cache: dict[str, RobotsTxt] = {}

    def get_cached(self, origin: str) -> RobotsTxt | None:
        """Return the origin's last robots.txt, even if it has expired."""
        return self._cache.get(origin)

    def load(self, origin: str) -> RobotsTxt:
        """Return the origin's valid robots.txt, requested if necessary.

        A missing one (4xx, or more than five redirects) allows every URL, and one that fails allows none
        (RFC 9309, 2.3.1). A 429 counts as a failure.
        """
        cached = self._cache.get(origin)
        if cached and cached.expires_at > time.monotonic():
            return cached
        rules, failure = None, ""
        try:
            rules = Protego.parse(_decode_robots(self._fetch(f"{origin}/robots.txt").body))
        except TooManyRedirectsError:
            rules = Protego.parse("")
        except FetchError as error:
            failure, status = str(error), error.capture.status if error.capture else 0
            if 400 <= status < 500 and status not in TRANSIENT_STATUSES:
                rules = Protego.parse("")
        ttl = ROBOTS_TTL if rules is not None else ROBOTS_ERROR_TTL
        self._cache[origin] = RobotsTxt(rules, failure, time.monotonic() + ttl)
        return self._cache[origin]


def _decode_robots(body: bytes) -> str:
    """Return the text of the complete lines within the size limit, each Crawl-delay as a plain number."""
    if len(body) >= MAX_ROBOTS_BYTES:
        body = body[:MAX_ROBOTS_BYTES].rpartition(b"\n")[0]
    encoding = _BYTE_ORDER_MARKS.get(body[:2], "utf-8-sig")
    text = body.decode(encoding, "replace").lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _CRAWL_DELAY.sub(lambda match: f"{match[1]}{match[2]}.{match[3] or 0}", text)
