"""The archive read anew, in pieces, by the runner of the user's choice; one task a piece, one writer.

Annotations are evaluated here: a worker makes the form of the parameters from them.
"""

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner

from newsetl import sources
from newsetl.errors import ConfigError, NewsetlError
from newsetl.model import Window
from newsetl.pipeline import rebuild as anew
from newsetl.pipeline import reparse as again
from newsetl.pipeline import runners, shards
from newsetl.pipeline.runners import ShardRunner
from newsetl.pipeline.shards import Shard
from newsetl.runtime import process_pool
from newsetl.runtime.data_folder import DataFolder

from . import reporting
from .reporting import SourceName

FlowRunnerKind = Literal["threads", "processes", "dask", "ray"]
FLOW_RUNNER_KINDS: tuple[FlowRunnerKind, ...] = ("threads", "processes", "dask", "ray")


_shard_task = partial(
    task,
    task_run_name="read {name}",
    retries=runners.MAX_ATTEMPTS - 1,
    cache_policy=NO_CACHE,
    persist_result=False,
)


@_shard_task
def write_shard(name: str, pickled: bytes) -> None:  # noqa: ARG001  # names the task run
    """The piece is there. Raises what `pieces.make` raises."""
    shards.write_shard(pickle.loads(pickled))


class _PrefectFuture:
    """What becomes of a piece, asked of Prefect."""

    def __init__(self, future: Any) -> None:
        self._future = future

    def result(self) -> str | None:
        """Why the piece could not be made."""
        try:
            self._future.result()
        except Exception as error:  # the task's, or the cluster's word on workers that died
            return str(error) or repr(error)
        return None


@contextmanager
def open_task_runner(
    kind: FlowRunnerKind | None, workers: int | None, address: str | None
) -> Iterator[ShardRunner]:
    """A runner whose every piece is a task of the flow that is running.

    What is None is taken from NEWSETL_RUNNER, NEWSETL_WORKERS and NEWSETL_RUNNER_ADDRESS; else it is
    processes, as many as there are cores. Raises ConfigError.
    """
    chosen = kind or os.environ.get("NEWSETL_RUNNER", "processes")
    if chosen not in FLOW_RUNNER_KINDS:
        raise ConfigError(f"NEWSETL_RUNNER={chosen}: it is one of {', '.join(FLOW_RUNNER_KINDS)}")
    address = address or os.environ.get("NEWSETL_RUNNER_ADDRESS") or None
    told = os.environ.get("NEWSETL_WORKERS", "")
    if told and not told.isdecimal():
        raise ConfigError(f"NEWSETL_WORKERS={told}: it is a number")
    width = max(1, workers or int(told or process_pool.count_cores()))
    with _build_task_runner(chosen, width, address) as task_runner, _open_shard_task(chosen, width) as read:

        def submit(piece: Shard) -> _PrefectFuture:
            more = f" and {len(piece.ranges) - 1} more" if len(piece.ranges) > 1 else ""
            name = f"{piece.ranges[0]}{more}"
            # As bytes: Prefect and Dask look into what they are given, and take it apart.
            return _PrefectFuture(task_runner.submit(read, {"name": name, "pickled": pickle.dumps(piece)}))

        yield ShardRunner(submit, width)


@contextmanager
def _open_shard_task(kind: str, width: int) -> Iterator[Any]:
    """The task that makes a piece."""
    if kind != "processes":
        yield write_shard
        return
    # Prefect's own pool of processes is lost with the first that dies.
    with runners.open_local_runner(max(2, width)) as crew:

        @_shard_task
        def read_here(name: str, pickled: bytes) -> None:  # noqa: ARG001
            if error := crew.submit(pickle.loads(pickled)).result():
                raise NewsetlError(error)

        yield read_here


def _build_task_runner(kind: str, width: int, address: str | None) -> Any:
    try:
        if kind == "dask":
            from prefect_dask.task_runners import DaskTaskRunner

            if address:
                return DaskTaskRunner(address=address)
            own = {"n_workers": width, "threads_per_worker": 1, "host": "127.0.0.1"}
            # Its web server cannot be left out; on any port that is free nobody is in its way.
            return DaskTaskRunner(cluster_kwargs=own | {"dashboard_address": "127.0.0.1:0"})
        if kind == "ray":
            from prefect_ray.task_runners import RayTaskRunner

            own = {} if address else {"num_cpus": width, "include_dashboard": False}
            return RayTaskRunner(address=address, init_kwargs=own)
    except ImportError as error:
        raise ConfigError(f"runner {kind}: {error}; install it: pip install 'newsetl[{kind}]'") from None
    return ThreadPoolTaskRunner(max_workers=width)


@flow(name="reparse", persist_result=False)
def reparse(
    source_names: list[SourceName] | None = None,
    since: date | None = None,
    until: date | None = None,
    dry_run: bool = False,
    data: Path = Path("data"),
    base_url: str | None = None,
    runner: FlowRunnerKind | None = None,
    workers: int | None = None,
    address: str | None = None,
) -> list[again.ReparseResult]:
    """Read stored pages with today's parser and load what it reads otherwise.

    Args:
        source_names: The sources; all of them if none is named.
        since: The first day on which the pages were fetched.
        until: The last day, included.
        dry_run: Only say what would change.
        data: The folder with news.duckdb and archive/.
        base_url: Another URL that serves the sources, such as a replica.
        runner: Who reads; NEWSETL_RUNNER if it is not said, else processes.
        workers: How many at a time; NEWSETL_WORKERS if it is not said, else the number of cores.
        address: A Dask or Ray cluster that is there, else NEWSETL_RUNNER_ADDRESS. Its workers need this
            newsetl, and the folder `data` at the same path.
    """
    window, folder, log = Window(since, until), DataFolder(data.absolute()), get_run_logger()
    changed = []
    with reporting.open_warehouse(folder) as warehouse, open_task_runner(runner, workers, address) as readers:
        for name in source_names or warehouse.list_sources():
            source = sources.load(name)
            if base_url:
                source = source.with_base_url(base_url)
            made = again.find_changes(source, warehouse, folder.archive, window=window, runner=readers)
            log.info("%s: %d pages read, %d give something else", name, made.pages, len(made.pages_to_load))
            if not dry_run:
                again.load_changes(
                    made, source, warehouse, folder.archive, window=window, clock=reporting.now
                )
            changed.append(made)
    _raise_failures([error for made in changed for error in made.failed])
    return changed


@flow(name="rebuild", persist_result=False)
def rebuild(
    data: Path = Path("data"),
    force: bool = False,
    runner: FlowRunnerKind | None = None,
    workers: int | None = None,
    address: str | None = None,
) -> anew.RebuildResult:
    """Make the warehouse anew from the archive alone, and put it in the old one's place when it is whole.

    force: even without what cannot be read. runner, workers, address: as for reparse.
    """
    with open_task_runner(runner, workers, address) as readers:
        done = anew.rebuild(DataFolder(data.absolute()), clock=reporting.now, is_forced=force, runner=readers)
    get_run_logger().info("%d captures, %d articles, %d refused", done.captures, done.articles, done.rejects)
    _raise_failures(done.failed)
    return done


def _raise_failures(failed: list[str]) -> None:
    if failed:
        raise NewsetlError(f"{len(failed)} pieces of the archive could not be read: {'; '.join(failed)}")
