"""HTTP responses as bytes, as a WARC record has them."""

from __future__ import annotations

import re

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_BYTE_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def parse_response(block: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and payload; the status is 0 if the head is malformed.

    The head may end its lines with LF alone. It is decoded with one character per byte. A folded line
    belongs to the header before it.
    """
    end = _HEAD_END.search(block)
    head, payload = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    words = first.split()
    status = int(words[1]) if first.startswith("HTTP/") and len(words) > 1 and words[1].isdecimal() else 0
    headers: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and headers:
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
        elif colon:
            headers.append((name.strip(), value.strip()))
    return status, headers, payload


def find_missing_range(status: int, headers: list[tuple[str, str]]) -> str | None:
    """Return the range of a 206 that has only a part of the page, None for a whole page."""
    if status != 206:
        return None
    stated = next((value for name, value in headers if name.lower() == "content-range"), "")
    first, last, total = map(int, match.groups()) if (match := _BYTE_RANGE.fullmatch(stated)) else (1, 0, 0)
    return None if first == 0 and last + 1 == total else f"status 206, {stated or 'no Content-Range'}"
