"""dlt: a resource of addresses, a parallelized transformer that reads, merged into DuckDB. BASE FILE

Lists stay in their row, as JSON; pages that are no articles are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
from dlt.sources.helpers import requests

from benchmarks.peers import reading

CHUNK = 20


@dlt.source(max_table_nesting=0)
def channel(base: str) -> Any:
    """Yield the articles of the site."""

    @dlt.resource
    def urls() -> Iterator[list[str]]:
        found = reading.addresses(requests.get(f"{base}/sitemap.xml").content)
        for start in range(0, len(found), CHUNK):
            yield found[start : start + CHUNK]

    session = requests.Client().session

    @dlt.transformer(
        data_from=urls,
        name="articles",
        primary_key="url",
        write_disposition="merge",
        parallelized=True,
        columns={
            "published_at": {"data_type": "timestamp"},
            "authors": {"data_type": "json"},
            "editors": {"data_type": "json"},
            "images": {"data_type": "json"},
        },
    )
    def articles(some: list[str]) -> Iterator[list[dict[str, Any]]]:
        rows = (reading.article(session.get(url).content, url) for url in some)
        yield [row for row in rows if row]

    return articles


def main(base: str, file: str) -> None:
    """Loads all that `base` names."""
    pipeline = dlt.pipeline(
        "channel",
        pipelines_dir=str(Path(file).parent / "dlt"),
        destination=dlt.destinations.duckdb(file),
        dataset_name="channel_news",
    )
    pipeline.run(channel(base)).raise_on_failed_jobs()


if __name__ == "__main__":
    main(*sys.argv[1:])
