"""The command `newsetl demo`: a mock site, one ingest through Prefect, and queries of the result."""

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

# Fixed days, so that every demo has the same articles.
SINCE, UNTIL, ARTICLES, PORT = date(2026, 9, 1), date(2026, 9, 30), 120, 8765

QUERIES = (
    ("The newest articles", "SELECT published_on, section, title FROM latest_articles LIMIT 5"),
    (
        "The editors with the most articles",
        "SELECT editor, articles, first_on, last_on FROM editor_counts LIMIT 5",
    ),
    ("Articles with two URLs", "SELECT count(*) FROM article_urls WHERE NOT is_canonical"),
    ("Rejected pages", "SELECT reason, message FROM open_rejects ORDER BY ALL"),
)

# Settings of Prefect's embedded server: no telemetry, and only warnings in the log.
PREFECT_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
}
# Timeout in seconds, unless the environment has another one.
START_LIMIT = ("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "90")


def demo(
    data: Annotated[Path, typer.Option("--data", help="Data directory of the demo.")] = Path("demo-data"),
) -> None:
    """Serve a mock site, ingest it through Prefect and query it.

    Example: newsetl demo
    """
    run_demo(DataFolder(data), lambda text: print(text, flush=True))


def run_demo(folder: DataFolder, print_line: Callable[[str], None]) -> None:
    """Rebuild the demo's data in `folder` and print each step. Raise NewsetlError if a step fails."""
    from newsetl.db.publish import remove_database
    from newsetl.query import formats, reader
    from newsetl.replica import MockSite

    home = (folder.path / "prefect").absolute()
    if folder.lake:
        raise ConfigError(f"the demo makes its own warehouse; unset {WAREHOUSE_VARIABLE}")
    files = (folder.path / WORK_FILE, folder.path / PUBLISHED_FILE)
    if any(file.exists() for file in files) and not home.exists():
        raise ConfigError(
            f"{folder.path}: the warehouse here is not the demo's; give another directory with --data"
        )
    try:
        for file in files:
            remove_database(file)
        shutil.rmtree(folder.archive, ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{folder.path}: cannot be written ({error.strerror}); give another directory with --data"
        ) from None
    os.environ.update(PREFECT_SETTINGS | {"PREFECT_HOME": str(home)})
    os.environ.setdefault(*START_LIMIT)
    os.environ.pop("PREFECT_API_URL", None)
    with _open_mock_site(MockSite(articles=ARTICLES, since=SINCE, until=UNTIL)) as server:
        print_line(f"1. The mock site is served at {server.base_url}/web/English/index.html")
        print_line("2. Prefect's embedded server starts (10 to 30 seconds) and runs the flow `ingest`")
        for summary in _run_ingest(folder, server.base_url):
            print_line(f"   {summary}")
    print_line(f"3. Queries of the warehouse {folder.published}")
    for title, statement in QUERIES:
        print_line(f'\n{title}\n$ newsetl sql --data {folder.path} "{statement}"')
        formats.write_result(reader.run_query(folder.published, statement), format="table", output=None)
    print_line(
        f"\nNext:\n"
        f"  newsetl status --data {folder.path}\n"
        f'  newsetl sql --data {folder.path} "DESCRIBE articles_flat"\n'
        f"  newsetl ingest stdaily --contact you@example.org    # the live site, into ./data"
    )


def _open_mock_site(site: MockSite) -> MockServer:
    from newsetl.replica import MockServer

    try:
        return MockServer(site, port=PORT)
    except OSError:
        return MockServer(site)


def _run_ingest(folder: DataFolder, base_url: str) -> list[str]:
    from newsetl.flows.ingest import ingest
    from newsetl.pipeline.summaries import format_summary

    try:
        summaries = ingest(source_names=["stdaily"], data=Path(folder.path), base_url=base_url)
    except RuntimeError as error:
        raise NewsetlError(f"Prefect's embedded server did not start: {error}") from error
    return [format_summary(summary) for summary in summaries]
