"""The minimum delay between two requests to a host: the source's own, or a longer Crawl-delay."""

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
    """The delays that one run keeps to. `notes` gets a line on each Crawl-delay that is too long to keep."""

    def __init__(self, source: Source, robots: RobotsCache, log: RequestLog, notes: dict[str, None]) -> None:
        self._source, self._robots, self._log, self._notes = source, robots, log, notes

    def before(self, url: str, host: str, why: CaptureKind) -> tuple[float, WaitCause, float | None]:
        """The pause before `url`, the reason for it, and the host's Crawl-delay.

        Raises FetchError: robots if robots.txt forbids it, unreachable if it cannot be read.
        """
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        min_delay = self._source.min_delays.get(host, self._source.fetch.min_delay)
        robots = self._robots.get_cached(origin) if why == "robots" else self._robots.load(origin)
        if robots and why != "robots" and (verdict := robots.get_denial(url)):
            row = replace(
                self._log.new_row(url, why, attempt=1), is_allowed=False, error=f"robots.txt {verdict}"
            )
            self._log.add(row)
            reason = Reason.FETCH_FAILED if robots.rules is None else Reason.ROBOTS
            raise FetchError(reason, f"{url}: the robots.txt of {host} {verdict}")
        delay = robots.crawl_delay if robots else None
        if delay is None or not delay > min_delay:
            return min_delay, "min-delay", delay
        kept_to = max(min_delay, min(delay, throttle.MAX_CRAWL_DELAY))
        if kept_to < delay:
            note = f"{host} asks for {delay:g} s between requests (Crawl-delay); we keep to {kept_to:g} s"
            self._notes[note] = None
        return kept_to, "crawl-delay", delay
