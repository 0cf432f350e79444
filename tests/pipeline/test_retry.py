"""Rejects: list with advice, retry, and resolve."""

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
def complete(served: Failing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ingest every article; return the data directory, read-only."""
    folder = tmp_path_factory.mktemp("complete")
    ingest(folder, source_of(served))
    return folder


@pytest.fixture(scope="module")
def rejecting(served: Failing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ingest with a parser that rejects short articles; return the data directory, read-only."""
    folder = tmp_path_factory.mktemp("rejecting")
    ingest(folder, reject_short(source_of(served)))
    return folder


@pytest.fixture
def strict(rejecting: Path, tmp_path: Path) -> Path:
    """Copy the data directory with rejected short articles."""
    return shutil.copytree(rejecting, tmp_path / "strict")


def retry(folder: Path, source: Source, **options: Any) -> RetryResult:
    """Retry the rejects in the data directory."""
    data = DataFolder(folder)
    with recover.open_warehouse(data, clock=replica_runs.now, declared=[source]) as warehouse:
        return retry_rejects(source, warehouse, data.archive, clock=replica_runs.now, **options)


def reject_short(source: Source) -> Source:
    """Return the source with a parser that rejects short articles."""
    return replace(source, parse=replace(source.parse, min_text_chars=1500))


def test_every_reason_has_a_policy_and_advice() -> None:
    assert set(REJECT_POLICIES) == set(RETRY_DAYS) == set(Reason)
    for policy in REJECT_POLICIES.values():
        assert (policy.policy is Policy.RETRY) == (policy.retry_after_days is not None)
        assert policy.advice


def test_a_better_parser_resolves_from_the_archive(complete: Path, strict: Path, replica: Failing) -> None:
    source = source_of(replica)
    ((rejected,),) = rows(strict, "SELECT count(*) FROM open_rejects WHERE reason = 'no_text'")
    request_count = len(replica.requests)
    done = retry(strict, source, is_network_allowed=False)
    assert len(replica.requests) == request_count
    assert (done.from_archive, done.from_network) == (rejected, 0)
    others = set(done.rejected)
    assert others <= {Reason.SOFT_404, Reason.REMOVED_PAGE}
    assert rows(
        strict,
        "SELECT count(*) FROM rejects JOIN runs ON run_id = resolved_run_id "
        "WHERE kind = 'retry' AND reason = 'no_text' AND resolved_at = started_at "
        "AND resolved_by = capture_id",
    ) == [(rejected,)]
    expected, actual = map(replica_runs.contents, (complete, strict))
    # Resolved rejects stay as rows.
    assert {**actual, "rejects": None} == {**expected, "rejects": None}
    query_rejects = "SELECT source, url, reason, message FROM open_rejects ORDER BY ALL"
    assert rows(strict, query_rejects) == rows(complete, query_rejects)
    assert retry(strict, source, is_network_allowed=False).from_archive == 0


def test_a_page_without_an_archived_article_is_requested(
    tmp_path: Path, complete: Path, replica: Failing
) -> None:
    source = source_of(replica)
    paths = list(dict.fromkeys(path for _, path in replica.requests if "content_" in path))
    replica.broken = frozenset(paths[:5])
    ingest(tmp_path / "broken", source)
    assert rows(tmp_path / "broken", "SELECT count(*) FROM open_rejects WHERE reason = 'http_status'") == [
        (5,)
    ]
    done = retry(tmp_path / "broken", source, reason=Reason.HTTP_STATUS)
    assert (done.from_network, done.rejected) == (0, {Reason.HTTP_STATUS: 5})
    replica.broken = frozenset(paths[:2])
    request_count = len(replica.requests)
    assert retry(tmp_path / "broken", source, is_network_allowed=False).from_network == 0
    assert len(replica.requests) == request_count
    done = retry(tmp_path / "broken", source, reason=Reason.HTTP_STATUS)
    assert (done.tried, done.from_network, done.rejected) == (5, 3, {Reason.HTTP_STATUS: 2})
    requested = [path for _, path in replica.requests[request_count:] if path != "/robots.txt"]
    assert sorted(requested) == sorted(paths[:5])
    replica.broken = frozenset()
    done = retry(tmp_path / "broken", source)
    assert done.from_network == 2
    # A removed page has the policy "permanent": it is requested only by its reason.
    removed = rows(tmp_path / "broken", "SELECT count(*) FROM open_rejects WHERE reason = 'removed_page'")
    request_count = len(replica.requests)
    retry(tmp_path / "broken", source, reason=Reason.REMOVED_PAGE)
    assert (
        len([path for _, path in replica.requests[request_count:] if path != "/robots.txt"])
        == removed[0][0]
        > 0
    )
    actual, expected = (
        rows(folder, "SELECT url, title, text, authors FROM articles ORDER BY ALL")
        for folder in (tmp_path / "broken", complete)
    )
    assert actual == expected
    assert rebuild(DataFolder(tmp_path / "broken"), clock=replica_runs.now).differing_tables == ()


def test_a_page_rejected_for_another_reason_has_one_open_reject(strict: Path, replica: Failing) -> None:
    source = source_of(replica)
    late = replace(source, first_day=replica_runs.now().date())
    done = retry(strict, late, reason=Reason.NO_TEXT, is_network_allowed=False)
    assert done.rejected[Reason.DATE_BEFORE_SOURCE] == done.tried > 0
    assert rows(strict, "SELECT count(*) FROM rejects WHERE reason = 'no_text'") == [(0,)]
    assert rows(strict, "SELECT count(*) FROM open_rejects WHERE reason = 'date_before_source'") == [
        (done.tried,)
    ]


def test_earlier_rejects_and_listings_are_skipped(tmp_path: Path, replica: Failing) -> None:
    source = source_of(replica)
    replica.broken = frozenset({"/sitemap.xml"})
    ingest(tmp_path, reject_short(source))
    replica.broken = frozenset()
    tomorrow = replica_runs.now().astimezone(source.timezone).date() + timedelta(days=1)
    assert retry(tmp_path, source, since=tomorrow) == RetryResult("stdaily")
    done = retry(tmp_path, source, reason=Reason.HTTP_STATUS)
    assert (done.tried, done.skipped) == (0, 1)
    stopped = retry(tmp_path, source, should_stop=lambda: True)
    assert (stopped.tried, bool(stopped.error)) == (1, True)
    assert retry(tmp_path, source).error is None


def test_the_commands(strict: Path, replica: Failing) -> None:
    ((count,),) = rows(strict, "SELECT count(*) FROM open_rejects WHERE reason = 'no_text'")
    rejects = ("rejects", "--data", strict)
    listed = newsetl(*rejects)
    assert listed.returncode == 0
    assert f"stdaily: {count} no_text [manual] {REJECT_POLICIES[Reason.NO_TEXT].advice}" in listed.stdout
    output = newsetl(*rejects, "--json", "--reason", "no_text", "--source", "stdaily").stdout
    found = [json.loads(line) for line in output.splitlines()]
    assert len(found) == count
    assert all(each["policy"] == "manual" and each["retry_at"] is None and each["advice"] for each in found)
    assert newsetl(*rejects, "--since", "2999-01-01").stdout == "no open rejects\n"
    wrong = newsetl(*rejects, "--reason", "bad_mood")
    assert wrong.returncode == 2
    assert "bad_mood" in wrong.stderr
    assert newsetl(*rejects, "--source", "nobody").returncode == 2
    done = newsetl(
        "replay", "--data", strict, "--base-url", replica.base_url, "--reason", "no_text", "--no-network"
    )
    assert done.returncode == 0, done.stderr
    assert (
        f"{count} rejected pages tried; now articles: {count} from the archive, 0 from the network"
        in done.stdout
    )
    assert newsetl(*rejects, "--reason", "no_text").stdout == "no open rejects\n"
