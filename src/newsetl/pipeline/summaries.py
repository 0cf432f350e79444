"""What a person or a program sees of an article, a reject and a run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from newsetl.db.checks import Finding, describe_regression, find_regressions
from newsetl.pipeline.importing.files import ImportInputs, escape_path
from newsetl.pipeline.importing.job import ImportResult
from newsetl.pipeline.summary import RunSummary

if TYPE_CHECKING:
    from newsetl.pipeline.summary import BackfillSummary


# Of the files that are left out so many are named.
_MAX_LISTED_FILES = 5


def format_summary(summary: RunSummary) -> str:
    """A run's result in a line: found, new, changed, known, refused with reasons, seconds."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in summary.rejected.most_common())
    repeated = (
        f", {summary.duplicate_urls} a second address of a loaded article" if summary.duplicate_urls else ""
    )
    line = (
        f"{summary.source}: {summary.discovered} found, {summary.new} new, {summary.changed} changed, "
        f"{summary.already_loaded} known{repeated}, {summary.rejected.total()} refused"
        f"{f' ({reasons})' if reasons else ''}, {summary.seconds:.1f} s"
    )
    lines = [line, *(f"{summary.source}: {said}" for said in (summary.warning, *summary.notes) if said)]
    lines += format_findings(summary.source, summary.findings)
    if summary.error:
        lines.append(f"{summary.source}: FAILED: {summary.error}")
    elif not summary.fetched:
        lines.append(f"{summary.source}: nothing new; every article that is announced is known")
    return "\n".join(lines)


def format_findings(source: str, findings: Iterable[Finding]) -> list[str]:
    """Which fields have fallen, with pages to look at, and what the checks found that cannot be right."""
    findings = tuple(findings)
    lines = []
    for row in find_regressions(findings):
        lines.append(f"{source}: DEGRADED: {describe_regression(row)}, since {row['since_on']}; look at")
        lines += [
            f"    {taken['url']}  ({taken['file']} at {taken['offset']})" for taken in row["captures"] or ()
        ]
        lines.append(f"    newsetl check drift --source {source}")
    for finding in findings:
        name = finding.check.name
        if finding.error:
            lines.append(f"{source}: check {name} could not be made: {finding.error}")
        elif finding.failing_rows and finding.check.severity == "error":
            lines.append(
                f"{source}: check {name}: {finding.failing_rows} wrong; "
                f"newsetl check {name} --source {source}"
            )
    return lines


def format_backfill(done: BackfillSummary) -> str:
    """A backfill's result in a line or two."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in done.rejected.most_common())
    lines = [
        f"{done.source}: {done.days_done} of {done.days_due} days done ({done.days} asked for), "
        f"{done.discovered} found, {done.new} new, {done.changed} changed, {done.already_loaded} known, "
        f"{done.archive_copies} copies from archives, {done.rejected.total()} refused"
        f"{f' ({reasons})' if reasons else ''}, "
        f"{done.seconds:.1f} s"
    ]
    lines += [
        f"{done.source}: {days} days lack {method}; see why in coverage_gaps"
        for method, days in done.failed_methods.items()
    ]
    lines += [f"{done.source}: {said}" for said in (done.warning, *done.notes) if said]
    lines += format_findings(done.source, done.findings)
    if done.error:
        lines.append(f"{done.source}: FAILED: {done.error}")
    elif not done.days_due:
        lines.append(f"{done.source}: nothing to do; every day is complete (--include-complete looks anyway)")
    return "\n".join(lines)


def format_day_ranges(days: Iterable[date]) -> list[str]:
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


def format_import_progress(done: ImportResult) -> str:
    """How far an import is."""
    if done.downloading:
        return done.downloading
    records = f", {done.records} records" if done.records else ""
    return (
        f"{done.files} of {done.files_total} files{records}, {done.summary.discovered} pages, "
        f"{done.summary.already_loaded} held already, {done.summary.rejected.total()} refused"
    )


def format_import_result(done: ImportResult, found: ImportInputs) -> str:
    """An import's result, what was left out, and what could not be read."""
    summary = done.summary
    reasons = ", ".join(f"{count} {reason}" for reason, count in summary.rejected.most_common())
    line = (
        f"{summary.source}: {summary.discovered} pages in {done.files} files: {summary.new} new, "
        f"{summary.changed} changed, {summary.duplicate_urls} of articles that were there, "
        f"{summary.already_loaded} held already, {summary.rejected.total()} refused"
        f"{f' ({reasons})' if reasons else ''}, {summary.seconds:.1f} s"
    )
    left = [
        *(f"{done.skipped_records[kind]} {kind}" for kind in sorted(done.skipped_records)),
        *([f"{done.out_of_window} pages of other days"] if done.out_of_window else []),
        *([format_ignored_files(found)] if found.ignored else []),
    ]
    lines = [line, *([f"{summary.source}: left out: {'; '.join(left)}"] if left else [])]
    lines += [f"{summary.source}: {summary.warning}"] if summary.warning else []
    lines += format_findings(summary.source, summary.findings)
    lines += [f"{summary.source}: FAILED: {error}" for error in done.errors]
    return "\n".join(lines)


def format_ignored_files(found: ImportInputs) -> str:
    """The files that are not ours to read; "" if there are none."""
    if not found.ignored:
        return ""
    names = [escape_path(path) for path in found.ignored[:_MAX_LISTED_FILES]]
    more = (
        f" and {len(found.ignored) - _MAX_LISTED_FILES} more"
        if len(found.ignored) > _MAX_LISTED_FILES
        else ""
    )
    return f"{len(found.ignored)} other files ({', '.join(names)}{more})"
