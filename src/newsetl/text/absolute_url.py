"""Absolute http and https URLs."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parse_http_url(url: str) -> SplitResult | None:
    """Split an absolute http or https URL with a host; return None for any other text."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises ValueError for an invalid port
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None
