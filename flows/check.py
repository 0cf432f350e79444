"""What is wrong in the whole warehouse, as `newsetl check` tells it."""

from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State

from newsetl import quality, standing
from newsetl.folder import DataFolder
from newsetl.quality import Finding

from . import telling
from .telling import SourceName


@flow(name="check", flow_run_name=lambda: f"check {telling.day()}", persist_result=False)
@telling.unretried
def check(data: Path = Path("data"), source_name: SourceName | None = None) -> tuple[Finding, ...]:
    """Look for what is wrong in the whole warehouse.

    Ends as Degraded if there are defects, a check could not be made, or fields have fallen.

    Args:
        data: The folder with news.duckdb and archive/.
        source_name: Only this source.
    """
    folder = DataFolder(data)
    findings = standing.examine(folder, source=source_name)
    telling.table(
        "check",
        [
            {
                "check": finding.check.name,
                "severity": finding.check.severity,
                "wrong": finding.wrong,
                "what": finding.error or finding.check.row,
                "what to do": finding.check.advice,
            }
            for finding in findings
            if finding.error or finding.wrong
        ]
        or [{"check": "all", "wrong": 0}],
        "What the checks found",
    )
    telling.needs("needs", folder)
    doubts = [
        f"check {finding.check.name}: {finding.error or f'{finding.wrong} wrong'}"
        for finding in findings
        if finding.is_defect
    ] + [quality.fall(row) for row in quality.fallen(findings)]
    well = sum(finding.wrong == 0 for finding in findings)
    ended: State[tuple[Finding, ...]] = telling.ended(
        findings, line=f"{well} of {len(findings)} checks found nothing", doubts=doubts
    )
    return ended  # type: ignore[return-value]  # Prefect takes states
