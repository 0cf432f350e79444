"""Flow that publishes the warehouse and writes its report."""

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State

from newsetl.errors import ConfigError
from newsetl.query import report, status
from newsetl.runtime.data_folder import DataFolder, WarehouseLocation

from . import reporting


@flow(name="publish", flow_run_name=lambda: f"publish {reporting.get_scheduled_day()}", persist_result=False)
@reporting.without_retries
def publish(data: Path = Path("data"), report_file: Path | None = None) -> WarehouseLocation:
    """Publish the warehouse to news.duckdb and write a report.

    The flow ends as Degraded if the report could not be written.

    Args:
        data: Data directory with news.duckdb and archive/.
        report_file: Report file. Default: report.html in the data directory.
    """
    folder, log = DataFolder(data), get_run_logger()
    if not (folder.warehouse.exists() or folder.published.exists()):
        raise ConfigError(f"{folder.path}: no warehouse to publish; run `newsetl ingest` first")
    with reporting.open_warehouse(folder) as warehouse:
        warehouse.publish()
    line, output, warnings = (
        status.describe_publication(folder.published),
        report_file or data / "report.html",
        [],
    )
    try:
        written = report.write_report(folder.published, output, on_progress=log.info)
        line += f"; {output}: {written.articles} articles, {written.size / 1e6:.1f} MB"
    except ConfigError as error:
        warnings = [str(error)]
    state: State[WarehouseLocation] = reporting.build_final_state(
        folder.published, line=line, warnings=warnings
    )
    return state  # type: ignore[return-value]  # Prefect takes states
