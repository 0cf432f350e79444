"""What a person or a program sees of an article, a reject and a run."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from newsetl.dates import read_date
from newsetl.intake import Intake
from newsetl.model import Article, Reject
from newsetl.pipeline import Summary
from newsetl.places import Places, printable
from newsetl.quality import Finding, fall, fallen
from newsetl.sources import Source

if TYPE_CHECKING:
    from newsetl.backfill import Backfilled

# Of the files that are left out so many are named.
_NAMED = 5


def published(article: Article, source: Source) -> str | None:
    """ISO 8601 with the source's own offset; a bare day or month where no more is known.

    Of a page that no source declares, with the offset that it prints, and with none if it prints none.
    """
    if article.published_at is None:
        return None
    own = None if source.is_declared else read_date(article.published_raw, source.timezone).zone
    local = article.published_at.astimezone(own or source.timezone)
    match article.published_precision:
        case "day":
            return local.date().isoformat()
        case "month":
            return f"{local:%Y-%m}"
        case _:
            return (local if source.is_declared or own else local.replace(tzinfo=None)).isoformat()


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
    lines = [fields(outcome, source, path)]
    for paragraph in outcome.text.split("\n\n") if isinstance(outcome, Article) else ():
        lines += ["", *textwrap.wrap(paragraph, 96, initial_indent="    ", subsequent_indent="    ")]
    return "\n".join([*lines, ""])


def fields(outcome: Article | Reject, source: Source, path: str) -> str:
    """One field a line with where it was found."""
    if isinstance(outcome, Reject):
        return f"{path}\n  refused: {outcome.reason} ({outcome.message})"
    values = {
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
    for name, value in values.items():
        where = f"   [{outcome.found[name]}]" if value and name in outcome.found else ""
        lines.append(f"  {name:<13} {value or '-'}{where}")
    lines.append(f"  {'text':<13} {len(outcome.text.split())} words   [{outcome.found['text']}]")
    return "\n".join(lines)


def _image(caption: str | None, credit: str | None, url: str | None) -> str:
    return f"{caption or url or 'no caption'} ({credit or 'no credit'})"


def outcome_line(summary: Summary) -> str:
    """A run's result in a line: found, new, changed, known, refused with reasons, seconds."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in summary.refused.most_common())
    repeated = f", {summary.repeated} a second address of a loaded article" if summary.repeated else ""
    line = (
        f"{summary.source}: {summary.found} found, {summary.new} new, {summary.changed} changed, "
        f"{summary.known} known{repeated}, {summary.refused.total()} refused"
        f"{f' ({reasons})' if reasons else ''}, {summary.seconds:.1f} s"
    )
    lines = [line, *(f"{summary.source}: {said}" for said in (summary.suspicion, *summary.notes) if said)]
    lines += quality_lines(summary.source, summary.findings)
    if summary.error:
        lines.append(f"{summary.source}: FAILED: {summary.error}")
    elif not summary.fetched:
        lines.append(f"{summary.source}: nothing new; every article that is announced is known")
    return "\n".join(lines)


def quality_lines(source: str, findings: Iterable[Finding]) -> list[str]:
    """Which fields have fallen, with pages to look at, and what the checks found that cannot be right."""
    findings = tuple(findings)
    lines = []
    for row in fallen(findings):
        lines.append(f"{source}: DEGRADED: {fall(row)}, since {row['since_on']}; look at")
        lines += [
            f"    {taken['url']}  ({taken['file']} at {taken['offset']})" for taken in row["captures"] or ()
        ]
        lines.append(f"    newsetl check drift --source {source}")
    for finding in findings:
        name = finding.check.name
        if finding.error:
            lines.append(f"{source}: check {name} could not be made: {finding.error}")
        elif finding.wrong and finding.check.severity == "defect":
            lines.append(
                f"{source}: check {name}: {finding.wrong} wrong; newsetl check {name} --source {source}"
            )
    return lines


def backfill_line(done: Backfilled) -> str:
    """A backfill's result in a line or two."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in done.refused.most_common())
    lines = [
        f"{done.source}: {done.days_done} of {done.days_due} days done ({done.days} asked for), "
        f"{done.found} found, {done.new} new, {done.changed} changed, {done.known} known, "
        f"{done.copies} copies from archives, {done.refused.total()} refused"
        f"{f' ({reasons})' if reasons else ''}, "
        f"{done.seconds:.1f} s"
    ]
    lines += [
        f"{done.source}: {days} days lack {way}; see why in coverage_gaps" for way, days in done.lost.items()
    ]
    lines += [f"{done.source}: {said}" for said in (done.suspicion, *done.notes) if said]
    lines += quality_lines(done.source, done.findings)
    if done.error:
        lines.append(f"{done.source}: FAILED: {done.error}")
    elif not done.days_due:
        lines.append(f"{done.source}: nothing to do; every day is complete (--again looks anyway)")
    return "\n".join(lines)


def stretches(days: Iterable[date]) -> list[str]:
    """Days as stretches, each a line: `2026-01-01 to 2026-01-31 (31 days)`."""
    found: list[list[date]] = []
    for day in sorted(days):
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return [
        f"{run[0]} to {run[-1]} ({len(run)} days)" if len(run) > 1 else f"{run[0]} (1 day)" for run in found
    ]


def intake_progress(done: Intake) -> str:
    """How far an import is."""
    if done.downloading:
        return done.downloading
    records = f", {done.records} records" if done.records else ""
    return (
        f"{done.files} of {done.files_known} files{records}, {done.summary.found} pages, "
        f"{done.summary.known} held already, {done.summary.refused.total()} refused"
    )


def intake_lines(done: Intake, found: Places) -> str:
    """An import's result, what was left out, and what could not be read."""
    summary = done.summary
    reasons = ", ".join(f"{count} {reason}" for reason, count in summary.refused.most_common())
    line = (
        f"{summary.source}: {summary.found} pages in {done.files} files: {summary.new} new, "
        f"{summary.changed} changed, {summary.repeated} of articles that were there, "
        f"{summary.known} held already, {summary.refused.total()} refused"
        f"{f' ({reasons})' if reasons else ''}, {summary.seconds:.1f} s"
    )
    left = [
        *(f"{done.unwanted[kind]} {kind}" for kind in sorted(done.unwanted)),
        *([f"{done.outside} pages of other days"] if done.outside else []),
        *([left_out(found)] if found.left else []),
    ]
    lines = [line, *([f"{summary.source}: left out: {'; '.join(left)}"] if left else [])]
    lines += [f"{summary.source}: {summary.suspicion}"] if summary.suspicion else []
    lines += quality_lines(summary.source, summary.findings)
    lines += [f"{summary.source}: FAILED: {error}" for error in done.errors]
    return "\n".join(lines)


def left_out(found: Places) -> str:
    """The files that are not ours to read; "" if there are none."""
    if not found.left:
        return ""
    names = [printable(path) for path in found.left[:_NAMED]]
    more = f" and {len(found.left) - _NAMED} more" if len(found.left) > _NAMED else ""
    return f"{len(found.left)} other files ({', '.join(names)}{more})"
