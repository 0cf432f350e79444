"""Unicode cleaning of text."""

from __future__ import annotations


def replace_surrogates(text: str) -> str:
    """Replace each lone surrogate in `text` by U+FFFD: UTF-8 cannot encode lone surrogates."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
