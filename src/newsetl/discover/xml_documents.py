"""XML of feeds and sitemaps as sites send it: compressed, not quite well-formed, or cut short."""

from __future__ import annotations

import re
from html.entities import html5

from lxml import etree

from newsetl.model import Capture
from newsetl.sources.config import Source
from newsetl.text.gzip_members import GZIP_START, decompress_gzip

_UTF_16_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
# What precedes the declaration or the root: blanks, a byte order mark, messages of the server's scripts.
_START = re.compile(rb"<\?xml\b|<(?:\w+:)?(?:urlset|sitemapindex|rss|feed|rdf)\b", re.IGNORECASE)
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex|rss|feed|rdf)\b", re.IGNORECASE)
_ENTRY_START = re.compile(rb"<(?:\w+:)?(?:url|sitemap|item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:\w+:)?(?:url|sitemap|item|entry)\s*>", re.IGNORECASE)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.IGNORECASE
)
_AMPERSAND = re.compile(rb"&(?:(#\d+|#[xX][0-9a-fA-F]+)|([A-Za-z][A-Za-z0-9]*));|&")
_CDATA = re.compile(rb"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_XML_ENTITIES = {b"amp", b"lt", b"gt", b"quot", b"apos"}


def decompress_body(source: Source, capture: Capture) -> bytes:
    """Return the body, decompressed if it is a gzip file, of all its members up to the limit of its kind.

    A cut or damaged end loses what is behind it. Raise zlib.error if nothing can be decompressed.
    """
    if not capture.body.startswith(GZIP_START):
        return capture.body
    return decompress_gzip(capture.body, source.fetch.get_max_bytes(capture.kind))[0]


def parse_xml(content: bytes, base_url: str) -> tuple[etree._Element | None, bool]:
    """Return the root of a feed or sitemap, and True if it is well-formed after harmless repairs.

    Repaired are what stands before the declaration and behind the root, bare ampersands, HTML entities and
    control characters. Of XML that is still malformed, such as a cut end, the root has what can be
    recovered; it is None if nothing can. Raise etree.XMLSyntaxError for content that is no XML at all.
    """
    try:
        return etree.fromstring(content, _build_parser(), base_url=base_url), True
    except etree.XMLSyntaxError:
        repaired = _repair(content)
    try:
        return etree.fromstring(repaired, _build_parser(), base_url=base_url), True
    except etree.XMLSyntaxError:
        readable = _drop_cut_entry(repaired)
        return etree.fromstring(readable, _build_parser(is_recovering=True), base_url=base_url), False


def _build_parser(*, is_recovering: bool = False) -> etree.XMLParser:
    """Build an XML parser without network and entities, on request with recovery from malformed XML."""
    return etree.XMLParser(resolve_entities=False, no_network=True, recover=is_recovering)


def _repair(content: bytes) -> bytes:
    if content.startswith(_UTF_16_STARTS):
        return content
    start = _START.search(content)
    content = content[start.start() :] if start else content.lstrip()
    root = _ROOT.search(content)
    if root:
        ends = list(re.finditer(rb"</(?:\w+:)?" + root[1] + rb"\s*>", content, re.IGNORECASE))
        content = content[: ends[-1].end()] if ends else content
    content = _CONTROL_REFERENCE.sub(b"", _CONTROLS.sub(b"", content))
    # Ampersands in CDATA are text already.
    parts = _CDATA.split(content)
    parts[::2] = [_AMPERSAND.sub(_replace_reference, part) for part in parts[::2]]
    return b"".join(parts)


def _drop_cut_entry(content: bytes) -> bytes:
    """Return the content without an entry that is cut off at its end, whose URL may be cut too."""
    starts, ends = (list(pattern.finditer(content)) for pattern in (_ENTRY_START, _ENTRY_END))
    if starts and (not ends or ends[-1].start() < starts[-1].start()):
        return content[: starts[-1].start()]
    return content


def _replace_reference(match: re.Match[bytes]) -> bytes:
    """Return a numeric reference for an HTML entity, and an escaped ampersand for no entity."""
    if match[1] or match[2] in _XML_ENTITIES:
        return match[0]
    text = html5.get(f"{match[2].decode('ascii')};") if match[2] else None
    if text is None:
        return b"&amp;" + match[0][1:]
    return "".join(f"&#{ord(character)};" for character in text).encode("ascii")
