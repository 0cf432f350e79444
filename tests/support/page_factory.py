"""Captures made from bytes, and the same page in other dialects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import lxml.html
from lxml import etree

from newsetl import sources
from newsetl.model import Article, Capture, Reject
from newsetl.pipeline import parse_page
from newsetl.sources.config import Source

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STDAILY = sources.load("stdaily")
# A page of the print edition, in its parts.
HEAD = "<p>position: EnglishChannel > News > Article</p><h1>Ice on the Wires</h1>"
META = "<p>Source: Science and Technology Daily | 2023-02-03 09:00:01 | Author: XIE Wanning</p>"
TEXT = "<p>Frost covered the wires for nine days, and the crews of three counties cleared them by hand.</p>"
PAGE = f"<html><body>{HEAD}{META}{TEXT}<p>Editor: 谢晚宁</p></body></html>"


def capture(body: bytes | str, url: str = "", *, charset: str | None = None, at: datetime = NOW) -> Capture:
    """A response with this body, fetched at NOW."""
    if isinstance(body, str):
        body = body.encode()
    return Capture(
        uuid4(), "stdaily", "article", url, url, at, 200, (), charset, payload=body, body=body
    )  # fmt: skip


def read(body: bytes | str, url: str = "", source: Source = STDAILY, **options: Any) -> Article | Reject:
    """What the pipeline reads in the page."""
    return parse_page.parse_page(capture(body, url, **options), source)


def article(body: bytes | str, url: str = "", source: Source = STDAILY) -> Article:
    """The article on the page, which must be one."""
    outcome = read(body, url, source)
    assert isinstance(outcome, Article), outcome
    return outcome


def in_boxes(page: str) -> str:
    """The page with all of its markup made divs and spans without attributes, and its comments gone."""
    root = lxml.html.document_fromstring(page)
    for node in list(root.iter()):
        if node.tag is etree.Comment or node.tag in ("script", "style"):
            node.drop_tree() if node.tag is not etree.Comment else _drop_comment(node)
        elif node.tag in ("html", "head", "body", "title", "a", "img", "br"):
            kept = {key: node.get(key) for key in ("href", "src", "data-original-title") if node.get(key)}
            node.attrib.clear()
            node.attrib.update(kept)
        else:
            hidden = "none" in node.get("style", "")
            node.tag = "span" if node.tag in ("span", "b", "i", "em", "strong", "font") else "div"
            node.attrib.clear()
            if hidden:
                node.set("style", "display:none")
    return str(etree.tostring(root, encoding="unicode", method="html"))


def _drop_comment(node: Any) -> None:
    before, parent = node.getprevious(), node.getparent()
    if before is not None:
        before.tail = (before.tail or "") + (node.tail or "")
    else:
        parent.text = (parent.text or "") + (node.tail or "")
    parent.remove(node)


def as_text(page: str) -> str:
    """The page as a browser saves it as text, from the breadcrumb on: a line a block, blank lines between."""
    root = lxml.html.document_fromstring(page)
    for node in list(root.iter("script", "style", "title")):
        node.drop_tree()
    for node in list(root.iter(etree.Comment)):
        _drop_comment(node)
    for node in list(root.iter()):
        if "none" in node.get("style", ""):
            node.drop_tree()
        elif node.tag in ("div", "p", "li", "ul", "h1", "h2", "h3", "h4", "ol", "dt", "dd", "dl", "br"):
            node.text = "\n\n" + (node.text or "")
            node.tail = "\n\n" + (node.tail or "")
    text = root.text_content()
    at = text.lower().index("position")
    lines = (line.strip() for line in text[at:].splitlines())
    return "\n\n".join(line for line in lines if line) + "\n"
