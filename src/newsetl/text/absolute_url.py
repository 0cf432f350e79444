"""Absolute http and https URLs."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

import idna


def parse_http_url(url: str) -> SplitResult | None:
    """Split an absolute http or https URL with a host; return None for any other text."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises ValueError for an invalid port
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def encode_host(host: str) -> str:
    """Return the host in lower case, and a Unicode name in Punycode (UTS 46) if it is a valid one."""
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host.lower()
