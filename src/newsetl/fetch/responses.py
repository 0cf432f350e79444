"""What a response is: a capture, once it is the answer that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from newsetl.errors import FetchError
from newsetl.fetch.decoding import charset_of
from newsetl.fetch.exchange import Exchange
from newsetl.fetch.throttle import PASSING
from newsetl.model import Capture, CaptureKind, Link, Request, WaitedFor
from newsetl.reasons import Reason
from newsetl.sources.config import Source

# Makes of an archive's answer the page that it holds. Raises FetchError if it holds none.
Unwrap = Callable[[Capture], Capture]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked beside an address: see Client.get."""

    why: CaptureKind
    link: Link | None = None
    headers: Mapping[str, str] | None = None
    is_form: bool = False
    unwrap: Unwrap | None = None

    @property
    def is_part(self) -> bool:
        """True if a range of bytes is asked for."""
        return "Range" in (self.headers or {})


@dataclass(frozen=True, slots=True)
class Ask:
    """One address to ask, for a `requested_url` that may have redirected to it."""

    url: str
    host: str
    requested_url: str
    wish: Wish
    conditions: Mapping[str, str]
    min_delay: float
    cause: WaitedFor
    crawl_delay: float | None


def capture_of(source: Source, ask: Ask, row: Request, came: Exchange, body: bytes) -> Capture:
    """The response as it came; `body` is its decoded payload."""
    assert came.status is not None
    return Capture(
        capture_id=uuid4(),
        source=source.slug,
        kind=ask.wish.why,
        requested_url=ask.requested_url,
        url=ask.url,
        fetched_at=row.requested_at,
        status=came.status,
        headers=came.headers,
        charset=charset_of(came.headers),
        payload=bytes(came.payload),
        body=body,
        link=ask.wish.link,
    )


def page_in(capture: Capture, wish: Wish) -> Capture:
    """The page that was wished for: the successful response, or what it holds.

    Raises FetchError for a part instead of the whole or the whole instead of a part, and as `unwrap` does.
    """
    if (capture.status == 206) != wish.is_part:
        what = "a part of it" if wish.is_part else "the whole"
        raise FetchError(Reason.HTTP_STATUS, f"{capture.status} from {capture.url}, and {what} was asked for")
    return wish.unwrap(capture) if wish.unwrap else capture


def refusal(source: Source, capture: Capture) -> FetchError:
    """Why a response that is no success is none."""
    marks = source.parse.waf_markers
    if capture.status in (403, 406, 412) and any(mark.encode() in capture.body for mark in marks):
        message = f"{capture.status} and the firewall's page: the site does not let us in"
        return FetchError(Reason.BLOCKED_BY_WAF, message, capture)
    reason = Reason.FETCH_FAILED if capture.status in PASSING else Reason.HTTP_STATUS
    return FetchError(reason, f"{capture.status} from {capture.url}", capture)
