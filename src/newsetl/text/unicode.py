"""Unicode cleaning of text."""

from __future__ import annotations


def replace_surrogates(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair that stands alone: no file can hold those."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
