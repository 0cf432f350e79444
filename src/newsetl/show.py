"""What a person or a program sees of an article, a reject and a run."""

from __future__ import annotations

import textwrap
from typing import Any

from newsetl.model import REFUSALS, Article, Reason, Reject
from newsetl.pipeline import Summary
from newsetl.sources import Source

# Reasons that come in numbers when a layout changes.
LAYOUT = (Reason.NO_LANDMARKS, Reason.NO_TITLE, Reason.NO_TEXT, Reason.NO_DATE)


def published(article: Article, source: Source) -> str:
    """ISO 8601 with the source's own offset; a bare day or month where no more is known."""
    local = article.published_at.astimezone(source.timezone)
    match article.published_precision:
        case "day":
            return local.date().isoformat()
        case "month":
            return f"{local:%Y-%m}"
        case _:
            return local.isoformat()


def record(outcome: Article | Reject, source: Source, path: str) -> dict[str, Any]:
    """The object that `newsetl parse --json` prints for the page at `path`."""
    if isinstance(outcome, Reject):
        return {"path": path, "rejected": {"reason": outcome.reason.value, "message": outcome.message}}
    return {
        "path": path,
        "url": outcome.url,
        "title": outcome.title,
        "section": outcome.section,
        "agency": outcome.agency,
        "published_at": published(outcome, source),
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


def sheet(outcome: Article | Reject, source: Source, path: str) -> str:
    """The same for reading: one field a line with where it was found, then the text."""
    if isinstance(outcome, Reject):
        return f"{path}\n  refused: {outcome.reason} ({outcome.message})\n"
    fields = {
        "title": outcome.title,
        "url": outcome.url,
        "section": outcome.section,
        "agency": outcome.agency,
        "published_at": published(outcome, source),
        "authors": ", ".join(outcome.authors),
        "editors": ", ".join(outcome.editors),
        "images": "; ".join(_image(image.caption, image.credit, image.url) for image in outcome.images),
        "teasers": "; ".join(teaser.title or f"{(teaser.summary or '')[:40]}…" for teaser in outcome.teasers),
        "language": outcome.language,
    }
    lines = [path]
    for name, value in fields.items():
        where = f"   [{outcome.found[name]}]" if value and name in outcome.found else ""
        lines.append(f"  {name:<13} {value or '-'}{where}")
    lines.append(f"  {'text':<13} {len(outcome.text.split())} words   [{outcome.found['text']}]")
    for paragraph in outcome.text.split("\n\n"):
        lines += ["", *textwrap.wrap(paragraph, 96, initial_indent="    ", subsequent_indent="    ")]
    return "\n".join([*lines, ""])


def _image(caption: str | None, credit: str | None, url: str | None) -> str:
    return f"{caption or url or 'no caption'} ({credit or 'no credit'})"


def verdicts(summary: Summary) -> list[str]:
    """What many refusals of one kind mean: that the site blocks us, or that it has changed."""
    said = []
    if blocked := summary.refused[Reason.CHALLENGE]:
        said.append(f"BLOCKED: the firewall's page came {blocked} times; {REFUSALS[Reason.CHALLENGE].advice}")
    unread = sum(summary.refused[reason] for reason in LAYOUT)
    if unread >= 3 and unread * 2 >= summary.fetched:
        said.append(
            f"THE SITE HAS CHANGED: {unread} of {summary.fetched} pages could not be read; "
            "mend the source's [read], then `newsetl replay`"
        )
    return said


def outcome_line(summary: Summary) -> str:
    """A run's result in a line: found, new, changed, known, refused with reasons, seconds."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in summary.refused.most_common())
    repeated = f", {summary.repeated} a second address of a loaded article" if summary.repeated else ""
    line = (
        f"{summary.source}: {summary.found} found, {summary.new} new, {summary.changed} changed, "
        f"{summary.known} known{repeated}, {summary.refused.total()} refused"
        f"{f' ({reasons})' if reasons else ''}, {summary.seconds:.1f} s"
    )
    line = "\n".join([line, *(f"{summary.source}: {said}" for said in verdicts(summary))])
    if summary.error:
        return f"{line}\n{summary.source}: FAILED: {summary.error}"
    if not summary.fetched:
        return f"{line}\n{summary.source}: nothing new; every article that is announced is known"
    return line
