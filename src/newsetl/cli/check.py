"""The command `newsetl check`."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsetl import sources
from newsetl.cli.app import FAILED, OK
from newsetl.cli.options import DataOption
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder

if TYPE_CHECKING:
    from newsetl.db.checks import Finding


FORMATS = ("table", "csv", "json")


def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Names of checks. Default: every check.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Name of one source. Default: every source.")
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help="Number of failing rows shown per check.")] = 5,
    fmt: Annotated[str, typer.Option("--format", help="Output format: table, csv or json.")] = "table",
    data: DataOption = Path("data"),
) -> None:
    """Run the data checks on the whole warehouse.

    Every run already checks the articles that it loads. A check of severity "error" finds rows that must not
    exist; a "warning" may be correct and needs a look. Exit status: 1 if a check of severity "error" finds
    rows or a check cannot be run, else 0.

    Example: newsetl check orphans duplicate_urls --source stdaily
    """
    from newsetl.db import checks
    from newsetl.query import status

    if fmt not in FORMATS:
        raise ConfigError(f"--format {fmt}: use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if source is not None:
        sources.load(source)
    selected = [each.name for each in checks.select_checks(names or ())]
    findings = status.run_checks(DataFolder(data), source=source, names=selected, rows=rows)
    _WRITERS[fmt](findings)
    raise typer.Exit(FAILED if any(finding.is_error for finding in findings) else OK)


def _print_table(findings: tuple[Finding, ...]) -> None:
    from newsetl.text.whitespace import replace_unprintable

    for finding in findings:
        if finding.error:
            print(f"{finding.check.name}: cannot be run: {finding.error}")
        elif finding.failing_rows:
            check = finding.check
            print(f"{check.name} [{check.severity}] {finding.failing_rows} wrong. {check.row}")
            for row in finding.rows:
                print(
                    replace_unprintable(
                        f"    {', '.join(f'{name} {_format_value(value)}' for name, value in row.items())}"
                    )
                )
            print(f"    What to do: {check.advice}")
    passed = sum(finding.failing_rows == 0 for finding in findings)
    print(f"{passed} of {len(findings)} checks found nothing")


def _print_csv(findings: tuple[Finding, ...]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("name", "severity", "failing_rows", "error", "row", "advice", "sample"))
    for finding in findings:
        check = finding.check
        for row in finding.rows or (None,):
            sample = None if row is None else json.dumps(row, ensure_ascii=False)
            writer.writerow(
                (
                    check.name,
                    check.severity,
                    finding.failing_rows,
                    finding.error,
                    check.row,
                    check.advice,
                    sample,
                )
            )


def _print_json(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        check = finding.check
        record = {
            "name": check.name, "severity": check.severity, "failing_rows": finding.failing_rows,
            "error": finding.error,
            "row": check.row, "advice": check.advice, "samples": finding.rows,
        }  # fmt: skip
        print(json.dumps(record, ensure_ascii=False))


_WRITERS = {"table": _print_table, "csv": _print_csv, "json": _print_json}


def _format_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
