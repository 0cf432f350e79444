"""`newsetl report`: what the warehouse holds, as one HTML page that needs no network."""

from __future__ import annotations

import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from newsetl.db.connection import translate_errors
from newsetl.errors import ConfigError
from newsetl.query import reader
from newsetl.query.article_filter import ArticleFilter
from newsetl.query.report import data
from newsetl.runtime import atomic
from newsetl.runtime.data_folder import WarehouseLocation

# Begins every report, so that no other file is replaced by one.
REPORT_START = '<!doctype html>\n<meta charset="utf-8"><meta name="generator" content="newsetl report">'


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report: how many articles it is about, and the bytes of the file."""

    path: Path
    articles: int
    size: int


def write_report(
    published: WarehouseLocation,
    output: Path,
    *,
    selection: ArticleFilter | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> WrittenReport:
    """Writes the page about the articles wanted; under its name it is whole, and replaces an older report.

    Raises ConfigError if the file cannot be written, is another one, or the charts' library is missing;
    WarehouseError if there is no warehouse to read.
    """
    try:
        from newsetl.query.report import html  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"the report needs what draws its charts ({error.name}): pip install 'newsetl[report]'"
        ) from None
    _check_output(output)
    on_progress("reading the warehouse")
    with closing(reader.connect(published)) as connection, translate_errors(published):
        found = data.load_report_data(
            connection, published, selection or ArticleFilter(), on_progress=on_progress
        )
    on_progress("drawing the charts")
    text = REPORT_START + html.render_page(found)
    on_progress("writing the file")
    content = text.encode("utf-8", "replace")
    with atomic.write_atomically(output) as new:
        new.write_bytes(content)
    return WrittenReport(output, found.totals["articles"], len(content))


def _check_output(output: Path) -> None:
    mode = atomic.check_output(output)
    if mode is None:
        return
    if stat.S_ISDIR(mode):
        raise ConfigError(f"{output}: a folder; name a file with --output")
    try:
        with output.open("rb") as file:
            is_report = file.read(len(REPORT_START)) == REPORT_START.encode()
    except OSError as error:
        raise ConfigError(f"cannot write {output}: {error.strerror or error}") from error
    if not is_report:
        raise ConfigError(f"{output}: there already, and no report of newsetl; give another --output")
