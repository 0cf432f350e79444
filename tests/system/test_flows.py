"""The flow on a real Prefect server, one for all the tests here."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from newsetl import sources
from newsetl.errors import ConfigError, NewsetlError
from newsetl.query import reader
from newsetl.replica import MockServer, MockSite
from newsetl.runtime.data_folder import DataFolder
from tests.support import ROOT, reparse_runs, replica_runs
from tests.support.held import TIMEOUT
from tests.support.replica_runs import rows

OPERATIONS = ROOT / "docs" / "operations.md"
ARTICLES = 24


@pytest.fixture(scope="module")
def replica() -> Iterator[MockServer]:
    with MockServer(MockSite(articles=ARTICLES, since=date(2026, 9, 1), until=date(2026, 9, 30))) as replica:
        yield replica


class Told(NamedTuple):
    """What Prefect knows of a run: its name, final state, artifacts by key, and log."""

    name: str
    state: str
    message: str
    artifacts: dict[str, Any]
    log: str


def told(state: Any) -> Told:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        ArtifactFilter,
        ArtifactFilterFlowRunId,
        LogFilter,
        LogFilterFlowRunId,
    )

    run_id = state.state_details.flow_run_id
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
        artifacts = client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
        )
        deadline, lines = time.monotonic() + TIMEOUT, ""
        while "Finished in state" not in lines and time.monotonic() < deadline:
            time.sleep(0.2)
            lines = "\n".join(
                log.message
                for log in client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])))
            )
    assert run.state
    data = {
        artifact.key: json.loads(artifact.data) if artifact.type == "table" else artifact.data
        for artifact in artifacts
    }
    return Told(run.name, run.state.name, run.state.message or "", data, lines)


@pytest.mark.usefixtures("server")
def test_the_flow_loads_every_source_and_tells_what_it_did(replica: MockServer, tmp_path: Path) -> None:
    from newsetl.flows.ingest import ingest

    state = ingest(data=tmp_path, base_url=replica.base_url, return_state=True)
    (summary,) = state.result()
    assert (summary.source, summary.state, summary.new) == ("stdaily", "completed", ARTICLES)
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(ARTICLES,)]
    found = told(state)
    today = datetime.now(sources.load("stdaily").timezone).date()
    assert found.name in {f"ingest all {today}", f"ingest all {today - timedelta(days=1)}"}
    assert (found.state, found.message) == ("Completed", f"{ARTICLES} new, 0 changed")
    ((row,), progress, needs) = (found.artifacts[key] for key in ("ingest", "ingest-stdaily", "action-items"))
    seconds = row.pop("seconds")
    assert 0 < seconds < 600
    assert row == {
        "source": "stdaily",
        "state": "completed",
        "discovered": summary.discovered,
        "new": ARTICLES,
        "changed": 0,
        "already loaded": 0,
        "rejected": summary.rejected.total(),
        "error": "",
    }
    assert progress == 100.0
    assert "newsetl backfill stdaily --since" in needs
    assert f"NEWSETL_DATA={tmp_path}" in needs
    assert f"stdaily: {ARTICLES} discovered" not in found.log
    assert f"stdaily: {summary.discovered} discovered, {ARTICLES} new" in found.log


@pytest.mark.usefixtures("server")
def test_a_broken_source_fails_alone_and_the_run_names_it(
    replica: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsetl.flows.ingest import ingest

    moved = sources.load("stdaily").with_base_url(replica.base_url)
    down = sources.load("stdaily").with_base_url("http://127.0.0.1:9")
    declared = {"stdaily": moved, "down": down}
    # Two declared sources, one of which nobody serves: the packaged one is alone so far.
    monkeypatch.setattr(sources, "load", declared.__getitem__)
    found = told(ingest(source_names=["down", "stdaily"], data=tmp_path, return_state=True))
    assert (found.state, found.name.rsplit(" ", 1)[0]) == ("Degraded", "ingest down stdaily")
    assert found.message.startswith("1 of 2 sources failed; down failed: ")
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(ARTICLES,)]
    failed = told(ingest(source_names=["down"], data=tmp_path, return_state=True))
    assert (failed.state, failed.artifacts["ingest"][0]["state"]) == ("Failed", "failed")
    assert "down: " in failed.message
    with pytest.raises(NewsetlError, match="down: "):
        ingest(source_names=["down"], data=tmp_path)


@pytest.mark.usefixtures("server")
def test_a_run_that_cannot_work_is_not_tried_again(replica: MockServer, tmp_path: Path) -> None:
    """Though runs are tried again where it may help."""
    from newsetl.flows.ingest import ingest

    again = ingest.with_options(retries=1, retry_delay_seconds=0)
    mistake = told(again(since=date(2026, 9, 2), until=date(2026, 9, 1), data=tmp_path, return_state=True))
    assert mistake.state == "Failed"
    assert "since 2026-09-02 is after until 2026-09-01; exchange them" in mistake.message
    assert "AwaitingRetry" not in mistake.log
    with pytest.raises(NewsetlError, match="exchange them"):
        ingest(since=date(2026, 9, 2), until=date(2026, 9, 1), data=tmp_path)
    down = told(again(data=tmp_path, base_url="http://127.0.0.1:9", return_state=True))
    assert down.state == "Failed"
    assert "AwaitingRetry" in down.log


@pytest.mark.usefixtures("server")
def test_a_run_whose_articles_lack_what_they_had_is_degraded(tmp_path: Path) -> None:
    from newsetl.flows.check import check
    from newsetl.flows.ingest import ingest
    from newsetl.flows.publish import publish

    with replica_runs.served(112, since=replica_runs.SINCE, until=replica_runs.UNTIL) as replica:
        replica.site.new_layout_from = replica_runs.RELAID
        found = told(ingest(data=tmp_path, base_url=replica.base_url, return_state=True))
    assert found.state == "Degraded"
    assert re.match(r"stdaily: \w+ \d+%? in the \d+ articles of the week from 2026-04-20", found.message)
    assert found.artifacts["ingest"][0]["state"] == "degraded"
    assert "newsetl check drift --source stdaily" in found.artifacts["action-items"]
    checked = told(check(data=tmp_path, return_state=True))
    assert (checked.state, checked.name) == ("Degraded", f"check {datetime.now(UTC).date()}")
    assert "drift" in {row["check"] for row in checked.artifacts["check"]}
    published = told(publish(data=tmp_path, return_state=True))
    assert published.state == "Completed", published.message
    assert "112 articles" in published.message
    assert (tmp_path / "report.html").stat().st_size > 100_000
    (tmp_path / "report.html").write_text("mine")
    degraded = told(publish(data=tmp_path, return_state=True))
    assert (degraded.state, "no report of newsetl" in degraded.message) == ("Degraded", True)
    with pytest.raises(ConfigError, match="no warehouse to publish"):
        publish(data=tmp_path / "nowhere")


@pytest.mark.usefixtures("server")
def test_a_run_that_is_told_to_end_ends_with_what_it_has(
    replica: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsetl.flows import reporting
    from newsetl.flows.ingest import ingest

    stop = tmp_path / "stop"
    stop.touch()
    monkeypatch.setenv(reporting.STOP_FILE, str(stop))
    stopped = told(ingest(data=tmp_path, base_url=replica.base_url, return_state=True))
    assert (stopped.state, "stopped after loading the fetched pages" in stopped.message) == ("Stopped", True)
    stop.unlink()
    hurried = told(ingest(data=tmp_path, base_url=replica.base_url, max_hours=1e-9, return_state=True))
    assert hurried.state == "Stopped"
    assert told(ingest(data=tmp_path, base_url=replica.base_url, return_state=True)).state == "Completed"


@pytest.mark.usefixtures("server")
def test_the_flow_for_past_days_fills_them_and_skips_what_is_complete(
    replica: MockServer, tmp_path: Path
) -> None:
    from newsetl.flows.backfill import backfill
    from newsetl.flows.fill_gaps import fill_gaps

    wanted = {
        "since": date(2026, 9, 8),
        "until": date(2026, 9, 17),
        "data": tmp_path,
        "base_url": replica.base_url,
    }
    state = backfill("stdaily", **wanted, return_state=True)
    done = state.result()
    assert (done.state, done.days_done) == ("completed", 10)
    assert done.new >= sum(8 <= story.published_at.day <= 17 for story in replica.site.listed_articles) - 3
    found = told(state)
    assert found.name == "backfill stdaily 2026-09-08 to 2026-09-17"
    assert found.artifacts["backfill-stdaily-2026-09-08"] == 100.0
    assert found.artifacts["backfill"][0]["days done"] == 10
    # The replica has a dead page on one of these days, which is tried again.
    assert backfill("stdaily", **wanted).days_due == 1
    filled = told(fill_gaps(data=tmp_path, base_url=replica.base_url, return_state=True))
    stretches = rows(tmp_path, "SELECT count(*) FROM coverage_gaps")
    assert filled.artifacts["fill-gaps"][0]["source"] == "stdaily"
    assert filled.message.endswith(f"{stretches[0][0]} of {stretches[0][0]} gaps processed, 0 new articles")
    with pytest.raises(NewsetlError, match="has no discovery method 'feed'"):
        backfill("stdaily", **wanted, methods=["feed"])


@pytest.mark.usefixtures("server")
def test_after_a_crash_or_a_weekend_one_run_of_each_goes(tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
    from prefect.states import Failed, Running

    from newsetl.flows.missed_runs import ServedDeployment, catch_up, crash_dead_runs, retry_failed_runs
    from newsetl.flows.serve import build_deployments

    served = build_deployments(DataFolder(tmp_path), contact="you@example.org", base_url=None, interval=None)
    assert [f"{each.flow.name}/{each.name}" for each in served] == [
        "ingest/stdaily", "backfill/manual", "reparse/manual", "check/nightly", "publish/nightly",
        "fill-gaps/weekly",
    ]  # fmt: skip
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert [each.get_last_due(noon) for each in served] == [
        # Half past six in Shanghai.
        datetime(2026, 11, 22, 22, 30, tzinfo=UTC), None, None, datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
        datetime(2026, 11, 23, 2, tzinfo=UTC), datetime(2026, 11, 22, 3, tzinfo=UTC),
    ]  # fmt: skip

    async def register() -> dict[UUID, ServedDeployment]:
        return {
            await (await each.flow.ato_deployment(f"{each.name} of a test")).aapply(): each
            for each in served[:2]
        }

    async def states(client: Any, id_: UUID) -> list[tuple[str, list[str], dict[str, Any]]]:
        runs = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[id_]))
        )
        return sorted((run.state.name, run.tags, run.parameters) for run in runs)

    async def crashes() -> None:
        ids = await register()
        daily, by_hand = ids
        later = datetime.now(UTC) + timedelta(days=3)
        async with get_client() as client:
            assert await catch_up(client, ids) == []
            assert len(await catch_up(client, ids, now=later)) == 1
            assert len(await catch_up(client, ids, now=later)) == 1
            assert await states(client, daily) == [("Scheduled", ["caught-up"], {})]
            for _ in range(3):
                await client.create_flow_run_from_deployment(daily, tags=["caught-up"])
            await catch_up(client, ids, now=later)
            assert [state for state, *_ in await states(client, daily)] == ["Scheduled", *3 * ["Skipped"]]
            wanted = {"source_name": "stdaily", "since": "2026-01-01"}
            run = await client.create_flow_run_from_deployment(by_hand, parameters=wanted)
            await client.set_flow_run_state(run.id, Running(), force=True)
            assert list(await crash_dead_runs(client, ids)) == [by_hand]
            (crashed, again) = await states(client, by_hand)
            assert (crashed[0], again) == ("Crashed", ("Scheduled", ["retry"], wanted))
            for run in await client.read_flow_runs():
                if "retry" in run.tags:
                    await client.set_flow_run_state(run.id, Running(), force=True)
            assert list(await crash_dead_runs(client, ids)) == [by_hand]
            assert [state for state, *_ in await states(client, by_hand)] == ["Crashed", "Crashed"]
            (waiting,) = (
                run
                for run in await client.read_flow_runs()
                if run.deployment_id == daily and run.state and run.state.is_scheduled()
            )
            await client.set_flow_run_state(waiting.id, Failed(), force=True)
            for _ in range(2):
                await retry_failed_runs(client, ids)
                found = await states(client, daily)
                assert [state for state, *_ in found] == ["Failed", "Scheduled", *3 * ["Skipped"]]
                assert found[1][1] == ["retry"]

    asyncio.run(crashes())


@pytest.mark.usefixtures("server")
def test_what_a_person_has_paused_is_known() -> None:
    from prefect.client.orchestration import get_client
    from prefect.schedules import Cron

    from newsetl.flows.check import check
    from newsetl.flows.missed_runs import ServedDeployment, is_paused

    async def pauses() -> None:
        served = ServedDeployment(check, "of a test of pauses", {}, Cron("30 1 * * *"))
        async with get_client() as client:
            assert not await is_paused(client, served)
            deployment = await served.flow.ato_deployment(served.name, schedule=served.schedule)
            id_ = await deployment.aapply()
            assert not await is_paused(client, served)
            await client.pause_deployment(id_)
            assert await is_paused(client, served)
            await client.resume_deployment(id_)
            assert not await is_paused(client, served)
            (schedule,) = await client.read_deployment_schedules(id_)
            await client.update_deployment_schedule(id_, schedule.id, active=False)
            assert await is_paused(client, served)

    asyncio.run(pauses())


def test_a_form_has_types_defaults_and_words_for_every_parameter() -> None:
    from newsetl.flows.backfill import backfill
    from newsetl.flows.check import check
    from newsetl.flows.fill_gaps import fill_gaps
    from newsetl.flows.ingest import ingest
    from newsetl.flows.publish import publish

    for flow in (ingest, backfill, check, fill_gaps, publish):
        schema = flow.parameters.model_dump()
        for name, about in schema["properties"].items():
            assert about.get("description"), (flow.name, name)
            assert "default" in about or name in schema["required"]
    properties = backfill.parameters.model_dump()["properties"]
    assert properties["source_name"]["enum"] == list(sources.list_all())
    assert properties["since"]["format"] == "date"


def test_what_a_site_wrote_is_no_markup_among_the_needs(tmp_path: Path) -> None:
    from newsetl.flows.reporting import format_action_items
    from newsetl.query.status import ActionItem

    folder = DataFolder(tmp_path)
    text = format_action_items(
        [ActionItem("stdaily", "<img src=x> [a](http://b) *c*\n# d", "newsetl status")], folder
    )
    assert "\\<img src=x\\> \\[a\\](http://b) \\*c\\* \\# d" in text
    assert "\n      newsetl status\n" in text
    assert "None for" in format_action_items([], folder)


@pytest.mark.usefixtures("server")
def test_the_archive_is_read_anew_by_tasks(
    replica: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica_runs.ingest(tmp_path, replica_runs.source_of(replica))
    reparse_runs.rebuild_and_reparse(tmp_path, replica.base_url, ARTICLES, "processes", monkeypatch)


@pytest.mark.usefixtures("server")
def test_a_served_flow_runs_when_asked(replica: MockServer, tmp_path: Path) -> None:
    """Run the Python example of docs/operations.md and a flow run of its deployment."""
    from prefect.deployments import run_deployment
    from prefect.settings import PREFECT_API_URL

    blocks = re.findall(r"```python\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL)
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
            parameters={"data": str(tmp_path / "data"), "base_url": replica.base_url, "since": "2026-09-01"},
            timeout=TIMEOUT,
            poll_interval=1,
        )
        served.terminate()
        served.stdout.read()
    assert run.state is not None
    assert run.state.is_completed(), run.state
    assert list(
        reader.run_query(tmp_path / "data" / "news.duckdb", "SELECT count(*) FROM articles").rows
    ) == [(ARTICLES,)]


def test_the_pipeline_and_the_commands_do_without_prefect() -> None:
    script = (
        "import sys, newsetl.cli.main, newsetl.pipeline.ingest, newsetl.query.reader, "
        "newsetl.pipeline.summaries;"
        "sys.exit('prefect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.usefixtures("server")
def test_the_flow_finds_a_source_in_a_folder_of_mine(
    replica: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsetl.flows.ingest import ingest

    text = sources.load("stdaily").declaration.replace('slug = "stdaily"', 'slug = "mine"')
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("NEWSETL_SOURCE_DIR", str(tmp_path))
    (summary,) = ingest(source_names=["mine"], data=tmp_path, base_url=replica.base_url)
    assert (summary.source, summary.state, summary.new) == ("mine", "completed", ARTICLES)
