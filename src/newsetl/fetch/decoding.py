"""Content coding and charset of a response, read alike when it arrives and when it leaves the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO

import httpx
from warcio.bufferedreaders import ChunkedDataReader

from newsetl.errors import FetchError
from newsetl.reasons import Reason

Headers = Sequence[tuple[str, str]]

CONTENT_CODINGS = frozenset({"gzip", "deflate", "br", "zstd"})
# Bytes given to a decoder at once. What one piece can swell to is all that a bomb gains beyond the limit.
DECODER_CHUNK_BYTES = 256


def decode_content(headers: Headers, payload: bytes, *, limit: int | None = None) -> bytes:
    """`payload` without its content coding, at most `limit` bytes.

    `headers` hold one character a byte (ISO 8859-1). Raises FetchError: undecodable for an unknown
    coding, more than one, or a broken or torn body; too_large beyond the limit.
    """
    response = httpx.Response(200, headers=_raw_headers(headers), content=_split_chunks(payload))
    names = response.headers.get_list("content-encoding", split_commas=True)
    codings = [name for each in names if (name := each.strip().lower()) not in ("", "identity")]
    if not codings:
        _check_size(payload, limit)
        return payload
    # Stacked codings multiply what a bomb gains, and no news site sends them.
    if len(codings) > 1 or codings[0] not in CONTENT_CODINGS:
        raise FetchError(Reason.UNDECODABLE, f"content coding {', '.join(codings)!r} is not one of ours")
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            _check_size(body, limit)
    except httpx.DecodingError as error:
        raise FetchError(Reason.UNDECODABLE, f"the {codings[0]} body is broken: {error}") from error
    # The last four bytes of a gzip body are its length (RFC 1952, ISIZE); httpx lets a torn one pass.
    if codings == ["gzip"] and payload and int.from_bytes(payload[-4:], "little") != len(body) % 2**32:
        raise FetchError(Reason.UNDECODABLE, f"the gzip body is torn after {len(body)} bytes")
    return bytes(body)


def decode_chunked(payload: bytes) -> bytes:
    """`payload` without its transfer coding; a body that is in chunks only by name comes as it is."""
    return bytes(ChunkedDataReader(BytesIO(payload)).read())


def parse_charset(headers: Headers) -> str | None:
    """The charset that the Content-Type header names, in lower case."""
    return _content_type_charset(tuple(value for name, value in headers if name.lower() == "content-type"))


# A site has two or three of them.
@lru_cache(maxsize=64)
def _content_type_charset(kinds: tuple[str, ...]) -> str | None:
    return httpx.Response(
        200, headers=_raw_headers(tuple(("content-type", kind) for kind in kinds))
    ).charset_encoding


def _raw_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _split_chunks(payload: bytes) -> Iterator[bytes]:
    for start in range(0, len(payload), DECODER_CHUNK_BYTES):
        yield payload[start : start + DECODER_CHUNK_BYTES]


def _check_size(body: bytes | bytearray, limit: int | None) -> None:
    if limit is not None and len(body) > limit:
        raise FetchError(Reason.TOO_LARGE, f"the body is larger than {limit} bytes once decoded")
