"""Flow that runs the checks on the whole warehouse, like `newsetl check`."""

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
    """Run the checks on the whole warehouse.

    The flow ends as Degraded if a check finds errors or cannot be run, or if a field shows a regression.

    Args:
        data: Data directory with news.duckdb and archive/.
        source_name: Name of one source. Default: every source.
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
        "Results of the checks",
    )
    reporting.report_action_items("action-items", folder)
    warnings = [
        f"check {finding.check.name}: {finding.error or f'{finding.failing_rows} failing rows'}"
        for finding in findings
        if finding.is_error
    ] + [checks.describe_regression(row) for row in checks.find_regressions(findings)]
    passed = sum(finding.failing_rows == 0 for finding in findings)
    state: State[tuple[Finding, ...]] = reporting.build_final_state(
        findings, line=f"{passed} of {len(findings)} checks found nothing", warnings=warnings
    )
    return state  # type: ignore[return-value]  # Prefect takes states
