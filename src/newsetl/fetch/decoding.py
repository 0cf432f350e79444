"""Content coding and charset of responses, the same for fetched and for archived ones."""

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
# Bytes per call of a decoder: a decompression bomb passes the limit by one decoded chunk at most.
DECODER_CHUNK_BYTES = 256


def decode_content(headers: Headers, payload: bytes, *, limit: int | None = None) -> bytes:
    """Return `payload` without its content coding, at most `limit` bytes.

    `headers` hold one character per byte (ISO 8859-1). Raise FetchError with reason undecodable for an
    unknown coding, stacked codings, or a corrupt or truncated body, and with too_large beyond the limit.
    """
    response = httpx.Response(200, headers=_encode_headers(headers), content=_split_chunks(payload))
    names = response.headers.get_list("content-encoding", split_commas=True)
    codings = [coding for name in names if (coding := name.strip().lower()) not in ("", "identity")]
    if not codings:
        _check_size(payload, limit)
        return payload
    # Stacked codings multiply a decompression bomb, and no news site sends them.
    if len(codings) > 1 or codings[0] not in CONTENT_CODINGS:
        raise FetchError(Reason.UNDECODABLE, f"content coding {', '.join(codings)!r} is not supported")
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            _check_size(body, limit)
    except httpx.DecodingError as error:
        raise FetchError(Reason.UNDECODABLE, f"the {codings[0]} body is corrupt: {error}") from error
    # The last four bytes of a gzip body are its length (RFC 1952, ISIZE); httpx accepts a truncated body.
    if codings == ["gzip"] and payload and int.from_bytes(payload[-4:], "little") != len(body) % 2**32:
        raise FetchError(Reason.UNDECODABLE, f"the gzip body is truncated after {len(body)} bytes")
    return bytes(body)


def decode_chunked(payload: bytes) -> bytes:
    """Return `payload` without chunked transfer coding; return a payload without chunks unchanged."""
    return bytes(ChunkedDataReader(BytesIO(payload)).read())


def parse_charset(headers: Headers) -> str | None:
    """Return the charset of the Content-Type header in lower case, or None."""
    return _parse_content_types(tuple(value for name, value in headers if name.lower() == "content-type"))


# A site sends two or three different values.
@lru_cache(maxsize=64)
def _parse_content_types(values: tuple[str, ...]) -> str | None:
    return httpx.Response(
        200, headers=_encode_headers(tuple(("content-type", value) for value in values))
    ).charset_encoding


def _encode_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _split_chunks(payload: bytes) -> Iterator[bytes]:
    for start in range(0, len(payload), DECODER_CHUNK_BYTES):
        yield payload[start : start + DECODER_CHUNK_BYTES]


def _check_size(body: bytes | bytearray, limit: int | None) -> None:
    if limit is not None and len(body) > limit:
        raise FetchError(
            Reason.TOO_LARGE,
            f"the decoded body is larger than {limit} bytes; raise fetch.max_bytes if it is an article",
        )
