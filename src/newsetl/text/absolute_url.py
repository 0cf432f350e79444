"""Absolute http and https URLs."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parse_http_url(url: str) -> SplitResult | None:
    """The parts of an http or https address with a host; None if `url` is none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises ValueError for what is no port
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None
