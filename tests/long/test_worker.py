"""A Prefect server and workers, as in prefect.yaml: a killed server and a killed worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import replica_runs
from tests.support.held import Held
from tests.support.prefect_server import PrefectServer
from tests.support.replica_runs import Failing
from tests.support.serve_process import ARTICLES


@pytest.fixture
def replica() -> Iterator[Failing]:
    with replica_runs.served(60) as served:
        yield served


def test_the_server_goes_in_the_middle_of_a_run_and_the_articles_come(
    prefect: PrefectServer, replica: Failing, tmp_path: Path
) -> None:
    server = prefect.processes[0]
    worker = prefect.work()
    held = Held(after=10)
    replica.inject(held, at=ARTICLES)
    run_id = prefect.start_run("ingest", data=str(tmp_path / "data"), base_url=replica.base_url)
    try:
        prefect.wait(held.came.is_set)
        prefect.kill(server)
    finally:
        held.release()
    prefect.wait(
        lambda: (
            (tmp_path / "data" / "news.duckdb").exists()
            and replica_runs.rows(tmp_path / "data", "SELECT state FROM runs") == [("completed",)]
        )
    )
    assert "Prefect could not be reached: " in prefect.log.read_text(encoding="utf-8")
    prefect.processes.insert(0, prefect.serve())
    prefect.processes.pop()
    # The run has waited for a server to which it can report.
    prefect.wait(lambda: prefect.state(run_id) == "Completed")
    replica_runs.ingest(tmp_path / "whole", replica_runs.source_of(replica))
    assert replica_runs.contents(tmp_path / "data") == replica_runs.contents(tmp_path / "whole")
    prefect.kill(worker)


def test_a_worker_is_killed_in_the_middle_and_the_next_run_does_the_rest(
    prefect: PrefectServer, replica: Failing, tmp_path: Path
) -> None:
    code = "import asyncio, datetime; from newsetl.flows import automations; "
    code += "asyncio.run(automations.create_dead_run_automation(datetime.timedelta(seconds=45)))"
    subprocess.run([sys.executable, "-c", code], env=prefect.environment, check=True)
    worker = prefect.work()
    held = Held(after=10)
    replica.inject(held, at=ARTICLES)
    run_id = prefect.start_run("ingest", data=str(tmp_path / "data"), base_url=replica.base_url)
    try:
        prefect.wait(held.came.is_set)
        prefect.kill(worker)
        # Its runs have sessions of their own, and would continue.
        lock = (tmp_path / "data" / "lock").read_text(encoding="utf-8")
        os.kill(int(lock.partition("(process ")[2].partition(",")[0]), signal.SIGKILL)
    finally:
        held.release()
    replica.clear_faults()
    assert prefect.state(run_id) == "Running"
    worker = prefect.work()
    prefect.wait(lambda: prefect.state(run_id) == "Crashed")
    again = prefect.start_run("ingest", data=str(tmp_path / "data"), base_url=replica.base_url)
    prefect.wait(lambda: prefect.state(again) == "Completed")
    assert "had crashed; loaded now from its archive file" in prefect.log.read_text(encoding="utf-8")
    replica_runs.ingest(tmp_path / "whole", replica_runs.source_of(replica))
    assert replica_runs.contents(tmp_path / "data") == replica_runs.contents(tmp_path / "whole")
    prefect.kill(worker)
