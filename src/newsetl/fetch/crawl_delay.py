"""Minimum delay between two requests to a host: the source's own, or a longer Crawl-delay."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from newsetl.errors import FetchError
from newsetl.fetch import throttle
from newsetl.fetch.request_log import RequestLog
from newsetl.fetch.robots import RobotsCache
from newsetl.model import CaptureKind, WaitCause
from newsetl.reasons import Reason
from newsetl.sources.config import Source


class CrawlDelays:
    """Minimum delays of one run. `notes` gets a line for each Crawl-delay above the maximum."""

    def __init__(self, source: Source, robots: RobotsCache, log: RequestLog, notes: dict[str, None]) -> None:
        self._source, self._robots, self._log, self._notes = source, robots, log, notes

    def get_delay(self, url: str, host: str, kind: CaptureKind) -> tuple[float, WaitCause, float | None]:
        """Return the minimum delay before `url` (s), its cause, and the host's Crawl-delay (s).

        Raise FetchError with reason robots if robots.txt disallows `url`, and with fetch_failed if
        robots.txt cannot be fetched.
        """
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        min_delay = self._source.min_delays.get(host, self._source.fetch.min_delay)
        robots = self._robots.get_cached(origin) if kind == "robots" else self._robots.load(origin)
        if robots and kind != "robots" and (denial := robots.get_denial(url)):
            audit_row = replace(
                self._log.build_row(url, kind, attempt=1), is_allowed=False, error=f"robots.txt {denial}"
            )
            self._log.add(audit_row)
            reason = Reason.FETCH_FAILED if robots.rules is None else Reason.ROBOTS
            raise FetchError(reason, f"{url}: the robots.txt of {host} {denial}")
        delay = robots.crawl_delay if robots else None
        if delay is None or not delay > min_delay:
            return min_delay, "min-delay", delay
        effective = max(min_delay, min(delay, throttle.MAX_CRAWL_DELAY))
        if effective < delay:
            note = f"{host}: Crawl-delay of {delay:g} s is above the maximum; waiting {effective:g} s"
            self._notes[note] = None
        return effective, "crawl-delay", delay
