"""Source files: search path, lint, examples, live check and rebuild."""

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
EXAMPLES = Path(__file__).parents[1] / "stories"
SMALL = """
slug = "mine"
name = "Mine"
home = "https://www.example.org/"
hosts = ["www.example.org"]
timezone = "UTC"
language = "en"

[[url_forms]]
name = "article"
pattern = '^/article/\\d+$'

[discover]
feeds = ["https://www.example.org/feed.xml"]
"""


@pytest.fixture(autouse=True)
def _no_source_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    # Commands change the variable; monkeypatch restores it because it is set here.
    monkeypatch.setenv(registry.SOURCES_VARIABLE, "")


@pytest.fixture(scope="module")
def mock_server() -> Iterator[MockServer]:
    with replica_runs.served(12) as server:
        yield server


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return newsetl(*words, env={registry.SOURCES_VARIABLE: os.environ[registry.SOURCES_VARIABLE]})


def write_sources(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for slug, text in texts.items():
        (folder / f"{slug}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_file_in_a_source_directory_is_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write_sources(tmp_path / "first", mine=SMALL, _notes="this is no source")
    second = write_sources(tmp_path / "second", mine=SMALL.replace('"Mine"', '"Second"'), stdaily=STDAILY)
    monkeypatch.setenv(registry.SOURCES_VARIABLE, f"{first}{os.pathsep}{second}")
    assert sources.load("mine").name == "Mine"
    assert sources.list_enabled() == ("mine", "stdaily")
    listed = run("source", "list").stdout
    assert f"from {first}/mine.toml, in place of {second}/mine.toml" in listed
    assert f"from {second}/stdaily.toml, in place of sources/stdaily.toml" in listed
    assert "never seen live; metadata lines as quoted" in listed
    assert listed.count("disabled: ingested only if named") == 8
    # The option takes precedence over the environment variable.
    assert "Second" in run("source", "list", "--source-dir", second).stdout


# Old and new text in SMALL, or ("", lines to add to the table parse), and the expected message.
INVALID = [
    (
        'slug = "mine"',
        'slug = "other"',
        "slug: is 'other', but the file is named mine.toml; use the same name",
    ),
    ('slug = "mine"', 'slug = "Mine!"', "slug: is 'Mine!'; use lower-case letters"),
    ('slug = "mine"', "slug = mine", "mine.toml: not valid TOML"),
    ("feeds", "feed", "discover.feed: is an unknown key; use one of "),
    ("feeds = [", "feeds = [] # [", "discover.start_urls: is empty, as are sitemaps"),
    ("\\d+$", "(?P<moon>\\d+)$", "has the unknown group moon; use year, month"),
    ("pattern =", 'host = "a.org"\npattern =', "url_forms[1].host: is 'a.org'; write one of www.example.org"),
    ("", "metadata_patterns = ['By {date} {date}']", "is not a regular expression: redefinition"),
    ("", "date_patterns = ['(?P<year>\\d{4})']", "lacks the group month; add (?P<month>"),
    ("", "is_metadata_last = 'no'", "parse.is_metadata_last: is 'no'; write true or"),
    ("", "content_selectors = ['#a >> b']", "'#a >> b' is not a CSS selector"),
]


@pytest.mark.parametrize(("before", "after", "message"), INVALID)
def test_a_problem_is_reported_with_file_key_and_fix(
    before: str, after: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SMALL.replace(before, after) if before else f"{SMALL}[parse]\n{after}\n"
    assert text != SMALL
    monkeypatch.setenv(registry.SOURCES_VARIABLE, str(write_sources(tmp_path, mine=text)))
    with pytest.raises(SourceError) as raised:
        sources.load("mine")
    assert str(tmp_path) in str(raised.value)
    assert message in str(raised.value)


def test_invalid_file_names_and_missing_directories_are_reported(tmp_path: Path) -> None:
    done = run("source", "list", "--source-dir", write_sources(tmp_path / "odd", **{"My Site": SMALL}))
    assert "My Site.toml: 'My Site' is not a valid slug; name the file like its slug" in done.stderr
    assert done.returncode == 2
    done = run("source", "list", "--source-dir", tmp_path / "none")
    assert done.returncode == 2
    assert f"{tmp_path}/none: cannot read the source directory" in done.stderr
    assert "create it, or correct --source-dir or NEWSETL_SOURCE_DIR" in done.stderr


def test_lint_distinguishes_errors_and_warnings(tmp_path: Path) -> None:
    assert run("source", "lint", "--source-dir", write_sources(tmp_path / "none")).returncode == 3
    folder = write_sources(tmp_path, stdaily=STDAILY, mine=SMALL, broken=SMALL.replace("feeds", "feed"))
    done = run("source", "lint", folder / "stdaily.toml")
    assert (done.returncode, done.stdout) == (0, f"{folder}/stdaily.toml: ok\n")
    done = run("source", "lint", folder / "mine.toml")
    assert done.returncode == 3
    for warning in (
        "verified: is missing",
        "first_day: is missing",
        "sections: is missing",
        "has no date",
    ):
        assert warning in done.stdout
    done = run("source", "lint", folder / "mine.toml", folder / "broken.toml")
    assert done.returncode == 1
    assert (
        f"{folder}/broken.toml: 1 errors, 0 warnings\n  error  discover.feed: is an unknown key"
        in done.stdout
    )


def test_all_problems_of_a_file_are_reported_together(tmp_path: Path) -> None:
    text = (
        SMALL.replace('slug = "mine"', 'slug = "Mine!"').replace("\\d+$", "(\\d+$").replace("feeds", "feed")
    )
    text = text.replace("hosts = ", "hosts = 1 # ")
    folder = write_sources(tmp_path, mine=f"{text}[parse]\nis_metadata_last = 'no'\nsoft_404_sizes = ['a']\n")
    output = run("source", "lint", folder / "mine.toml").stdout
    keys = [line.split(": ")[0].split()[1] for line in output.splitlines()[1:]]
    assert keys == [
        "hosts", "slug", "url_forms[1].pattern", "parse.is_metadata_last", "parse.soft_404_sizes",
        "discover.feed",
    ]  # fmt: skip
    with pytest.raises(
        SourceError, match=r"hosts: is 1.* \(and 5 more; run `newsetl source lint` to list all\)$"
    ):
        sources.load_file(folder / "mine.toml")


def test_lint_compares_the_examples_beside_a_file(tmp_path: Path) -> None:
    folder = write_sources(tmp_path, gmw=(resources.files("newsetl.sources") / "gmw.toml").read_text())
    shutil.copytree(EXAMPLES / "gmw", folder / "stories" / "gmw")
    assert run("source", "lint", folder / "gmw.toml").stdout.count("error  ") == 0
    example = folder / "stories" / "gmw" / "initials.json"
    expected = json.loads(example.read_text())
    example.write_text(json.dumps(expected | {"editors": ["LWX"], "section": "?"}))
    done = run("source", "lint", folder / "gmw.toml")
    assert done.returncode == 1
    assert "error  initials.json: editors: is ['LWX'] in the example, but parsed as ['WXL']" in done.stdout
    assert "warning  initials.json: section: is not filled in" in done.stdout
    # An example shows that a selector matches no longer.
    (folder / "gmw.toml").write_text(
        (folder / "gmw.toml").read_text().replace('"#contentMain"', '"#contentGone"')
    )
    assert "error  older_box.json: " in run("source", "lint", folder / "gmw.toml").stdout
    example.with_suffix(".html").unlink()
    assert (
        "initials.json: is not a valid example (no page beside it)"
        in run("source", "lint", folder / "gmw.toml").stdout
    )


def test_check_prints_values_with_provenance(mock_server: MockServer, tmp_path: Path) -> None:
    done = run("source", "check", "stdaily", "--base-url", mock_server.base_url, "--articles", 4)
    assert done.returncode in (0, 3), done.stderr
    assert (
        f"index {mock_server.base_url}/web/English/index.html\n  8 listings (News, Cooperation" in done.stdout
    )
    assert "rows (by '.f_lieb_list > dl')" in done.stdout
    assert "articles, 0 sitemaps" in done.stdout
    assert "[metadata line]" in done.stdout
    assert "found on 4 pages: title " in done.stdout
    broken = STDAILY.replace(".f_lieb_list > dl", ".gone > dl").replace(".dete li", ".gone li")
    folder = write_sources(
        tmp_path, stdaily=broken.replace("[parse]", '[parse]\ncontent_selectors = ["#gone"]')
    )
    done = run("source", "check", "stdaily", "--base-url", mock_server.base_url, "--source-dir", folder)
    assert done.returncode == 3
    assert "missing  discover.listing_item_selectors: no selector matches on" in done.stdout
    assert "missing  parse.content_selectors: no selector matches" in done.stdout
    done = run("source", "check", "stdaily", "--base-url", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "missing  discover: no discovery method found an article" in done.stdout


def test_check_reports_a_listing_that_scripts_fill() -> None:
    class Shell(replica_runs.Failing):
        def respond(self, path: str) -> MockResponse:
            if path.endswith("index.html"):
                return MockResponse(
                    b'<html><body><div id="root"></div><script src="/main.js"></script></body></html>'
                )
            return super().respond(path)

    with Shell(MockSite(articles=10, since=date(2026, 9, 1), until=date(2026, 9, 9))) as shell:
        done = run("source", "check", "stdaily", "--base-url", shell.base_url, "--articles", 1)
    assert "the page needs JavaScript, which newsetl does not run: declare a feed or a sitemap" in done.stdout


def test_a_rebuild_takes_a_missing_source_file_from_the_archive(
    mock_server: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_sources(tmp_path / "sources", mine=STDAILY.replace('slug = "stdaily"', 'slug = "mine"'))
    monkeypatch.setenv(registry.SOURCES_VARIABLE, str(folder))
    data = tmp_path / "data"
    done = run("ingest", "mine", "--base-url", mock_server.base_url, "--data", data)
    assert done.returncode == 0, done.stderr
    before = replica_runs.contents(data)
    # The source file is missing now; the run's note in the archive has its text.
    monkeypatch.setenv(registry.SOURCES_VARIABLE, "")
    replica_runs.lose(data)
    rebuild.rebuild(DataFolder(data), clock=replica_runs.now)
    assert replica_runs.contents(data) == before
    # An existing source file takes precedence over the archive.
    (folder / "mine.toml").write_text(
        (folder / "mine.toml").read_text().replace('name = "Science and Technology Daily"', 'name = "SDT"')
    )
    monkeypatch.setenv(registry.SOURCES_VARIABLE, str(folder))
    rebuild.rebuild(DataFolder(data), clock=replica_runs.now)
    assert list(reader.run_query(data / "news.duckdb", "SELECT slug, name FROM sources").rows) == [
        ("mine", "SDT")
    ]
    # A command without a source name uses the sources of the directory.
    done = run("reparse", "--dry-run", "--data", data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("mine: ")
