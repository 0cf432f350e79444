"""Prepared requests, and captures or errors from their responses."""

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

# Converts a web archive's response to the archived page. Raises FetchError if it has no such page.
UnwrapResponse = Callable[[Capture], Capture]


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """Options of a request: see Client.get."""

    kind: CaptureKind
    link: Link | None = None
    headers: Mapping[str, str] | None = None
    is_form: bool = False
    unwrap: UnwrapResponse | None = None

    @property
    def is_range_request(self) -> bool:
        """True if the request asks for a byte range."""
        return "Range" in (self.headers or {})


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """Request for one URL; `requested_url` may have redirected to it."""

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
    """Build the capture of a response; `body` is the decoded payload."""
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
    """Return the successful response, unwrapped if the options say so.

    Raise FetchError for a partial response without a Range, for a complete one with a Range, and as
    `unwrap` does.
    """
    if (capture.status == 206) != options.is_range_request:
        expected = "a byte range" if options.is_range_request else "the complete page"
        raise FetchError(
            Reason.HTTP_STATUS, f"{capture.url}: status {capture.status}, but {expected} was requested"
        )
    return options.unwrap(capture) if options.unwrap else capture


def build_status_error(source: Source, capture: Capture) -> FetchError:
    """Build the error for a response with an unsuccessful status."""
    markers = source.parse.waf_markers
    if capture.status in (403, 406, 412) and any(marker.encode() in capture.body for marker in markers):
        message = f"{capture.url}: status {capture.status} with the WAF's page; the site blocks newsetl"
        return FetchError(Reason.BLOCKED_BY_WAF, message, capture)
    reason = Reason.FETCH_FAILED if capture.status in TRANSIENT_STATUSES else Reason.HTTP_STATUS
    return FetchError(reason, f"{capture.url}: status {capture.status}", capture)
