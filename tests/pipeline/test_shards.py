"""Shards of the archive: every runner gives the same warehouse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from shutil import copytree
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsetl.archive import writer
from newsetl.errors import ConfigError, ShardError
from newsetl.model import NAMESPACE, Capture
from newsetl.pipeline import runners, shard_file, shards
from newsetl.pipeline.shard_entries import ShardEntry
from newsetl.reasons import Reason
from newsetl.replica import MockSite, article_pages
from tests.support import archive_shards
from tests.support.archive_shards import rebuilt
from tests.support.commands import newsetl
from tests.support.page_factory import STDAILY
from tests.support.replica_runs import rebuilt_contents

HOME = "https://www.stdaily.com"
SITE = MockSite(articles=60, since=date(2022, 8, 1), until=date(2024, 4, 20))
AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def build_strategy(hint: Any) -> st.SearchStrategy[Any]:
    """Build a strategy for the values of a field of this type, lone surrogates included."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{each.name: build_strategy(hints[each.name]) for each in fields(hint)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin:
        several = [build_strategy(each) for each in arguments if each is not ...]
        return {
            UnionType: lambda: st.one_of(*several),
            dict: lambda: st.dictionaries(*several, max_size=2),
            tuple: lambda: (
                st.tuples(*several) if ... not in arguments else st.lists(several[0], max_size=2).map(tuple)
            ),
        }[origin]()
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: st.text(st.characters(), max_size=4) | st.just("a lone surrogate \ud83d"),
        int: st.integers(-(1 << 63), (1 << 63) - 1),
        bool: st.booleans(),
        bytes: st.binary(max_size=8),
        UUID: st.uuids(),
        NoneType: st.none(),
        date: st.dates(),
        datetime: st.timedeltas(timedelta(days=-40000), timedelta(days=40000)).map(AT.__add__),
    }
    return plain[hint]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(build_strategy(ShardEntry), max_size=3))
def test_records_are_read_back_as_written(tmp_path: Path, entries: list[ShardEntry]) -> None:
    shard_file.write_entries(tmp_path / "pieces" / "x", entries)
    assert shard_file.read_entries(tmp_path / "pieces" / "x") == entries


def iterate_strings(value: Any) -> Iterator[str]:
    """Yield every string in the value, those in nested records included."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        yield from iterate_strings([getattr(value, each.name) for each in fields(value)])
    elif isinstance(value, dict):
        yield from iterate_strings([*value, *value.values()])
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from iterate_strings(each)


def capture(number: int, path: str, body: bytes) -> Capture:
    url = HOME + path
    headers = (("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{number}"'))
    at = AT + timedelta(seconds=number)
    return Capture(
        uuid5(NAMESPACE, url), "stdaily", "article", url, url, at, 200, headers, "utf-8", body, body
    )


def test_a_shard_has_the_outcome_of_every_kind_of_page(tmp_path: Path) -> None:
    """Compare shard and parser for each article of the mock site and each page that is no article."""
    articles = SITE.listed_articles
    other_pages = {
        "soft_404": article_pages.render_soft_404(),
        "removed_page": article_pages.render_removed(),
    }
    with writer.ArchiveWriter(tmp_path / "archive", started_at=AT, software="a test") as out:
        stored = []
        for number, article in enumerate(articles):
            path = article.paths[0]
            page = article_pages.render_article(
                article, path, HOME, articles[:5], number, SITE.unlisted_articles
            ).encode()
            stored.append(
                out.store(capture(number, path, other_pages.get(article.reject_reason or "") or page))
            )
    places = [(each.file or "", each.offset or 0, each.fetched_at) for each in stored]
    shard, *others = shards.build_shards(tmp_path / "archive", shards.build_page_ranges(STDAILY, places))
    assert not others
    shards.write_shard(shard)
    ((*entries,),) = shards.load_entries(shard)
    assert entries == list(shards.parse_shard(shard))
    assert [each.capture.capture_id for each in entries if each.capture] == [x.capture_id for x in stored]
    assert {each.reject.reason for each in entries if each.reject} == {"soft_404", "removed_page"}
    assert sum(each.article is not None for each in entries) == len(articles) - 3
    assert all(each.capture.size and not each.capture.body for each in entries if each.capture)
    # A string of the parser's own type would pickle its whole page.
    assert {type(text) for text in iterate_strings(entries)} == {str, Reason}
    # A damaged or truncated shard is written again, and so is a file of another user.
    size = shard.path.stat().st_size
    for damaged in (b"damaged", shard.path.read_bytes()[: size // 2], b""):
        shard.path.write_bytes(damaged)
        assert shards.load_entries(shard) == (entries,)
    assert shard.path.parent.stat().st_mode & 0o777 == 0o700
    if os.geteuid() == 0:
        os.chown(shard.path, 12345, -1)
        with pytest.raises(ShardError, match="belongs to user 12345"):
            shard_file.read_entries(shard.path)
        assert shards.load_entries(shard) == (entries,)
        assert shard.path.stat().st_uid == 0
        os.chown(shard.path.parent, 12345, -1)
        with pytest.raises(ShardError, match="belongs to user 12345"):
            shards.load_entries(shard)
        os.chown(shard.path.parent, 0, -1)
    # A shard for another parser is an error, and any change of newsetl's code is another parser.
    assert Path(shards.__file__).parents[1] / "parse" / "page.py" in shards.list_parser_files()
    with pytest.raises(ConfigError, match="install the same everywhere"):
        shards.write_shard(replace(shard, parser_id="0"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive_shards.fill(tmp_path_factory.mktemp("filled"), 30)


@pytest.fixture
def folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the data directory, to be read in several shards."""
    monkeypatch.setattr(shards, "SHARD_RECORDS", archive_shards.RECORDS)
    return copytree(filled, tmp_path / "data")


def test_threads_give_the_same_warehouse(folder: Path) -> None:
    before = rebuilt_contents(folder)
    with runners.open_local_runner(2, "threads") as runner:
        result = rebuilt(folder, runner)
    assert (result.failed, result.differing_tables) == ([], ())
    assert rebuilt_contents(folder) == before
    assert not shards.get_shard_folder(folder / "archive").exists()


def test_an_unknown_runner_is_one_line_of_error(filled: Path) -> None:
    ended = newsetl("rebuild", "--data", filled, "--workers", 2, "--runner", "dask")
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "threads and processes" in ended.stderr
