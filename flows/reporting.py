"""What a run tells Prefect: its name, how far it is, what came of it and what needs a person.

Telling may not break a run: what Prefect cannot be told stands in the log, and the run goes on.
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
from newsetl.runtime import gc_tuning, signals
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.prefect_home import STOP_FILE

P = ParamSpec("P")
T = TypeVar("T")

DEGRADED, STOPPED = "Degraded", "Stopped"
# Seconds: another run in the folder may take its time, and then it is our turn.
LOCK_TIMEOUT = 600.0
# Seconds between two words on how far a run is: to Prefect, to the log, and after Prefect was out of reach,
# which its client takes a minute to find.
_ARTIFACT_SECONDS, _LOG_SECONDS, _UNREACHABLE_SECONDS = 2.0, 30.0, 600.0

# A form in the browser lists them.
SourceName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(sources.list_all())})]


def now() -> datetime:
    """The clock that stages are handed."""
    return datetime.now(UTC)


def get_scheduled_day(zone: ZoneInfo | None = None) -> date:
    """The day that the run was scheduled for, there."""
    return (runtime.flow_run.scheduled_start_time or now()).astimezone(zone or UTC).date()


def get_parameter(name: str) -> Any:
    """What the run was given."""
    return runtime.flow_run.parameters.get(name)


def without_retries(body: Callable[P, T]) -> Callable[P, T]:
    """What cannot work is not tried again: a ConfigError ends the run as failed, at once."""

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
    """The folder's warehouse, after what dead runs left was loaded; the log tells of it."""
    log = get_run_logger()
    gc_tuning.reduce_gc_frequency()

    def tell(found: RecoveredRun) -> None:
        log.warning(
            "%s: the run of %s UTC had died; loaded now of what it had kept: %d articles, %d refused",
            found.source,
            f"{found.started_at:%Y-%m-%d %H:%M:%S}",
            found.articles,
            found.rejects,
        )

    with recover.open_warehouse(
        folder,
        clock=now,
        lock_timeout=LOCK_TIMEOUT,
        on_recovered=tell,
        on_publish_failure=log.warning,
        on_wait=log.info,
    ) as warehouse:
        yield warehouse


@contextmanager
def watch_stop(max_hours: float | None) -> Iterator[Callable[[], bool]]:
    """Whether the run should end: after a signal, with the file of who serves it, or after so many hours."""
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
    """How far a task is: an artifact of its run that moves, and a line in the log now and then."""

    def __init__(self, key: str, name: str) -> None:
        self._log, self._name, self._key = get_run_logger(), name, _key(key)
        self._id: Any = None
        self._share = 0.0
        self._updated_at = self._logged_at = time.monotonic() - _ARTIFACT_SECONDS

    def __call__(self, share: float, line: str) -> None:
        """So much of it is done, from 0 to 1; less than before is no news."""
        self._share = max(self._share, min(share, 1.0))
        if time.monotonic() - self._logged_at >= _LOG_SECONDS:
            self._logged_at = time.monotonic()
            self._log.info("%s: %s", self._name, line)
        if time.monotonic() - self._updated_at >= _ARTIFACT_SECONDS:
            self._update_artifact(f"{self._name}: {line}")

    def finish(self, line: str) -> None:
        """It is done."""
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
    """What comes of telling Prefect; None if it is out of reach, or was a while ago."""
    global _unreachable_until  # noqa: PLW0603  # there is one Prefect for the process
    if time.monotonic() < _unreachable_until:
        return None
    try:
        return call()
    except Exception as error:  # whatever Prefect's client raises: the articles matter more
        _unreachable_until = time.monotonic() + _UNREACHABLE_SECONDS
        log.warning("Prefect could not be told: %s: %s", type(error).__name__, error)
        return None


def create_table(key: str, rows: Sequence[Mapping[str, Any]], description: str) -> None:
    """The rows are a table of the run."""
    _call_prefect(
        get_run_logger(),
        lambda: create_table_artifact([dict(row) for row in rows], key=_key(key), description=description),
    )


def report_action_items(key: str, folder: DataFolder) -> None:
    """What needs a person in the folder's warehouse, with the commands for it, is a page of the run."""
    log = get_run_logger()
    try:
        found = list(status.list_action_items(folder.published))
    except WarehouseError as error:
        log.warning("what needs a person is not known: %s", error)
        return
    page = format_action_items(found, folder)
    about = "What needs a person, and the commands"
    _call_prefect(log, lambda: create_markdown_artifact(page, key=_key(key), description=about))


def format_action_items(items: Iterable[ActionItem], folder: DataFolder) -> str:
    """The needs as Markdown; a command is one to copy."""
    lines = ["# What needs a person", ""]
    for need in items:
        section = f", section {need.section}" if need.section else ""
        of = f"{need.source}{section}: " if need.source else ""
        lines += [
            f"- {_escape_markdown(of + need.text)}",
            "",
            f"      {need.command}",
            "",
        ]
    if len(lines) == 2:
        return "\n".join([*lines, f"Nothing, in `{folder.path}`."])
    return "\n".join([*lines, f"Commands are about `{folder.path}`: `export NEWSETL_DATA={folder.path}`"])


def build_final_state(
    value: T,
    *,
    line: str,
    failures: Sequence[str] = (),
    warnings: Sequence[str] = (),
    is_stopped: bool = False,
) -> State[T]:
    """The final state of a run that has brought something.

    Stopped if it was asked to end; Degraded if parts of it failed or what it brought is doubtful; else
    Completed. All of them hold the value.
    """
    if is_stopped:
        told = f"{line}; stopped, and what was fetched is loaded"
        return State(type=StateType.CANCELLED, name=STOPPED, message=told, data=value)
    if failures or warnings:
        told = "; ".join([*failures, *warnings])
        return Completed(name=DEGRADED, message=f"{told} ({line})", data=value)
    return Completed(message=line, data=value)


def build_task_state(
    done: RunSummary, report: str, warnings: Sequence[str], progress: Progress
) -> State[Any]:
    """The final state of a source's task, which holds what it has done; the log has what is told of it."""
    line = report.splitlines()[0]
    get_run_logger().info(report)
    progress.finish(line)
    if done.error:
        return Failed(message=done.error, data=done)
    if warnings:
        return Completed(name=DEGRADED, message="; ".join(warnings), data=done)
    return Completed(message=line, data=done)


def count_columns(done: RunSummary) -> dict[str, Any]:
    """What a source's task has done, as the last columns of a table."""
    return {
        "discovered": done.discovered,
        "new": done.new,
        "changed": done.changed,
        "already loaded": done.already_loaded,
        "rejected": done.rejected.total(),
        "seconds": round(done.seconds, 1),
        "error": done.error or "",
    }


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _escape_markdown(text: str) -> str:
    # What a site wrote is text here, and neither markup nor a link.
    return re.sub(r"([\\`*_{}\[\]<>#|!&])", r"\\\1", " ".join(text.split()))
