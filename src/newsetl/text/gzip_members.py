"""Decompression of gzip data of one or several members, with a limit."""

from __future__ import annotations

import zlib

GZIP_START = b"\x1f\x8b"


def decompress_gzip(data: bytes, limit: int | None) -> tuple[bytes, bool]:
    """Return the content of all gzip members, at most `limit` bytes, and True unless a member is cut.

    Bytes behind the last member are ignored, as browsers do. Raise zlib.error if the first member is damaged.
    """
    content, rest, is_complete = bytearray(), data, True
    while is_complete and rest and (rest is data or rest.startswith(GZIP_START)):
        if limit is not None and len(content) >= limit:
            break
        member = zlib.decompressobj(wbits=31)
        try:
            content += member.decompress(rest, 0 if limit is None else limit - len(content))
        except zlib.error:
            if rest is data:
                raise
            break
        is_complete, rest = member.eof, member.unused_data
    return bytes(content), is_complete
