"""A source is one file: found in folders of the user's, looked over, tried, and found again by a rebuild."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from newsetl import sources
from newsetl.errors import SourceError
from newsetl.pipeline import rebuild
from newsetl.query import reader
from newsetl.replica import MockServer, MockSite
from newsetl.replica.response import MockResponse
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources import registry
from tests.support import replica_runs
from tests.support.commands import newsetl

STDAILY = (resources.files("newsetl.sources") / "stdaily.toml").read_text(encoding="utf-8")
STORIES = Path(__file__).parent / "stories"
SMALL = """
slug = "mine"
name = "Mine"
home = "https://www.example.org/"
hosts = ["www.example.org"]
timezone = "UTC"
language = "en"

[[url_forms]]
name = "story"
pattern = '^/story/\\d+$'

[discover]
feeds = ["https://www.example.org/feed.xml"]
"""


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set, so that it is put back whatever a command makes of it.
    monkeypatch.setenv(registry.SOURCES_VARIABLE, "")


@pytest.fixture(scope="module")
def replica() -> Iterator[MockServer]:
    with replica_runs.served(12) as served:
        yield served


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return newsetl(*words, env={registry.SOURCES_VARIABLE: os.environ[registry.SOURCES_VARIABLE]})


def folder_with(place: Path, **texts: str) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    for slug, text in texts.items():
        (place / f"{slug}.toml").write_text(text, encoding="utf-8")
    return place


def test_a_file_in_a_folder_of_mine_is_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = folder_with(tmp_path / "first", mine=SMALL, _notes="this is no source")
    second = folder_with(tmp_path / "second", mine=SMALL.replace('"Mine"', '"Second"'), stdaily=STDAILY)
    monkeypatch.setenv(registry.SOURCES_VARIABLE, f"{first}{os.pathsep}{second}")
    assert sources.load("mine").name == "Mine"
    assert sources.list_enabled() == ("mine", "stdaily")
    listed = run("source", "list").stdout
    assert f"from {first}/mine.toml, in place of {second}/mine.toml" in listed
    assert f"from {second}/stdaily.toml, in place of sources/stdaily.toml" in listed
    assert "never seen live; metadata lines as quoted" in listed
    assert listed.count("read only if it is named") == 8
    # What the command names comes before what the environment does.
    assert "Second" in run("source", "list", "--source-dir", second).stdout


# What is changed in SMALL (a table alone is added), and what is said of it.
WRONG = [
    ('slug = "mine"', 'slug = "other"', "slug: is 'other', but the file is named mine.toml; name both alike"),
    ('slug = "mine"', 'slug = "Mine!"', "slug: is 'Mine!'; use lower-case letters"),
    ('slug = "mine"', "slug = mine", "mine.toml: not valid TOML"),
    ("feeds", "feed", "discover.feed: is not known here; known: "),
    ("feeds = [", "feeds = [] # [", "discover.start_urls: is empty, and so are sitemaps"),
    ("\\d+$", "(?P<moon>\\d+)$", "has the group moon; known groups: year, month"),
    ("pattern =", 'host = "a.org"\npattern =', "url_forms[1].host: is 'a.org'; write one of www.example.org"),
    ("", "metadata_patterns = ['By {date} {date}']", "is no regular expression: redefinition"),
    ("", "date_patterns = ['(?P<year>\\d{4})']", "lacks the group month; write (?P<month>"),
    ("", "is_metadata_last = 'no'", "parse.is_metadata_last: is 'no', but must be true or"),
    ("", "content_selectors = ['#a >> b']", "'#a >> b' is no CSS selector"),
]


@pytest.mark.parametrize(("before", "after", "message"), WRONG)
def test_what_is_wrong_is_named_with_file_field_and_fix(
    before: str, after: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SMALL.replace(before, after) if before else f"{SMALL}[read]\n{after}\n"
    assert text != SMALL
    monkeypatch.setenv(registry.SOURCES_VARIABLE, str(folder_with(tmp_path, mine=text)))
    with pytest.raises(SourceError) as raised:
        sources.load("mine")
    assert str(tmp_path) in str(raised.value)
    assert message in str(raised.value)


def test_a_name_that_is_none_and_a_folder_that_is_not_there_are_said(tmp_path: Path) -> None:
    told = run("source", "list", "--source-dir", folder_with(tmp_path / "odd", **{"My Site": SMALL}))
    assert "My Site.toml: 'My Site' is no name of a source; use lower-case letters" in told.stderr
    assert told.returncode == 2
    told = run("source", "list", "--source-dir", tmp_path / "none")
    assert told.returncode == 2
    assert f"{tmp_path}/none: no folder with source files" in told.stderr
    assert "make it, or correct --source-dir and NEWSETL_SOURCE_DIR" in told.stderr


def test_lint_tells_wrong_from_doubtful(tmp_path: Path) -> None:
    assert run("source", "lint", "--source-dir", folder_with(tmp_path / "none")).returncode == 3
    place = folder_with(tmp_path, stdaily=STDAILY, mine=SMALL, broken=SMALL.replace("feeds", "feed"))
    told = run("source", "lint", place / "stdaily.toml")
    assert (told.returncode, told.stdout) == (0, f"{place}/stdaily.toml: ok\n")
    told = run("source", "lint", place / "mine.toml")
    assert told.returncode == 3
    for doubt in (
        "verified: says nothing",
        "first_day: is not given",
        "sections: are unknown",
        "has no date",
    ):
        assert doubt in told.stdout
    told = run("source", "lint", place / "mine.toml", place / "broken.toml")
    assert told.returncode == 1
    assert (
        f"{place}/broken.toml: 1 errors, 0 warnings\n  error  discover.feed: is not known here" in told.stdout
    )


def test_all_that_is_wrong_in_a_file_is_said_at_once(tmp_path: Path) -> None:
    text = (
        SMALL.replace('slug = "mine"', 'slug = "Mine!"').replace("\\d+$", "(\\d+$").replace("feeds", "feed")
    )
    text = text.replace("hosts = ", "hosts = 1 # ")
    place = folder_with(tmp_path, mine=f"{text}[read]\nis_metadata_last = 'no'\ndead_sizes = ['a']\n")
    told = run("source", "lint", place / "mine.toml").stdout
    said = [line.split(": ")[0].split()[1] for line in told.splitlines()[1:]]
    assert said == [
        "hosts", "slug", "url_forms[1].pattern", "parse.is_metadata_last", "parse.soft_404_sizes",
        "discover.feed",
    ]  # fmt: skip
    with pytest.raises(SourceError, match=r"hosts: is 1.* \(and 5 more: `newsetl source lint` has all\)$"):
        sources.load_file(place / "mine.toml")


def test_lint_reads_the_stories_beside_a_file(tmp_path: Path) -> None:
    place = folder_with(tmp_path, gmw=(resources.files("newsetl.sources") / "gmw.toml").read_text())
    shutil.copytree(STORIES / "gmw", place / "stories" / "gmw")
    assert run("source", "lint", place / "gmw.toml").stdout.count("error  ") == 0
    story = place / "stories" / "gmw" / "initials.json"
    want = json.loads(story.read_text())
    story.write_text(json.dumps(want | {"editors": ["LWX"], "section": "?"}))
    told = run("source", "lint", place / "gmw.toml")
    assert told.returncode == 1
    assert "error  initials.json: editors: is ['LWX'] to you, but read as ['WXL']" in told.stdout
    assert "warning  initials.json: section: is a blank still" in told.stdout
    # A selector that is dead shows where a story says how it was read.
    (place / "gmw.toml").write_text(
        (place / "gmw.toml").read_text().replace('"#contentMain"', '"#contentGone"')
    )
    assert "error  older_box.json: " in run("source", "lint", place / "gmw.toml").stdout
    story.with_suffix(".html").unlink()
    assert (
        "initials.json: is no story (no page beside it)" in run("source", "lint", place / "gmw.toml").stdout
    )


def test_check_shows_what_was_found_and_where(replica: MockServer, tmp_path: Path) -> None:
    told = run("source", "check", "stdaily", "--base-url", replica.base_url, "--articles", 4)
    assert told.returncode in (0, 3), told.stderr
    assert f"index {replica.base_url}/web/English/index.html\n  8 listings (News, Cooperation" in told.stdout
    assert "rows (by '.f_lieb_list > dl')" in told.stdout
    assert "articles, 0 sitemaps" in told.stdout
    assert "[metadata line]" in told.stdout
    assert "found on 4 pages: title " in told.stdout
    worse = STDAILY.replace(".f_lieb_list > dl", ".gone > dl").replace(".dete li", ".gone li")
    place = folder_with(tmp_path, stdaily=worse.replace("[parse]", '[parse]\ncontent_selectors = ["#gone"]'))
    told = run("source", "check", "stdaily", "--base-url", replica.base_url, "--source-dir", place)
    assert told.returncode == 3
    assert "missing  discover.listing_item_selectors: none of them matches anything on" in told.stdout
    assert "missing  parse.content_selectors: none of them matches anything" in told.stdout
    told = run("source", "check", "stdaily", "--base-url", "http://127.0.0.1:9")
    assert told.returncode == 1
    assert "missing  discover: no way announces an article" in told.stdout


def test_check_says_that_a_listing_is_a_shell() -> None:
    class Shell(replica_runs.Failing):
        def answer(self, path: str) -> MockResponse:
            if path.endswith("index.html"):
                return MockResponse(
                    b'<html><body><div id="root"></div><script src="/main.js"></script></body></html>'
                )
            return super().respond(path)

    with Shell(MockSite(articles=10, since=date(2026, 9, 1), until=date(2026, 9, 9))) as replica:
        told = run("source", "check", "stdaily", "--base-url", replica.base_url, "--articles", 1)
    assert (
        "it is a shell that scripts fill, and none is run here: look for a feed or a sitemap" in told.stdout
    )


def test_a_rebuild_finds_a_source_of_mine_again(
    replica: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder_with(tmp_path / "sources", mine=STDAILY.replace('slug = "stdaily"', 'slug = "mine"'))
    monkeypatch.setenv(registry.SOURCES_VARIABLE, str(place))
    data = tmp_path / "data"
    told = run("ingest", "mine", "--base-url", replica.base_url, "--data", data)
    assert told.returncode == 0, told.stderr
    before = replica_runs.contents(data)
    # The file is nowhere now: the run's own note has it.
    monkeypatch.setenv(registry.SOURCES_VARIABLE, "")
    replica_runs.lose(data)
    rebuild.rebuild(DataFolder(data), clock=replica_runs.now)
    assert replica_runs.contents(data) == before
    # Where it is there, it counts as it is today.
    (place / "mine.toml").write_text(
        (place / "mine.toml").read_text().replace('name = "Science and Technology Daily"', 'name = "SDT"')
    )
    monkeypatch.setenv(registry.SOURCES_VARIABLE, str(place))
    rebuild.rebuild(DataFolder(data), clock=replica_runs.now)
    assert list(reader.run_query(data / "news.duckdb", "SELECT slug, name FROM sources").rows) == [
        ("mine", "SDT")
    ]
    # A command that names no source takes those that the folder has.
    told = run("reparse", "--dry-run", "--data", data)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("mine: ")
