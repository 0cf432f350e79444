"""HTTP session: one request and its response, read to the end or to the first limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin

import httpx

from newsetl._version import __version__
from newsetl.errors import ConfigError, FetchError
from newsetl.fetch.throttle import parse_retry_after
from newsetl.fetch.transport import PublicAddressTransport
from newsetl.model import CaptureKind
from newsetl.reasons import Reason
from newsetl.sources.config import Source

USER_AGENT_NAME = "newsetl"
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
# A complete response may take this many times the source's timeout; then a slow host is disconnected.
DEADLINE_FACTOR = 4
# Content types that are no news page; their body is not read.
BINARY_TYPES = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip")
# Some old servers add a blank line after the body.
ALLOWED_SURPLUS_BYTES = 2
# Bytes of a robots.txt that count: RFC 9309, 2.5, asks for 500 KiB at least.
MAX_ROBOTS_BYTES = 500 << 10


@dataclass(slots=True)
class HttpExchange:
    """Response received so far. `location` is the redirect target, `retry_after` is in seconds."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    payload: bytearray = field(default_factory=bytearray)
    location: str | None = None
    retry_after: float | None = None


def check_contact(contact: str | None, *, is_required: bool = True) -> str:
    """Return the contact for the User-Agent, or "". Raise ConfigError if it is missing or not ASCII."""
    contact = (contact or "").strip()
    if not contact and is_required:
        raise ConfigError(
            "no contact set; pass --contact or set NEWSETL_CONTACT to a mail address or a page "
            "where the site can reach you"
        )
    if not contact.isascii() or not contact.isprintable():
        raise ConfigError(f"contact: {contact!r} is not plain ASCII; set a mail address or a page")
    return contact


def build_user_agent(contact: str) -> str:
    """Build the User-Agent header with the version and the contact."""
    return f"{USER_AGENT_NAME}/{__version__}" + (f" (+{contact})" if contact else "")


class HttpSession:
    """HTTP session with the User-Agent of newsetl and `contact`. Not thread-safe."""

    def __init__(self, source: Source, contact: str) -> None:
        self._fetch = source.fetch
        self._transport = PublicAddressTransport(is_private_allowed=source.fetch.is_private_allowed)
        self._http = httpx.Client(
            headers={
                "User-Agent": build_user_agent(contact),
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
                "Accept-Language": source.language,
            },
            timeout=source.fetch.timeout,
            transport=self._transport,
            trust_env=False,
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def send(
        self,
        url: str,
        *,
        capture_kind: CaptureKind,
        headers: Mapping[str, str],
        is_form: bool = False,
        into: HttpExchange,
    ) -> None:
        """Fill `into` from the response to `url`, as far as it was received if this raises.

        With `is_form` the query of `url` is posted as a form.

        Raise FetchError if the response breaks a limit or the URL must not be requested. Raise
        httpx.TransportError or OSError for transient failures.
        """
        self._transport.set_deadline(DEADLINE_FACTOR * self._fetch.timeout)
        raw_headers = {name: value.encode("latin-1", "replace") for name, value in headers.items()}
        method, content = "GET", None
        if is_form:
            url, _, form = url.partition("?")
            method, content = "POST", form.encode()
            raw_headers["Content-Type"] = b"application/x-www-form-urlencoded"
        header_list = [(name.encode("ascii"), value) for name, value in raw_headers.items()]
        with self._http.stream(method, url, headers=header_list, content=content) as response:
            into.status = response.status_code
            into.headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in response.headers.raw)
            if response.status_code == 429 or response.status_code >= 500 or response.is_redirect:
                into.retry_after = parse_retry_after(response.headers)
            if response.status_code in REDIRECT_STATUSES and (location := response.headers.get("location")):
                into.location = _resolve_redirect(url, location)
                return
            content_type = response.headers.get("content-type", "").strip().lower()
            # Servers send gzipped sitemaps and feeds as any type.
            is_page = capture_kind not in ("robots", "sitemap", "feed")
            if is_page and response.is_success and content_type.startswith(BINARY_TYPES):
                raise FetchError(Reason.NOT_HTML, f"{url}: {content_type} is not a page")
            is_robots = capture_kind == "robots"
            limit = MAX_ROBOTS_BYTES if is_robots else self._fetch.get_max_bytes(capture_kind)
            self._read_body(url, response, into.payload, limit, is_cut=is_robots)

    def _read_body(
        self, url: str, response: httpx.Response, payload: bytearray, limit: int, *, is_cut: bool
    ) -> None:
        """Read the body. A body above the limit is cut there if `is_cut`, otherwise raise FetchError."""
        # Without Content-Length, or with chunked coding, the server marks the end of the body.
        declared = response.headers.get("content-length", "")
        length = (
            int(declared) if declared.isdecimal() and "transfer-encoding" not in response.headers else None
        )
        if length is not None and length > limit and not is_cut:
            raise FetchError(
                Reason.TOO_LARGE,
                (
                    f"{url}: Content-Length of {length} bytes is above {limit}; "
                    "raise fetch.max_bytes if it is an article"
                ),
            )
        for chunk in response.iter_raw():
            payload += chunk
            if len(payload) > limit:
                if is_cut:
                    return
                raise FetchError(
                    Reason.TOO_LARGE,
                    f"{url}: larger than {limit} bytes; raise fetch.max_bytes if it is an article",
                )
        if length is not None and self._transport.count_surplus_bytes(length) > ALLOWED_SURPLUS_BYTES:
            # Surplus bytes would be parsed as the next response.
            response.extensions["network_stream"].close()
            raise httpx.RemoteProtocolError(f"more bytes received than the Content-Length of {length}")


def _resolve_redirect(url: str, location: str) -> str:
    try:
        return urldefrag(urljoin(url, location)).url
    except ValueError as error:
        raise FetchError(
            Reason.HTTP_STATUS, f"{url}: redirects to {location!r}, which is not a valid URL"
        ) from error
