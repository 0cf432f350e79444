"""What a response is: a capture, once it is the answer that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from newsetl.errors import FetchError
from newsetl.fetch.decoding import parse_charset
from newsetl.fetch.exchange import HttpExchange
from newsetl.fetch.throttle import TRANSIENT_STATUSES
from newsetl.model import Capture, CaptureKind, Link, Request, WaitCause
from newsetl.reasons import Reason
from newsetl.sources.config import Source

# Makes of an archive's answer the page that it holds. Raises FetchError if it holds none.
UnwrapResponse = Callable[[Capture], Capture]


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What is asked beside an address: see Client.get."""

    kind: CaptureKind
    link: Link | None = None
    headers: Mapping[str, str] | None = None
    is_form: bool = False
    unwrap: UnwrapResponse | None = None

    @property
    def is_range_request(self) -> bool:
        """True if a range of bytes is asked for."""
        return "Range" in (self.headers or {})


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """One address to ask, for a `requested_url` that may have redirected to it."""

    url: str
    host: str
    requested_url: str
    options: RequestOptions
    conditional_headers: Mapping[str, str]
    min_delay: float
    delay_cause: WaitCause
    crawl_delay: float | None


def build_capture(
    source: Source, request: PreparedRequest, audit_row: Request, response: HttpExchange, body: bytes
) -> Capture:
    """The response as it came; `body` is its decoded payload."""
    assert response.status is not None
    return Capture(
        capture_id=uuid4(),
        source=source.slug,
        kind=request.options.kind,
        requested_url=request.requested_url,
        url=request.url,
        fetched_at=audit_row.requested_at,
        status=response.status,
        headers=response.headers,
        charset=parse_charset(response.headers),
        payload=bytes(response.payload),
        body=body,
        link=request.options.link,
    )


def unwrap_page(capture: Capture, options: RequestOptions) -> Capture:
    """The page that was wished for: the successful response, or what it holds.

    Raises FetchError for a part instead of the whole or the whole instead of a part, and as `unwrap` does.
    """
    if (capture.status == 206) != options.is_range_request:
        what = "a part of it" if options.is_range_request else "the whole"
        raise FetchError(Reason.HTTP_STATUS, f"{capture.status} from {capture.url}, and {what} was asked for")
    return options.unwrap(capture) if options.unwrap else capture


def build_status_error(source: Source, capture: Capture) -> FetchError:
    """Why a response that is no success is none."""
    marks = source.parse.waf_markers
    if capture.status in (403, 406, 412) and any(mark.encode() in capture.body for mark in marks):
        message = f"{capture.status} and the firewall's page: the site does not let us in"
        return FetchError(Reason.BLOCKED_BY_WAF, message, capture)
    reason = Reason.FETCH_FAILED if capture.status in TRANSIENT_STATUSES else Reason.HTTP_STATUS
    return FetchError(reason, f"{capture.status} from {capture.url}", capture)
