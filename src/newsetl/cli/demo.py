"""`newsetl demo`: a channel on this machine, one ingest through Prefect, and a look at the result."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsetl.errors import ConfigError, NewsetlError
from newsetl.runtime.data_folder import PUBLISHED_FILE, WAREHOUSE_VARIABLE, WORK_FILE, DataFolder

if TYPE_CHECKING:
    from newsetl.replica import MockServer, MockSite

# Fixed days, so that everybody sees the same articles.
SINCE, UNTIL, ARTICLES, PORT = date(2026, 9, 1), date(2026, 9, 30), 120, 8765

QUERIES = (
    ("The newest articles", "SELECT published_on, section, title FROM latest_articles LIMIT 5"),
    ("Who edits most", "SELECT editor, articles, first_on, last_on FROM editor_counts LIMIT 5"),
    ("Articles with two addresses", "SELECT count(*) FROM article_urls WHERE NOT is_canonical"),
    ("What was refused", "SELECT reason, message FROM open_rejects ORDER BY ALL"),
)

# Prefect's embedded server keeps its records with the demo, reports to nobody, and may be slow to start.
PREFECT_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
}
# Seconds, unless the environment has another limit.
START_LIMIT = ("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "90")


def demo(
    data: Annotated[Path, typer.Option("--data", help="The demo's own folder.")] = Path("demo-data"),
) -> None:
    """Serve a small channel, ingest it through Prefect, and query the result.

    Example: newsetl demo
    """
    run_demo(DataFolder(data), lambda text: print(text, flush=True))


def run_demo(folder: DataFolder, print_line: Callable[[str], None]) -> None:
    """Make the demo's data anew in `folder` and tell what happens. Raises NewsetlError if a step fails."""
    from newsetl.db.publish import remove_database
    from newsetl.query import formats, reader
    from newsetl.replica import MockSite

    home = (folder.path / "prefect").absolute()
    if folder.lake:
        raise ConfigError(f"the demo makes a warehouse of its own; unset {WAREHOUSE_VARIABLE} for it")
    files = (folder.path / WORK_FILE, folder.path / PUBLISHED_FILE)
    if any(file.exists() for file in files) and not home.exists():
        raise ConfigError(f"{folder.path}: the warehouse here is not the demo's; give another --data")
    try:
        for file in files:
            remove_database(file)
        shutil.rmtree(folder.archive, ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{folder.path}: cannot be written ({error.strerror}); give --data another"
        ) from None
    os.environ.update(PREFECT_SETTINGS | {"PREFECT_HOME": str(home)})
    os.environ.setdefault(*START_LIMIT)
    os.environ.pop("PREFECT_API_URL", None)
    with _open_mock_site(MockSite(articles=ARTICLES, since=SINCE, until=UNTIL)) as replica:
        print_line(f"1. A small news channel of ours is served at {replica.base_url}/web/English/index.html")
        print_line("2. Prefect's embedded server starts (10 to 30 seconds) and runs the flow ingest")
        for summary in _run_ingest(folder, replica.base_url):
            print_line(f"   {summary}")
    print_line(f"3. Questions to the warehouse {folder.published}")
    for title, statement in QUERIES:
        print_line(f'\n{title}\n$ newsetl sql --data {folder.path} "{statement}"')
        formats.write_result(reader.run_query(folder.published, statement), format="table", output=None)
    print_line(
        f"\nNext:\n"
        f"  newsetl status --data {folder.path}\n"
        f'  newsetl sql --data {folder.path} "DESCRIBE articles_flat"\n'
        f"  newsetl ingest stdaily --contact you@example.org    # the live channel, into ./data"
    )


def _open_mock_site(channel: MockSite) -> MockServer:
    from newsetl.replica import MockServer

    try:
        return MockServer(channel, port=PORT)
    except OSError:
        return MockServer(channel)


def _run_ingest(folder: DataFolder, base: str) -> list[str]:
    from newsetl.flows.ingest import ingest
    from newsetl.pipeline.summaries import format_summary

    try:
        summaries = ingest(source_names=["stdaily"], data=Path(folder.path), base_url=base)
    except RuntimeError as error:
        raise NewsetlError(f"Prefect's embedded server did not start: {error}") from error
    return [format_summary(summary) for summary in summaries]
