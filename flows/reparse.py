"""Flows that parse the archive again with a runner of your choice: one task per shard, one writer.

The annotations are evaluated at run time: Prefect builds the form of the parameters from them.
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
from newsetl.errors import ConfigError, NewsetlError, ShardError
from newsetl.model import Window
from newsetl.pipeline import rebuild as rebuild_
from newsetl.pipeline import reparse as reparse_
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
    """Write a pickled shard. Raise the errors of `shards.write_shard`."""
    shards.write_shard(pickle.loads(pickled))


class _PrefectFuture:
    """Pending shard in a Prefect task."""

    def __init__(self, future: Any) -> None:
        self._future = future

    def result(self) -> None:
        """Wait for the task. Raise ShardError if it failed."""
        try:
            self._future.result()
        except Exception as error:  # an error of the task, or of a cluster whose workers died
            raise ShardError(str(error) or repr(error)) from error


@contextmanager
def open_task_runner(
    kind: FlowRunnerKind | None, workers: int | None, address: str | None
) -> Iterator[ShardRunner]:
    """Yield a runner that writes each shard in a task of the current flow.

    Defaults for None are NEWSETL_RUNNER, NEWSETL_WORKERS and NEWSETL_RUNNER_ADDRESS, else one process per
    core. Raise ConfigError.
    """
    selected = kind or os.environ.get("NEWSETL_RUNNER", "processes")
    if selected not in FLOW_RUNNER_KINDS:
        raise ConfigError(f"NEWSETL_RUNNER={selected}: unknown; use one of {', '.join(FLOW_RUNNER_KINDS)}")
    address = address or os.environ.get("NEWSETL_RUNNER_ADDRESS") or None
    worker_count = reporting.get_worker_count(workers, process_pool.count_cores())
    with (
        _build_task_runner(selected, worker_count, address) as task_runner,
        _open_shard_task(selected, worker_count) as shard_task,
    ):

        def submit(shard: Shard) -> _PrefectFuture:
            more = f" and {len(shard.ranges) - 1} more" if len(shard.ranges) > 1 else ""
            name = f"{shard.ranges[0]}{more}"
            # As bytes: Prefect and Dask inspect parameters and would take a shard apart.
            parameters = {"name": name, "pickled": pickle.dumps(shard)}
            return _PrefectFuture(task_runner.submit(shard_task, parameters))

        yield ShardRunner(submit, worker_count)


@contextmanager
def _open_shard_task(kind: str, worker_count: int) -> Iterator[Any]:
    """Yield the task that writes a shard."""
    if kind != "processes":
        yield write_shard
        return
    # Prefect's own process pool breaks when one of its processes dies.
    with runners.open_local_runner(max(2, worker_count)) as pool:

        @_shard_task
        def write_in_pool(name: str, pickled: bytes) -> None:  # noqa: ARG001
            pool.submit(pickle.loads(pickled)).result()

        yield write_in_pool


def _build_task_runner(kind: str, worker_count: int, address: str | None) -> Any:
    try:
        if kind == "dask":
            from prefect_dask.task_runners import DaskTaskRunner

            if address:
                return DaskTaskRunner(address=address)
            own = {"n_workers": worker_count, "threads_per_worker": 1, "host": "127.0.0.1"}
            # Dask always starts a dashboard; port 0 avoids a conflict with another program.
            return DaskTaskRunner(cluster_kwargs=own | {"dashboard_address": "127.0.0.1:0"})
        if kind == "ray":
            from prefect_ray.task_runners import RayTaskRunner

            own = {} if address else {"num_cpus": worker_count, "include_dashboard": False}
            return RayTaskRunner(address=address, init_kwargs=own)
    except ImportError as error:
        raise ConfigError(f"runner {kind}: {error}; install it: pip install 'newsetl[{kind}]'") from None
    return ThreadPoolTaskRunner(max_workers=worker_count)


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
) -> list[reparse_.ReparseResult]:
    """Parse archived pages with the current parser and load the changes.

    Args:
        source_names: Names of the sources. Default: every source in the warehouse.
        since: First day on which the pages were fetched. Default: no limit.
        until: Last day, included. Default: no limit.
        dry_run: Only a report of the changes; nothing is loaded.
        data: Data directory with news.duckdb and archive/.
        base_url: URL of another server for the sources, such as a mock site.
        runner: Kind of the runner. Default: NEWSETL_RUNNER, else processes.
        workers: Number of workers. Default: NEWSETL_WORKERS, else the number of cores.
        address: Address of a running Dask or Ray cluster. Default: NEWSETL_RUNNER_ADDRESS. Its workers need
            the same version of newsetl, and the data directory at the same path.
    """
    window, folder, log = Window(since, until), DataFolder(data.absolute()), get_run_logger()
    results = []
    with (
        reporting.open_warehouse(folder) as warehouse,
        open_task_runner(runner, workers, address) as shard_runner,
    ):
        for name in source_names or warehouse.list_sources():
            source = sources.load(name)
            if base_url:
                source = source.with_base_url(base_url)
            result = reparse_.find_changes(
                source, warehouse, folder.archive, window=window, runner=shard_runner
            )
            log.info("%s: %d pages parsed, %d changed", name, result.pages, len(result.pages_to_load))
            if not dry_run:
                reparse_.load_changes(
                    result, source, warehouse, folder.archive, window=window, clock=reporting.now
                )
            results.append(result)
    _raise_failures([error for result in results for error in result.failed])
    return results


@flow(name="rebuild", persist_result=False)
def rebuild(
    data: Path = Path("data"),
    force: bool = False,
    runner: FlowRunnerKind | None = None,
    workers: int | None = None,
    address: str | None = None,
) -> rebuild_.RebuildResult:
    """Rebuild the warehouse from the archive alone; replace the old one once the new one is complete.

    Args:
        data: Data directory with news.duckdb and archive/.
        force: Rebuild without the captures that are missing or cannot be read.
        runner: Kind of the runner. Default: NEWSETL_RUNNER, else processes.
        workers: Number of workers. Default: NEWSETL_WORKERS, else the number of cores.
        address: Address of a running Dask or Ray cluster. Default: NEWSETL_RUNNER_ADDRESS.
    """
    with open_task_runner(runner, workers, address) as shard_runner:
        result = rebuild_.rebuild(
            DataFolder(data.absolute()), clock=reporting.now, is_forced=force, runner=shard_runner
        )
    get_run_logger().info(
        "%d captures, %d articles, %d rejected", result.captures, result.articles, result.rejects
    )
    _raise_failures(result.failed)
    return result


def _raise_failures(failed: list[str]) -> None:
    if failed:
        raise NewsetlError(f"{len(failed)} shards of the archive could not be read: {'; '.join(failed)}")
