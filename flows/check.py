"""What is wrong in the whole warehouse, as `newsetl check` tells it."""

from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State

from newsetl.db import checks
from newsetl.db.checks import Finding
from newsetl.query import status
from newsetl.runtime.data_folder import DataFolder

from . import reporting
from .reporting import SourceName


@flow(name="check", flow_run_name=lambda: f"check {reporting.get_scheduled_day()}", persist_result=False)
@reporting.without_retries
def check(data: Path = Path("data"), source_name: SourceName | None = None) -> tuple[Finding, ...]:
    """Look for what is wrong in the whole warehouse.

    Ends as Degraded if there are errors, a check could not be made, or a field shows a regression.

    Args:
        data: The folder with news.duckdb and archive/.
        source_name: Only this source.
    """
    folder = DataFolder(data)
    findings = status.run_checks(folder, source=source_name)
    reporting.create_table(
        "check",
        [
            {
                "check": finding.check.name,
                "severity": finding.check.severity,
                "failing rows": finding.failing_rows,
                "what": finding.error or finding.check.row,
                "what to do": finding.check.advice,
            }
            for finding in findings
            if finding.error or finding.failing_rows
        ]
        or [{"check": "all", "failing rows": 0}],
        "What the checks found",
    )
    reporting.report_action_items("action-items", folder)
    doubts = [
        f"check {finding.check.name}: {finding.error or f'{finding.failing_rows} wrong'}"
        for finding in findings
        if finding.is_error
    ] + [checks.describe_regression(row) for row in checks.find_regressions(findings)]
    well = sum(finding.failing_rows == 0 for finding in findings)
    ended: State[tuple[Finding, ...]] = reporting.build_final_state(
        findings, line=f"{well} of {len(findings)} checks found nothing", warnings=doubts
    )
    return ended  # type: ignore[return-value]  # Prefect takes states
