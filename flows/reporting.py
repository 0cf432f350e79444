"""Reports of a run to Prefect: name, progress, results, manual actions and final state.

An error of the report does not fail the run: it is logged, and the run continues.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from prefect import get_run_logger, runtime
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRunPolicy, State, StateType
from prefect.states import Completed, Failed
from pydantic import WithJsonSchema

from newsetl import sources
from newsetl.db.writer import Warehouse
from newsetl.errors import ConfigError, WarehouseError
from newsetl.pipeline import recover
from newsetl.pipeline.recover import RecoveredRun
from newsetl.pipeline.summary import RunSummary
from newsetl.query import status
from newsetl.query.status import ActionItem
from newsetl.runtime import signals
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.prefect_home import STOP_FILE

P = ParamSpec("P")
T = TypeVar("T")

DEGRADED, STOPPED = "Degraded", "Stopped"
# Seconds to wait for another run in the data directory.
LOCK_TIMEOUT = 600.0
# Seconds between two progress reports to Prefect and to the log, and without reports after a failed one:
# Prefect's client takes a minute to find out that the server is down.
_ARTIFACT_SECONDS, _LOG_SECONDS, _UNREACHABLE_SECONDS = 2.0, 30.0, 600.0

# Prefect's form shows the names as a list.
SourceName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(sources.list_all())})]


def now() -> datetime:
    """Return the current time in UTC: the clock for all stages."""
    return datetime.now(UTC)


def get_scheduled_day(zone: ZoneInfo | None = None) -> date:
    """Return the day for which the run was scheduled, in `zone` or UTC."""
    return (runtime.flow_run.scheduled_start_time or now()).astimezone(zone or UTC).date()


def get_parameter(name: str) -> Any:
    """Return a parameter of the current flow run."""
    return runtime.flow_run.parameters.get(name)


def get_worker_count(workers: int | None, default: int = 1) -> int:
    """Return the number of workers: `workers`, else NEWSETL_WORKERS, else `default`.

    Raise ConfigError if NEWSETL_WORKERS is not a whole number.
    """
    setting = os.environ.get("NEWSETL_WORKERS", "")
    if setting and not setting.isdecimal():
        raise ConfigError(f"NEWSETL_WORKERS={setting}: not a whole number; write one such as 4")
    return max(1, workers or int(setting or default))


def without_retries(body: Callable[P, T]) -> Callable[P, T]:
    """Let a ConfigError end the flow run as failed at once, without Prefect's retries."""

    @wraps(body)
    def run(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return body(*arguments, **named)
        except ConfigError:
            if (run_id := runtime.flow_run.id) is not None:
                _call_prefect(get_run_logger(), lambda: _forbid_retries(UUID(run_id)))
            raise

    return run


def _forbid_retries(run_id: UUID) -> None:
    with get_client(sync_client=True) as client:
        client.update_flow_run(run_id, empirical_policy=FlowRunPolicy(retries=0))


@contextmanager
def open_warehouse(folder: DataFolder) -> Iterator[Warehouse]:
    """Lock the data directory, recover crashed runs, log them and yield the warehouse."""
    log = get_run_logger()

    def log_recovered(run: RecoveredRun) -> None:
        log.warning(
            "%s: the run of %s UTC had crashed; loaded now from its archive file: %d articles, %d rejected",
            run.source,
            f"{run.started_at:%Y-%m-%d %H:%M:%S}",
            run.articles,
            run.rejects,
        )

    with recover.open_warehouse(
        folder,
        clock=now,
        lock_timeout=LOCK_TIMEOUT,
        on_recovered=log_recovered,
        on_publish_failure=log.warning,
        on_wait=log.info,
    ) as warehouse:
        yield warehouse


@contextmanager
def watch_stop(max_hours: float | None) -> Iterator[Callable[[], bool]]:
    """Yield a function that returns True after a signal, `max_hours`, or a stop file from the server."""
    deadline = time.monotonic() + max_hours * 3600 if max_hours else float("inf")
    file = Path(os.environ[STOP_FILE]) if os.environ.get(STOP_FILE) else None

    def is_over() -> bool:
        return time.monotonic() >= deadline or (file is not None and file.exists())

    if threading.current_thread() is not threading.main_thread():
        yield is_over
        return
    with signals.catch_stop_signals(is_quiet=True) as is_signalled:
        yield lambda: is_signalled() or is_over()


class Progress:
    """Progress of a task: an artifact of its run, and a log line every 30 seconds."""

    def __init__(self, key: str, name: str) -> None:
        self._log, self._name, self._key = get_run_logger(), name, _build_key(key)
        self._id: Any = None
        self._share = 0.0
        self._updated_at = self._logged_at = time.monotonic() - _ARTIFACT_SECONDS

    def __call__(self, share: float, line: str) -> None:
        """Report a share from 0 to 1, never less than the share before, and a line of text."""
        self._share = max(self._share, min(share, 1.0))
        if time.monotonic() - self._logged_at >= _LOG_SECONDS:
            self._logged_at = time.monotonic()
            self._log.info("%s: %s", self._name, line)
        if time.monotonic() - self._updated_at >= _ARTIFACT_SECONDS:
            self._update_artifact(f"{self._name}: {line}")

    def finish(self, line: str) -> None:
        """Set the progress to 100 % with a last line."""
        self._share = 1.0
        self._update_artifact(line)

    def _update_artifact(self, line: str) -> None:
        percent = round(100 * self._share, 1)
        if self._id is None:
            self._id = _call_prefect(
                self._log,
                lambda: create_progress_artifact(percent, key=self._key, description=line),
            )
        else:
            _call_prefect(self._log, lambda: update_progress_artifact(self._id, percent, description=line))
        self._updated_at = time.monotonic()


_unreachable_until = 0.0


def _call_prefect(log: logging.Logger | logging.LoggerAdapter[Any], call: Callable[[], T]) -> T | None:
    """Call Prefect and return the result, None if it is or recently was unreachable."""
    global _unreachable_until  # noqa: PLW0603  # there is one Prefect for the process
    if time.monotonic() < _unreachable_until:
        return None
    try:
        return call()
    except Exception as error:  # no error of Prefect's client may fail the run
        _unreachable_until = time.monotonic() + _UNREACHABLE_SECONDS
        log.warning("Prefect could not be reached: %s: %s", type(error).__name__, error)
        return None


def create_table(key: str, rows: Sequence[Mapping[str, Any]], description: str) -> None:
    """Create a table artifact of the run."""
    _call_prefect(
        get_run_logger(),
        lambda: create_table_artifact(
            [dict(row) for row in rows], key=_build_key(key), description=description
        ),
    )


def report_action_items(key: str, folder: DataFolder) -> None:
    """Create a Markdown artifact with the manual actions for the warehouse and their commands."""
    log = get_run_logger()
    try:
        items = list(status.list_action_items(folder.published))
    except WarehouseError as error:
        log.warning("manual actions cannot be listed: %s", error)
        return
    page = format_action_items(items, folder)
    description = "Manual actions and their commands"
    _call_prefect(log, lambda: create_markdown_artifact(page, key=_build_key(key), description=description))


def format_action_items(items: Iterable[ActionItem], folder: DataFolder) -> str:
    """Format action items as Markdown, each with a command to copy."""
    lines = ["# Manual actions", ""]
    for item in items:
        section = f", section {item.section}" if item.section else ""
        prefix = f"{item.source}{section}: " if item.source else ""
        lines += [
            f"- {_escape_markdown(prefix + item.text)}",
            "",
            f"      {item.command}",
            "",
        ]
    if len(lines) == 2:
        return "\n".join([*lines, f"None for `{folder.path}`."])
    return "\n".join([*lines, f"For these commands: `export NEWSETL_DATA={folder.path}`"])


def build_final_state(
    value: T,
    *,
    line: str,
    failures: Sequence[str] = (),
    warnings: Sequence[str] = (),
    is_stopped: bool = False,
) -> State[T]:
    """Build the final state of a run with a result.

    The state is Stopped after a stop request, Degraded with failures or warnings, else Completed. Its data is
    `value`.
    """
    if is_stopped:
        message = f"{line}; stopped after loading the fetched pages"
        return State(type=StateType.CANCELLED, name=STOPPED, message=message, data=value)
    if failures or warnings:
        problems = "; ".join([*failures, *warnings])
        return Completed(name=DEGRADED, message=f"{problems} ({line})", data=value)
    return Completed(message=line, data=value)


def build_task_state(
    summary: RunSummary, report: str, warnings: Sequence[str], progress: Progress
) -> State[Any]:
    """Build the final state of a source's task with its summary as data; log the report."""
    line = report.splitlines()[0]
    get_run_logger().info(report)
    progress.finish(line)
    if summary.error:
        return Failed(message=summary.error, data=summary)
    if warnings:
        return Completed(name=DEGRADED, message="; ".join(warnings), data=summary)
    return Completed(message=line, data=summary)


def build_count_columns(summary: RunSummary) -> dict[str, Any]:
    """Build the last columns of a table artifact from a run's summary."""
    return {
        "discovered": summary.discovered,
        "new": summary.new,
        "changed": summary.changed,
        "already loaded": summary.already_loaded,
        "rejected": summary.rejected.total(),
        "seconds": round(summary.seconds, 1),
        "error": summary.error or "",
    }


def _build_key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _escape_markdown(text: str) -> str:
    # Text from a site must not become markup or a link.
    return re.sub(r"([\\`*_{}\[\]<>#|!&])", r"\\\1", " ".join(text.split()))
