"""The flow on a real Prefect server, one for all the tests here."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from newsetl import query, sources
from newsetl.errors import NewsetlError
from newsetl.replica import Channel, Replica

pytestmark = pytest.mark.prefect
README = Path(__file__).parent.parent / "README.md"


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    from prefect.settings import PREFECT_SERVER_EPHEMERAL_ENABLED, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with (
        temporary_settings({PREFECT_SERVER_EPHEMERAL_ENABLED: True}),
        prefect_test_harness(server_startup_timeout=120),
    ):
        yield


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with Replica(Channel(articles=40, since=date(2026, 9, 1), until=date(2026, 9, 30))) as replica:
        yield replica


@pytest.mark.usefixtures("server")
def test_the_flow_loads_every_source_and_tells_what_it_did(replica: Replica, tmp_path: Path) -> None:
    from newsetl.flows.ingest import ingest

    (summary,) = ingest(data=tmp_path, at=replica.base)
    assert (summary.source, summary.state, summary.new) == ("stdaily", "completed", 40)
    rows = query.sql(tmp_path / "news.duckdb", "SELECT count(*) FROM articles").rows
    assert list(rows) == [(40,)]


@pytest.mark.usefixtures("server")
def test_a_broken_source_fails_alone_and_the_run_names_it(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsetl.flows.ingest import ingest

    moved = sources.load("stdaily").at(replica.base)
    down = sources.load("stdaily").at("http://127.0.0.1:9")
    told = {"stdaily": moved, "down": down}
    # Two declared sources, one of which nobody serves: the packaged one is alone so far.
    monkeypatch.setattr(sources, "load", told.__getitem__)
    with pytest.raises(NewsetlError, match="1 of 2 sources failed: down: "):
        ingest(source_names=["down", "stdaily"], data=tmp_path)
    rows = query.sql(tmp_path / "news.duckdb", "SELECT count(*) FROM articles").rows
    assert list(rows) == [(40,)]


@pytest.mark.usefixtures("server")
def test_the_flow_for_past_days_fills_them_and_skips_what_is_complete(
    replica: Replica, tmp_path: Path
) -> None:
    from newsetl.flows.backfill import backfill

    wanted = {"since": date(2026, 9, 8), "until": date(2026, 9, 17), "data": tmp_path, "at": replica.base}
    done = backfill("stdaily", **wanted)
    assert (done.state, done.days_done) == ("completed", 10)
    assert done.new >= sum(8 <= story.published_at.day <= 17 for story in replica.channel.stories) - 3
    # The replica has a dead page on one of these days, which is tried again.
    assert backfill("stdaily", **wanted).days_due == 1
    with pytest.raises(NewsetlError, match="has no way 'feed'"):
        backfill("stdaily", **wanted, ways=["feed"])


@pytest.mark.usefixtures("server")
def test_a_served_flow_runs_when_asked(replica: Replica, tmp_path: Path) -> None:
    """As README has it: the file is run, its deployment is asked for a run, and the warehouse is there."""
    from prefect.deployments import run_deployment
    from prefect.settings import PREFECT_API_URL

    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = (block for block in blocks if "serve" in block)
    script = tmp_path / "serve.py"
    script.write_text(block, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-u", str(script)],
        cwd=tmp_path,
        env=os.environ | {"PREFECT_API_URL": str(PREFECT_API_URL.value()), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as served:
        assert served.stdout
        told = next((line for line in served.stdout if "being served" in line or "Error" in line), "")
        assert "Your flow 'ingest' is being served" in told
        run = run_deployment(
            "ingest/daily",
            parameters={"data": str(tmp_path / "data"), "at": replica.base, "since": "2026-09-01"},
            timeout=90,
            poll_interval=1,
        )
        served.terminate()
        served.stdout.read()
    assert run.state is not None
    assert run.state.is_completed(), run.state
    assert list(query.sql(tmp_path / "data" / "news.duckdb", "SELECT count(*) FROM articles").rows) == [(40,)]


def test_the_pipeline_and_the_commands_do_without_prefect() -> None:
    script = (
        "import sys, newsetl.cli, newsetl.pipeline, newsetl.query, newsetl.show;"
        "sys.exit('prefect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.usefixtures("server")
def test_the_flow_finds_a_source_in_a_folder_of_mine(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsetl.flows.ingest import ingest

    text = sources.load("stdaily").declaration.replace('slug = "stdaily"', 'slug = "mine"')
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("NEWSETL_SOURCES", str(tmp_path))
    (summary,) = ingest(source_names=["mine"], data=tmp_path, at=replica.base)
    assert (summary.source, summary.state, summary.new) == ("mine", "completed", 40)
