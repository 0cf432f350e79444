"""README's commands are run and their outputs compared; UPDATE_DOCS=1 writes them anew."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from newsetl.db.writer import Warehouse
from newsetl.query import reader
from newsetl.replica import MockServer, MockSite
from tests.support import ROOT
from tests.support.processes import PROGRAM, TIMEOUT_SECONDS

README = ROOT / "README.md"
DOCS = ROOT / "docs"
TABLE_LIST = DOCS / "data-dictionary.md"
# Pages whose commands are run, in this order: the README's demo makes the data that the others query.
PAGES = (
    README,
    DOCS / "operations.md",
    DOCS / "data-quality.md",
    DOCS / "archive-and-recovery.md",
    DOCS / "politeness-and-failures.md",
    DOCS / "any-site.md",
    DOCS / "search.md",
    TABLE_LIST,
)
CONSOLE = re.compile(r"```console\n\$ (?P<command>.*)\n(?P<output>(?:.*\n)*?)```")
TABLES = re.compile(r"<!-- tables -->\n(?:.*\n)*?<!-- /tables -->")
# A busy machine may start Prefect's server slowly.
ENVIRONMENT = {
    "COLUMNS": "110",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
}
UPDATE = bool(os.environ.get("UPDATE_DOCS"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder to run README's commands in, as its reader would in the clone."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "tests" / "stories", folder / "tests" / "stories")
    return folder


def run(command: str, folder: Path, **env: str) -> str:
    words = shlex.split(command, comments=True)
    assert words[0] == "newsetl"
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("NEWSETL_", "PREFECT_"))
    }
    done = subprocess.run(
        [PROGRAM, *words[1:]],
        cwd=folder,
        env=clean | ENVIRONMENT | env,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, (command, done.stderr, done.stdout)
    return done.stdout


def steady(output: str) -> str:
    """Without what differs from run to run: seconds and a port that was taken."""
    output = re.sub(r"\b\d+\.\d s\b", "1.5 s", output)
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8765", output)


def test_readme_prints_what_it_says(place: Path) -> None:
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES}
    blocks = [block for text in texts.values() for block in CONSOLE.finditer(text)]
    assert len(blocks) >= 5

    def fresh(block: re.Match[str]) -> str:
        return f"```console\n$ {block['command']}\n{steady(run(block['command'], place)).strip()}\n```"

    made = {page: CONSOLE.sub(fresh, text) for page, text in texts.items()}
    if UPDATE:
        for page, text in made.items():
            page.write_text(text, encoding="utf-8")
    assert made == texts


def test_readmes_other_commands_run(tmp_path: Path) -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    commands = [
        line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()
    ]
    commands += re.findall(r"`(newsetl sql [^`]+)`", text)
    assert len(commands) >= 5
    channel = MockSite(articles=40, since=date(2026, 9, 1), until=date(2026, 9, 30))
    with MockServer(channel) as replica:
        for command in commands:
            if command.startswith("export NEWSETL_CONTACT="):
                continue
            # The live channel is out of reach here; the replica stands for it.
            run(command, tmp_path, NEWSETL_BASE_URL=replica.base_url, NEWSETL_CONTACT="you@example.org")


def test_readme_lists_the_tables_and_views(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "news.duckdb"):
        pass
    rows = reader.run_query(
        tmp_path / "news.duckdb",
        "FROM (SELECT table_name AS name, 'table' AS kind, comment FROM duckdb_tables() "
        "WHERE schema_name = 'main' UNION ALL "
        "SELECT view_name, 'view', comment FROM duckdb_views() WHERE NOT internal UNION ALL "
        "SELECT function_name, 'macro', comment FROM duckdb_functions() WHERE NOT internal) "
        "ORDER BY kind = 'macro', kind, name",
    ).rows
    lines = [f"| `{name}` | {kind} | {comment} |" for name, kind, comment in rows]
    block = "\n".join(
        ["<!-- tables -->", "| name | kind | holds |", "| --- | --- | --- |", *lines, "<!-- /tables -->"]
    )
    text = TABLE_LIST.read_text(encoding="utf-8")
    assert TABLES.search(text)
    made = TABLES.sub(lambda _: block, text)
    if UPDATE:
        TABLE_LIST.write_text(made, encoding="utf-8")
    assert made == text


def test_the_changelog_begins_with_this_version() -> None:
    from newsetl._version import __version__

    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first
    assert first[1] == __version__
