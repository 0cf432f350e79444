"""Captures from bytes, and pages in other dialects."""

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
# Parts of a print-edition page.
HEAD = "<p>position: EnglishChannel > News > Article</p><h1>Ice on the Wires</h1>"
META = "<p>Source: Science and Technology Daily | 2023-02-03 09:00:01 | Author: XIE Wanning</p>"
TEXT = "<p>Frost covered the wires for nine days, and the crews of three counties cleared them by hand.</p>"
PAGE = f"<html><body>{HEAD}{META}{TEXT}<p>Editor: 谢晚宁</p></body></html>"


def build_site_toml(slug: str, pattern: str, more: str = "") -> str:
    """Build the source file of an invented paper, with one URL form and the start page /news/.

    `more` are further lines of the URL form.
    """
    return f"""
slug = "{slug}"
name = "{slug.title()}"
verified = "an invented paper"
home = "https://www.{slug}.example/"
hosts = ["www.{slug}.example"]
timezone = "Europe/London"
language = "en"
first_day = 2015-01-01
[[url_forms]]
name = "article"
pattern = '{pattern}'
{more}
[discover]
start_urls = ["https://www.{slug}.example/news/"]
"""


def build_capture(
    body: bytes | str, url: str = "", *, charset: str | None = None, fetched_at: datetime = NOW
) -> Capture:
    """Build the capture of a response with this body."""
    if isinstance(body, str):
        body = body.encode()
    return Capture(
        uuid4(), "stdaily", "article", url, url, fetched_at, 200, (), charset, payload=body, body=body
    )  # fmt: skip


def parse_response(
    body: bytes | str, url: str = "", source: Source = STDAILY, **options: Any
) -> Article | Reject:
    """Parse a response as the pipeline does. The options are those of `build_capture`."""
    return parse_page.parse_page(build_capture(body, url, **options), source)


def parse_article(body: bytes | str, url: str = "", source: Source = STDAILY) -> Article:
    """Parse a response that must be an article."""
    outcome = parse_response(body, url, source)
    assert isinstance(outcome, Article), outcome
    return outcome


def strip_markup(page: str) -> str:
    """Replace all markup of the page by <div> and <span> without attributes; drop comments."""
    root = lxml.html.document_fromstring(page)
    for node in list(root.iter()):
        if node.tag is etree.Comment or node.tag in ("script", "style"):
            node.drop_tree() if node.tag is not etree.Comment else _drop_comment(node)
        elif node.tag in ("html", "head", "body", "title", "a", "img", "br"):
            attributes = {
                key: node.get(key) for key in ("href", "src", "data-original-title") if node.get(key)
            }
            node.attrib.clear()
            node.attrib.update(attributes)
        else:
            is_hidden = "none" in node.get("style", "")
            node.tag = "span" if node.tag in ("span", "b", "i", "em", "strong", "font") else "div"
            node.attrib.clear()
            if is_hidden:
                node.set("style", "display:none")
    return str(etree.tostring(root, encoding="unicode", method="html"))


def _drop_comment(node: Any) -> None:
    before, parent = node.getprevious(), node.getparent()
    if before is not None:
        before.tail = (before.tail or "") + (node.tail or "")
    else:
        parent.text = (parent.text or "") + (node.tail or "")
    parent.remove(node)


def render_text(page: str) -> str:
    """Render the page as plain text from the breadcrumb on: one block per line, with empty lines between."""
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
    start = text.lower().index("position")
    lines = (line.strip() for line in text[start:].splitlines())
    return "\n\n".join(line for line in lines if line) + "\n"
