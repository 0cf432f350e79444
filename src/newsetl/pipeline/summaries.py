"""Text of the results of runs, backfills and imports, for the terminal and the log."""

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


# Number of ignored files that are named.
_MAX_LISTED_FILES = 5


def format_summary(summary: RunSummary) -> str:
    """Format a run's counts, seconds, warnings, findings and error."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in summary.rejected.most_common())
    duplicates = f", {summary.duplicate_urls} duplicate URLs" if summary.duplicate_urls else ""
    line = (
        f"{summary.source}: {summary.discovered} discovered, {summary.new} new, {summary.changed} changed, "
        f"{summary.already_loaded} already loaded{duplicates}, {summary.rejected.total()} rejected"
        f"{f' ({reasons})' if reasons else ''}, {summary.seconds:.1f} s"
    )
    lines = [line, *(f"{summary.source}: {note}" for note in (summary.warning, *summary.notes) if note)]
    lines += format_findings(summary.source, summary.findings)
    if summary.error:
        lines.append(f"{summary.source}: FAILED: {summary.error}")
    elif not summary.fetched and summary.discovered:
        lines.append(f"{summary.source}: nothing new; every discovered article is already loaded")
    elif not summary.fetched:
        lines.append(
            f"{summary.source}: no article found: no link of the start pages, sitemaps and feeds fits a URL "
            f"form and the window; run newsetl source check {summary.source}"
        )
    return "\n".join(lines)


def format_findings(source: str, findings: Iterable[Finding]) -> list[str]:
    """Format regressions with example pages, failing checks of severity "error" and checks without result."""
    findings = tuple(findings)
    lines = []
    for row in find_regressions(findings):
        lines.append(f"{source}: DEGRADED: {describe_regression(row)}, since {row['since_on']}; look at")
        lines += [
            f"    {capture['url']}  ({capture['file']} at {capture['offset']})"
            for capture in row["captures"] or ()
        ]
        lines.append(f"    newsetl check drift --source {source}")
    for finding in findings:
        name = finding.check.name
        if finding.error:
            lines.append(f"{source}: check {name} cannot be run: {finding.error}")
        elif finding.failing_rows and finding.check.severity == "error":
            lines.append(
                f"{source}: check {name}: {finding.failing_rows} failing rows; "
                f"newsetl check {name} --source {source}"
            )
    return lines


def format_backfill(done: BackfillSummary) -> str:
    """Format a backfill's counts, warnings, findings and error."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in done.rejected.most_common())
    lines = [
        f"{done.source}: {done.days_done} of {done.days_due} days done ({done.days} in the window), "
        f"{done.discovered} discovered, {done.new} new, {done.changed} changed, "
        f"{done.already_loaded} already loaded, {done.archive_copies} from web archives, "
        f"{done.rejected.total()} rejected"
        f"{f' ({reasons})' if reasons else ''}, "
        f"{done.seconds:.1f} s"
    ]
    lines += [
        f"{done.source}: {method} failed for {days} days; see coverage_gaps"
        for method, days in done.failed_methods.items()
    ]
    lines += [f"{done.source}: {note}" for note in (done.warning, *done.notes) if note]
    lines += format_findings(done.source, done.findings)
    if done.error:
        lines.append(f"{done.source}: FAILED: {done.error}")
    elif not done.days_due:
        lines.append(
            f"{done.source}: nothing to do; every day is complete (check them again with --include-complete)"
        )
    return "\n".join(lines)


def format_day_ranges(days: Iterable[date]) -> list[str]:
    """Format days as ranges, one per line: `2026-01-01 to 2026-01-31 (31 days)`."""
    ranges: list[list[date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][-1] == timedelta(days=1):
            ranges[-1].append(day)
        else:
            ranges.append([day])
    return [
        f"{days[0]} to {days[-1]} ({len(days)} days)" if len(days) > 1 else f"{days[0]} (1 day)"
        for days in ranges
    ]


def format_import_progress(done: ImportResult) -> str:
    """Format the progress of an import."""
    if done.downloading:
        return done.downloading
    records = f", {done.records} records" if done.records else ""
    return (
        f"{done.files} of {done.files_total} files{records}, {done.summary.discovered} pages, "
        f"{done.summary.already_loaded} already loaded, {done.summary.rejected.total()} rejected"
    )


def format_import_result(done: ImportResult, inputs: ImportInputs) -> str:
    """Format an import's counts, skipped records, findings and errors."""
    summary = done.summary
    reasons = ", ".join(f"{count} {reason}" for reason, count in summary.rejected.most_common())
    line = (
        f"{summary.source}: {summary.discovered} pages in {done.files} files: {summary.new} new, "
        f"{summary.changed} changed, {summary.duplicate_urls} duplicate URLs, "
        f"{summary.already_loaded} already loaded, {summary.rejected.total()} rejected"
        f"{f' ({reasons})' if reasons else ''}, {summary.seconds:.1f} s"
    )
    skipped = [
        *(f"{done.skipped_records[kind]} {kind}" for kind in sorted(done.skipped_records)),
        *([f"{done.out_of_window} pages of other days"] if done.out_of_window else []),
        *([format_ignored_files(inputs)] if inputs.ignored else []),
    ]
    lines = [line, *([f"{summary.source}: skipped: {'; '.join(skipped)}"] if skipped else [])]
    lines += [f"{summary.source}: {summary.warning}"] if summary.warning else []
    lines += format_findings(summary.source, summary.findings)
    lines += [f"{summary.source}: FAILED: {error}" for error in done.errors]
    return "\n".join(lines)


def format_ignored_files(inputs: ImportInputs) -> str:
    """Format the number and first names of the ignored files; "" if there are none."""
    if not inputs.ignored:
        return ""
    names = [escape_path(path) for path in inputs.ignored[:_MAX_LISTED_FILES]]
    more = (
        f" and {len(inputs.ignored) - _MAX_LISTED_FILES} more"
        if len(inputs.ignored) > _MAX_LISTED_FILES
        else ""
    )
    return f"{len(inputs.ignored)} other files ({', '.join(names)}{more})"
