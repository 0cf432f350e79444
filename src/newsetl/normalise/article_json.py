"""Formatting of articles and rejects as JSON and as text."""

from __future__ import annotations

import textwrap
from typing import Any

from newsetl.model import Article, Reject
from newsetl.sources.config import Source
from newsetl.text.dates import parse_date
from newsetl.text.whitespace import count_words


def format_published(article: Article, source: Source) -> str | None:
    """Format the publication time as ISO 8601, in the source's timezone and with the known precision.

    A page without a source file has the printed offset, or no offset if the page prints none. Return None
    for an article without a publication time.
    """
    if article.published_at is None:
        return None
    printed_zone = None if source.is_declared else parse_date(article.published_raw, source.timezone).zone
    local = article.published_at.astimezone(printed_zone or source.timezone)
    match article.published_precision:
        case "day":
            return local.date().isoformat()
        case "month":
            return f"{local:%Y-%m}"
        case _:
            has_offset = source.is_declared or printed_zone is not None
            return (local if has_offset else local.replace(tzinfo=None)).isoformat()


def build_article_json(outcome: Article | Reject, source: Source, path: str) -> dict[str, Any]:
    """Build the object that `newsetl parse --json` prints for the page at `path`."""
    if isinstance(outcome, Reject):
        return {"path": path, "rejected": {"reason": outcome.reason.value, "message": outcome.message}}
    return {
        "path": path,
        "url": outcome.url,
        "title": outcome.title,
        "section": outcome.section,
        "agency": outcome.agency,
        "published_at": format_published(outcome, source),
        "authors": list(outcome.authors),
        "editors": list(outcome.editors),
        "text": outcome.text,
        "images": [
            {"url": image.url, "caption": image.caption, "credit": image.credit} for image in outcome.images
        ],
        "teasers": [
            {"title": teaser.title, "summary": teaser.summary, "url": teaser.url}
            for teaser in outcome.teasers
        ],
        "language": outcome.language,
        "found": dict(sorted(outcome.found.items())),
    }


def format_article(outcome: Article | Reject, source: Source, path: str) -> str:
    """Format the fields, one per line with its provenance, followed by the text."""
    lines = [format_fields(outcome, source, path)]
    for paragraph in outcome.text.split("\n\n") if isinstance(outcome, Article) else ():
        lines += ["", *textwrap.wrap(paragraph, 96, initial_indent="    ", subsequent_indent="    ")]
    return "\n".join([*lines, ""])


def format_fields(outcome: Article | Reject, source: Source, path: str) -> str:
    """Format the fields, one per line with its provenance."""
    if isinstance(outcome, Reject):
        return f"{path}\n  rejected: {outcome.reason} ({outcome.message})"
    values = {
        "title": outcome.title,
        "url": outcome.url,
        "section": outcome.section,
        "agency": outcome.agency,
        "published_at": format_published(outcome, source),
        "authors": ", ".join(outcome.authors),
        "editors": ", ".join(outcome.editors),
        "images": "; ".join(
            _format_image(image.caption, image.credit, image.url) for image in outcome.images
        ),
        "teasers": "; ".join(teaser.title or f"{(teaser.summary or '')[:40]}…" for teaser in outcome.teasers),
        "language": outcome.language,
    }
    lines = [path]
    for name, value in values.items():
        provenance = f"   [{outcome.found[name]}]" if value and name in outcome.found else ""
        lines.append(f"  {name:<13} {value or '-'}{provenance}")
    lines.append(f"  {'text':<13} {count_words(outcome.text)} words   [{outcome.found['text']}]")
    return "\n".join(lines)


def _format_image(caption: str | None, credit: str | None, url: str | None) -> str:
    return f"{caption or url or 'no caption'} ({credit or 'no credit'})"
