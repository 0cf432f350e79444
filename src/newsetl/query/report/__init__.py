"""HTML report about the warehouse: one self-contained page, for `newsetl report`."""

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

# The first bytes of every report; a file that begins otherwise is never replaced.
REPORT_START = '<!doctype html>\n<meta charset="utf-8"><meta name="generator" content="newsetl report">'


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """Written report with its number of articles and its size in bytes."""

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
    """Write the report about the selected articles atomically, and replace an older report.

    Raise ConfigError if the file cannot be written or is no report, or if the charts' library is missing.
    Raise WarehouseError if the warehouse cannot be read.
    """
    try:
        from newsetl.query.report import html  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"report: {error.name} is not installed; run: pip install 'newsetl[report]'"
        ) from None
    _check_output(output)
    on_progress("reading the warehouse")
    with closing(reader.connect(published)) as connection, translate_errors(published):
        figures = data.load_report_data(
            connection, published, selection or ArticleFilter(), on_progress=on_progress
        )
    on_progress("drawing the charts")
    text = REPORT_START + html.render_page(figures)
    on_progress("writing the file")
    content = text.encode("utf-8", "replace")
    with atomic.write_atomically(output) as new:
        new.write_bytes(content)
    return WrittenReport(output, figures.totals["articles"], len(content))


def _check_output(output: Path) -> None:
    mode = atomic.check_output(output)
    if mode is None:
        return
    if stat.S_ISDIR(mode):
        raise ConfigError(f"{output}: a directory; name a file with --output")
    try:
        with output.open("rb") as file:
            is_report = file.read(len(REPORT_START)) == REPORT_START.encode()
    except OSError as error:
        raise ConfigError(
            f"{output}: cannot be read: {error.strerror or error}; use another --output"
        ) from error
    if not is_report:
        raise ConfigError(f"{output}: exists already and is no report of newsetl; use another --output")
