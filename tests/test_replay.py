"""Refused pages are listed with what to do, tried again, and resolved by what works."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from newsetl.pipeline import recover
from newsetl.pipeline.rebuild import rebuild
from newsetl.pipeline.retry_rejects import RetryResult, retry_rejects
from newsetl.reasons import REJECT_POLICIES, RETRY_DAYS, Policy, Reason
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source
from tests.support import replica_runs
from tests.support.commands import newsetl
from tests.support.replica_runs import Failing, ingest, rows, source_of


@pytest.fixture(scope="module")
def served() -> Iterator[Failing]:
    with replica_runs.served(16) as served:
        yield served


@pytest.fixture
def replica(served: Failing) -> Failing:
    served.broken = frozenset()
    return served


@pytest.fixture(scope="module")
def right(served: Failing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all of its articles, to be read only."""
    folder = tmp_path_factory.mktemp("right")
    ingest(folder, source_of(served))
    return folder


@pytest.fixture(scope="module")
def refusing(served: Failing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a run that took short articles for none, to be copied."""
    folder = tmp_path_factory.mktemp("refusing")
    ingest(folder, blind(source_of(served)))
    return folder


@pytest.fixture
def blinded(refusing: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return shutil.copytree(refusing, tmp_path / "blind")


def replayed(folder: Path, source: Source, **options: Any) -> RetryResult:
    where = DataFolder(folder)
    with recover.open_warehouse(where, clock=replica_runs.now, declared=[source]) as warehouse:
        return retry_rejects(source, warehouse, where.archive, clock=replica_runs.now, **options)


def blind(source: Source) -> Source:
    """The source with a parser that takes short articles for none."""
    return replace(source, parse=replace(source.parse, min_text_chars=1500))


def test_every_reason_has_a_policy_and_says_what_to_do() -> None:
    assert set(REJECT_POLICIES) == set(RETRY_DAYS) == set(Reason)
    for refusal in REJECT_POLICIES.values():
        assert (refusal.policy is Policy.RETRY) == (refusal.retry_after_days is not None)
        assert refusal.advice


def test_a_better_parser_resolves_from_the_archive(right: Path, blinded: Path, replica: Failing) -> None:
    source = source_of(replica)
    ((rejected,),) = rows(blinded, "SELECT count(*) FROM open_rejects WHERE reason = 'no_text'")
    asked = len(replica.requests)
    done = replayed(blinded, source, is_network_allowed=False)
    assert len(replica.requests) == asked
    assert (done.from_archive, done.from_network) == (rejected, 0)
    others = set(done.rejected)
    assert others <= {Reason.SOFT_404, Reason.REMOVED_PAGE}
    assert rows(
        blinded,
        "SELECT count(*) FROM rejects JOIN runs ON run_id = resolved_run_id "
        "WHERE kind = 'retry' AND reason = 'no_text' AND resolved_at = started_at "
        "AND resolved_by = capture_id",
    ) == [(rejected,)]
    wanted, found = map(replica_runs.contents, (right, blinded))
    # The resolved refusals stay as history.
    assert {**found, "rejects": None} == {**wanted, "rejects": None}
    query_rejects = "SELECT source, url, reason, message FROM open_rejects ORDER BY ALL"
    assert rows(blinded, query_rejects) == rows(right, query_rejects)
    assert replayed(blinded, source, is_network_allowed=False).from_archive == 0


def test_what_the_archive_has_nothing_good_of_is_visited(
    tmp_path: Path, right: Path, replica: Failing
) -> None:
    source = source_of(replica)
    paths = list(dict.fromkeys(path for _, path in replica.requests if "content_" in path))
    replica.broken = frozenset(paths[:5])
    ingest(tmp_path / "broken", source)
    assert rows(tmp_path / "broken", "SELECT count(*) FROM open_rejects WHERE reason = 'http_status'") == [
        (5,)
    ]
    done = replayed(tmp_path / "broken", source, reason=Reason.HTTP_STATUS)
    assert (done.from_network, done.rejected) == (0, {Reason.HTTP_STATUS: 5})
    replica.broken = frozenset(paths[:2])
    asked = len(replica.requests)
    assert replayed(tmp_path / "broken", source, is_network_allowed=False).from_network == 0
    assert len(replica.requests) == asked
    done = replayed(tmp_path / "broken", source, reason=Reason.HTTP_STATUS)
    assert (done.tried, done.from_network, done.rejected) == (5, 3, {Reason.HTTP_STATUS: 2})
    visits = [path for _, path in replica.requests[asked:] if path != "/robots.txt"]
    assert sorted(visits) == sorted(paths[:5])
    replica.broken = frozenset()
    done = replayed(tmp_path / "broken", source)
    assert done.from_network == 2
    # A removed page has the policy "never": not visited unless asked for.
    removed = rows(tmp_path / "broken", "SELECT count(*) FROM open_rejects WHERE reason = 'removed_page'")
    asked = len(replica.requests)
    replayed(tmp_path / "broken", source, reason=Reason.REMOVED_PAGE)
    assert len([path for _, path in replica.requests[asked:] if path != "/robots.txt"]) == removed[0][0] > 0
    found, wanted = (
        rows(folder, "SELECT url, title, text, authors FROM articles ORDER BY ALL")
        for folder in (tmp_path / "broken", right)
    )
    assert found == wanted
    assert rebuild(DataFolder(tmp_path / "broken"), clock=replica_runs.now).differing_tables == ()


def test_a_page_refused_for_another_reason_now_has_one_open_refusal(blinded: Path, replica: Failing) -> None:
    source = source_of(replica)
    late = replace(source, first_day=replica_runs.now().date())
    done = replayed(blinded, late, reason=Reason.NO_TEXT, is_network_allowed=False)
    assert done.rejected[Reason.DATE_BEFORE_SOURCE] == done.tried > 0
    assert rows(blinded, "SELECT count(*) FROM rejects WHERE reason = 'no_text'") == [(0,)]
    assert rows(blinded, "SELECT count(*) FROM open_rejects WHERE reason = 'date_before_source'") == [
        (done.tried,)
    ]


def test_refusals_since_a_day_and_listings_are_left(tmp_path: Path, replica: Failing) -> None:
    source = source_of(replica)
    replica.broken = frozenset({"/sitemap.xml"})
    ingest(tmp_path, blind(source))
    replica.broken = frozenset()
    tomorrow = replica_runs.now().astimezone(source.timezone).date() + timedelta(days=1)
    assert replayed(tmp_path, source, since=tomorrow) == RetryResult("stdaily")
    done = replayed(tmp_path, source, reason=Reason.HTTP_STATUS)
    assert (done.tried, done.skipped) == (0, 1)
    stopped = replayed(tmp_path, source, should_stop=lambda: True)
    assert (stopped.tried, bool(stopped.error)) == (1, True)
    assert replayed(tmp_path, source).error is None


def test_the_commands(blinded: Path, replica: Failing) -> None:
    ((count,),) = rows(blinded, "SELECT count(*) FROM open_rejects WHERE reason = 'no_text'")
    rejects = ("rejects", "--data", blinded)
    listed = newsetl(*rejects)
    assert listed.returncode == 0
    assert f"stdaily: {count} no_text [manual] {REJECT_POLICIES[Reason.NO_TEXT].advice}" in listed.stdout
    output = newsetl(*rejects, "--json", "--reason", "no_text", "--source", "stdaily").stdout
    found = [json.loads(line) for line in output.splitlines()]
    assert len(found) == count
    assert all(each["policy"] == "manual" and each["retry_at"] is None and each["advice"] for each in found)
    assert newsetl(*rejects, "--since", "2999-01-01").stdout == "nothing is refused\n"
    wrong = newsetl(*rejects, "--reason", "bad_mood")
    assert wrong.returncode == 2
    assert "bad_mood" in wrong.stderr
    assert newsetl(*rejects, "--source", "nobody").returncode == 2
    done = newsetl(
        "replay", "--data", blinded, "--base-url", replica.base_url, "--reason", "no_text", "--no-network"
    )
    assert done.returncode == 0, done.stderr
    assert (
        f"{count} refused pages tried; articles now {count} from the archive, 0 from the network"
        in done.stdout
    )
    assert newsetl(*rejects, "--reason", "no_text").stdout == "nothing is refused\n"
