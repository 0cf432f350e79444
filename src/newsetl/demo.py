"""`newsetl demo`: a channel on this machine, one ingest through Prefect, and a look at the result."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from rich.console import Console

from newsetl import query
from newsetl.errors import NewsetlError
from newsetl.folder import DataFolder
from newsetl.replica import Channel, Replica

# Fixed days, so that everybody sees the same articles.
SINCE, UNTIL, ARTICLES, PORT = date(2026, 9, 1), date(2026, 9, 30), 120, 8765

QUERIES = (
    ("The newest articles", "SELECT published_on, section, title, authors FROM latest LIMIT 5"),
    ("Who edits what", "SELECT * FROM editor_counts LIMIT 5"),
    ("One article under two addresses", "SELECT article_id, url FROM article_urls WHERE article_id IN "
     "(SELECT article_id FROM article_urls GROUP BY ALL HAVING count(*) > 1) ORDER BY ALL LIMIT 2"),
    ("What was refused", "SELECT reason, message, url FROM open_rejects"),
)  # fmt: skip

# Prefect's embedded server keeps its records with the demo, reports to nobody, and may be slow to start.
PREFECT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
}


def run(folder: DataFolder, console: Console) -> None:
    """Make the demo's data anew in `folder` and show it. Raises NewsetlError if a step fails."""
    folder.warehouse.unlink(missing_ok=True)
    folder.warehouse.with_suffix(".duckdb.wal").unlink(missing_ok=True)
    shutil.rmtree(folder.archive, ignore_errors=True)
    for name, value in PREFECT.items():
        os.environ.setdefault(name, value)
    home = (folder.path / "prefect").absolute()
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_HOME", str(home))
    channel = Channel(articles=ARTICLES, since=SINCE, until=UNTIL)
    with _replica(channel) as replica:
        console.print(f"1. A small news channel of ours is served at {replica.base}/web/English/index.html")
        console.print("2. Prefect's embedded server starts (10 to 30 seconds) and runs the flow `ingest`")
        summaries = _ingested(folder, replica.base)
    for summary in summaries:
        console.print(f"   {summary}", highlight=False)
    console.print(f"3. Questions to the warehouse {folder.warehouse}, each with its SQL")
    for title, statement in QUERIES:
        console.print(
            f'\n{title}\n$ newsetl sql --data {folder.path} "{statement}"', highlight=False, soft_wrap=True
        )
        query.write(query.sql(folder.warehouse, statement), format="table", output=None)
    console.print(
        "\nNext:\n"
        f"  newsetl status --data {folder.path}\n"
        f'  newsetl sql --data {folder.path} "DESCRIBE articles_flat"\n'
        "  newsetl ingest stdaily --contact you@example.org      (the live channel, into ./data)",
        highlight=False,
        soft_wrap=True,
    )


def _replica(channel: Channel) -> Replica:
    try:
        return Replica(channel, port=PORT)
    except OSError:
        return Replica(channel)


def _ingested(folder: DataFolder, base: str) -> list[str]:
    from newsetl.flows.ingest import ingest
    from newsetl.show import outcome_line

    try:
        summaries = ingest(source_names=["stdaily"], data=Path(folder.path), at=base)
    except RuntimeError as error:
        raise NewsetlError(f"Prefect's embedded server did not start: {error}") from error
    return [outcome_line(summary) for summary in summaries]
