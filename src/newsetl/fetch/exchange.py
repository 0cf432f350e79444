"""One request and its response, read to the end or to the first limit that it breaks."""

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
# A whole response may take as many times the source's timeout; a host that drips is left then.
DEADLINE_FACTOR = 4
# What no page of a news channel is; of a film only the head is read.
BINARY_TYPES = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip")
# Old servers end a response with a blank line of their own.
ALLOWED_SURPLUS_BYTES = 2


@dataclass(slots=True)
class HttpExchange:
    """What has come of a request so far. `location` is where it redirects to, `retry_after` seconds."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    payload: bytearray = field(default_factory=bytearray)
    location: str | None = None
    retry_after: float | None = None


def check_contact(contact: str | None, *, is_required: bool = True) -> str:
    """The contact, as it can stand in the User-Agent. Raises ConfigError, also for lack of a needed one."""
    contact = (contact or "").strip()
    if not contact and is_required:
        raise ConfigError(
            "who is asking? set NEWSETL_CONTACT or --contact to a mail address or a page "
            "where the site can reach you"
        )
    if not contact.isascii() or not contact.isprintable():
        raise ConfigError(f"the contact {contact!r} must be plain ASCII: a mail address or a page")
    return contact


def build_user_agent(contact: str) -> str:
    """Who asks, and where a site can reach them."""
    return f"{USER_AGENT_NAME}/{__version__}" + (f" (+{contact})" if contact else "")


class HttpSession:
    """Sends requests in the name of newsetl and of `contact`. Not for use by several threads."""

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
        """Every connection is closed."""
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
        """Fills `into` from the response to `url`; what has come is there even if this raises.

        With `is_form` the query is posted instead of asked with.

        Raises FetchError for what breaks a limit or must not be asked, httpx.TransportError or OSError
        for what may work another time.
        """
        self._transport.set_deadline(DEADLINE_FACTOR * self._fetch.timeout)
        sent = {name: value.encode("latin-1", "replace") for name, value in headers.items()}
        method, content = "GET", None
        if is_form:
            url, _, form = url.partition("?")
            method, content = "POST", form.encode()
            sent["Content-Type"] = b"application/x-www-form-urlencoded"
        asked = [(name.encode("ascii"), value) for name, value in sent.items()]
        with self._http.stream(method, url, headers=asked, content=content) as response:
            into.status = response.status_code
            into.headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in response.headers.raw)
            if response.status_code == 429 or response.status_code >= 500 or response.is_redirect:
                into.retry_after = parse_retry_after(response.headers)
            if response.status_code in REDIRECT_STATUSES and (there := response.headers.get("location")):
                into.location = _resolve_redirect(url, there)
                return
            kind = response.headers.get("content-type", "").strip().lower()
            if capture_kind != "robots" and response.is_success and kind.startswith(BINARY_TYPES):
                raise FetchError(Reason.NOT_HTML, f"{url}: {kind}, no page")
            self._read_body(url, response, into.payload)

    def _read_body(self, url: str, response: httpx.Response, payload: bytearray) -> None:
        limit = self._fetch.max_bytes
        # Without a length, or with one in chunks, the body ends where the server says so.
        declared = response.headers.get("content-length", "")
        length = (
            int(declared) if declared.isdecimal() and "transfer-encoding" not in response.headers else None
        )
        if length is not None and length > limit:
            raise FetchError(Reason.TOO_LARGE, f"{url}: says that it is {length} bytes, {limit} are accepted")
        for chunk in response.iter_raw():
            payload += chunk
            if len(payload) > limit:
                raise FetchError(Reason.TOO_LARGE, f"{url}: larger than {limit} bytes")
        if length is not None and self._transport.count_surplus_bytes(length) > ALLOWED_SURPLUS_BYTES:
            # What is left over would be read as the next response.
            response.extensions["network_stream"].close()
            raise httpx.RemoteProtocolError(f"more bytes have come than its Content-Length of {length}")


def _resolve_redirect(url: str, location: str) -> str:
    try:
        return urldefrag(urljoin(url, location)).url
    except ValueError as error:
        raise FetchError(Reason.HTTP_STATUS, f"{url}: redirects to {location!r}, no address") from error
