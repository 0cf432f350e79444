"""Content coding and charset of responses, the same for fetched and for archived ones."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO

import httpx
from warcio.bufferedreaders import ChunkedDataReader

from newsetl.errors import FetchError
from newsetl.reasons import Reason
from newsetl.text.gzip_members import GZIP_START, decompress_gzip

Headers = Sequence[tuple[str, str]]

CONTENT_CODINGS = frozenset({"gzip", "deflate", "br", "zstd"})
_ALIASES = {"x-gzip": "gzip"}
# The codings of RFC 9110 and the IANA registry.
_REGISTERED_CODINGS = CONTENT_CODINGS | {
    "compress",
    "x-compress",
    "exi",
    "pack200-gzip",
    "aes128gcm",
    "dcb",
    "dcz",
}
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?A-Za-z]")
# Bytes per call of a decoder: a decompression bomb passes the limit by one decoded chunk at most.
DECODER_CHUNK_BYTES = 256


def decode_content(headers: Headers, payload: bytes, *, limit: int | None = None) -> bytes:
    """Return `payload` without its content coding, at most `limit` bytes.

    `headers` hold one character per byte (ISO 8859-1). Raise FetchError with reason undecodable for an
    coding that newsetl does not read, stacked codings, or a corrupt or truncated body, and with too_large
    beyond the limit. A value that is no coding counts as none, and so does a coding of a body that is
    markup already.
    """
    names = httpx.Headers(_encode_headers(headers)).get_list("content-encoding", split_commas=True)
    codings = [_ALIASES.get(name.strip().lower(), name.strip().lower()) for name in names]
    # Servers write charsets, media types and "none" here; like browsers, take no coding for identity.
    codings = [coding for coding in codings if coding in _REGISTERED_CODINGS]
    if not codings:
        _check_size(payload, limit)
        return _decode_unlabelled(payload, limit)
    # Stacked codings multiply a decompression bomb, and no news site sends them.
    if len(codings) > 1 or codings[0] not in CONTENT_CODINGS:
        raise FetchError(Reason.UNDECODABLE, f"content coding {', '.join(codings)!r} is not supported")
    try:
        return _decode_gzip(payload, limit) if codings == ["gzip"] else _decode(codings[0], payload, limit)
    except FetchError as error:
        # Archives and caches decode a body and keep the header.
        if error.reason is Reason.UNDECODABLE and _MARKUP.match(payload):
            _check_size(payload, limit)
            return payload
        raise


def _decode(coding: str, payload: bytes, limit: int | None) -> bytes:
    response = httpx.Response(200, headers={"content-encoding": coding}, content=_split_chunks(payload))
    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            _check_size(body, limit)
    except httpx.DecodingError as error:
        raise FetchError(Reason.UNDECODABLE, f"the {coding} body is corrupt: {error}") from error
    return bytes(body)


def _decode_gzip(payload: bytes, limit: int | None) -> bytes:
    try:
        # One byte above the limit shows that the body is larger.
        body, is_complete = decompress_gzip(payload, None if limit is None else limit + 1)
    except zlib.error as error:
        raise FetchError(Reason.UNDECODABLE, f"the gzip body is corrupt: {error}") from error
    _check_size(body, limit)
    if not is_complete:
        raise FetchError(Reason.UNDECODABLE, f"the gzip body is truncated after {len(body)} bytes")
    return body


def _decode_unlabelled(payload: bytes, limit: int | None) -> bytes:
    """Return a gzip body of markup that no header declares without its coding; other payloads unchanged."""
    if payload.startswith(GZIP_START):
        try:
            body = _decode_gzip(payload, limit)
        except FetchError:
            return payload
        if _MARKUP.match(body):
            return body
    return payload


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
