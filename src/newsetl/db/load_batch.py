"""Loader of one batch: its SQL statements in order, each with the condition under which it runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb

from newsetl.db import arrow_tables, refusals, sql
from newsetl.db.incoming_tables import register_tables
from newsetl.db.matching import ArticleMatcher, ArticleRow
from newsetl.errors import WarehouseError
from newsetl.model import Batch, LoadResult
from newsetl.reasons import Reason
from newsetl.runtime.data_folder import WarehouseLocation
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class _Step:
    """Statement of `warehouse/load/batch/` with the condition under which it runs.

    Statements without work are skipped, because on a lake each one costs about a dozen catalog queries.
    `needs` is the incoming table that must have rows. `if_known` runs the statement only if an article of the
    batch was loaded before, `if_stored` only if a capture was. `looks_up` sets the parameter `is_known`, by
    which the statement reads stored rows: "captures" if a capture of the batch is stored, "articles" if a
    capture or an article is.
    """

    name: str
    needs: str | None = None
    if_known: bool = False
    if_stored: bool = False
    looks_up: str | None = None


_STEPS = (
    _Step("captures_insert", needs="captures"),
    _Step("revisions_known", looks_up="articles"),
    _Step("captures_update", needs="capture_articles", if_stored=True),
    _Step("index_queue_insert", needs="articles", looks_up="articles"),
    _Step("coverage_queue_known", if_known=True),
    _Step("coverage_queue_insert"),
    _Step("minhash_bands_delete", if_known=True),
    _Step("minhash_bands_insert", needs="bands"),
    _Step("articles_update", needs="articles", if_known=True),
    _Step("articles_insert", needs="articles", looks_up="articles"),
    _Step("articles_seen", if_known=True),
    _Step("revisions_touched", looks_up="articles"),
    _Step("revisions_captures", looks_up="articles"),
    _Step("revisions_found"),
    _Step("revisions_clear"),
    _Step("revisions_insert"),
    _Step("articles_changed", if_known=True),
    _Step("article_urls_insert", needs="urls", looks_up="articles"),
    _Step("article_urls_seen", if_known=True),
    _Step("article_urls_canonical", if_known=True),
    _Step("credits_delete", if_known=True),
    _Step("credits_insert", needs="credits", looks_up="articles"),
    _Step("images_delete", if_known=True),
    _Step("images_insert", needs="images", looks_up="articles"),
    _Step("teasers_delete", needs="capture_articles", if_stored=True),
    _Step("teasers_insert", needs="teasers", looks_up="captures"),
    _Step("rejects_supersede", needs="rejects"),
    _Step("rejects_update", needs="rejects"),
    _Step("rejects_insert", needs="rejects"),
    _Step("requests_insert", needs="requests"),
    _Step("discovered_links_insert", needs="discovered_links"),
    _Step("discovery_queries_insert", needs="discovery_queries"),
)

# Run only if the source has open rejects.
_RESOLVE_STATEMENTS = (
    "rejects_resolve_reparsed",
    "rejects_resolve",
    "rejects_resolve_obtained",
    "rejects_resolve_lists",
)
_TEMPORARY = ("known_states", "found_states", "touched_articles", "touched_captures")

_HAS_STORED = "SELECT 1 FROM captures SEMI JOIN incoming_capture_articles USING (capture_id) LIMIT 1"
_HAS_OPEN = "SELECT 1 FROM rejects WHERE source = ? AND resolved_at IS NULL LIMIT 1"
# Reasons that can mean that the site has removed an article, as in gone_set.sql.
_GONE_REASONS = (Reason.SOFT_404, Reason.REMOVED_PAGE, Reason.REDIRECTED_AWAY, Reason.HTTP_STATUS)
_HAS_GONE = (
    "SELECT 1 FROM rejects SEMI JOIN incoming_urls USING (source, url) "
    f"WHERE resolved_at IS NULL AND reason IN {tuple(map(str, _GONE_REASONS))} LIMIT 1"
)


def load_batch(
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    source: Source,
    run_id: UUID,
    *,
    path: WarehouseLocation,
) -> LoadResult:
    """Load the batch in the open transaction, and return its counts.

    The fetch time of an article without a capture is the start of the run. Raise WarehouseError if the run
    was not started, or if an article's capture is neither in the batch nor in the warehouse.
    """
    batch, repeated = refusals.reject_repeated_pages(connection, batch, run_id)
    matcher, rows = _match_articles(connection, batch, source, run_id, path)
    batch, unlike = refusals.reject_unlike_articles(batch, matcher.refused)
    batch, redirected = refusals.add_redirects(batch, matcher.replaced_urls)
    tables = arrow_tables.build_batch_tables(batch, source, run_id, rows, matcher.article_ids)
    is_known = any(not row.is_new for row in rows)
    written: Counter[str] = Counter()
    with register_tables(connection, tables):
        is_stored = bool(connection.execute(_HAS_STORED).fetchall())
        for step in _STEPS:
            if (step.if_known and not is_known) or (step.if_stored and not is_stored):
                continue
            if step.needs is not None and not tables[step.needs].num_rows:
                continue
            parameters = {}
            if step.looks_up is not None:
                parameters = {"is_known": is_stored or (is_known and step.looks_up == "articles")}
            ((written[step.name],),) = connection.execute(
                sql.load_sql(f"load/batch/{step.name}"), parameters
            ).fetchall()
        _resolve(connection, batch, run_id, is_known=is_known, has_rejects=bool(tables["rejects"].num_rows))
        for name in _TEMPORARY:
            connection.execute(f"DROP TABLE {name}")
    new = sum(row.is_new for row in rows)
    changed = sum(row.is_changed and not row.is_new for row in rows)
    rejected = written["rejects_insert"] + written["rejects_update"]
    counts = {"run_id": run_id, "new": new, "changed": changed, "rejected": rejected}
    connection.execute(sql.load_sql("load/runs/run_counts"), counts)
    return LoadResult(
        new=new,
        changed=changed,
        already_loaded=len(rows) - new - changed,
        rejects=rejected,
        refused=(*repeated, *unlike),
        redirected=redirected,
    )


def _resolve(
    connection: duckdb.DuckDBPyConnection, batch: Batch, run_id: UUID, *, is_known: bool, has_rejects: bool
) -> None:
    """Resolve open rejects by the captures of the batch, and mark articles that the site has removed."""
    has_open = bool(connection.execute(_HAS_OPEN, [batch.source]).fetchall())
    is_gone = any(reject.reason in _GONE_REASONS for reject in batch.rejects) or (
        has_open and bool(connection.execute(_HAS_GONE).fetchall())
    )
    if has_open:
        for name in _RESOLVE_STATEMENTS:
            connection.execute(sql.load_sql(f"load/resolve/{name}"), {"run_id": run_id})
    if is_known or is_gone:
        connection.execute(sql.load_sql("load/resolve/gone_set"))
    if has_open or has_rejects:
        connection.execute(sql.load_sql("load/batch/coverage_queue_rejected"), {"run_id": run_id})


def _match_articles(
    connection: duckdb.DuckDBPyConnection, batch: Batch, source: Source, run_id: UUID, path: WarehouseLocation
) -> tuple[ArticleMatcher, tuple[ArticleRow, ...]]:
    """Return the matcher after it has merged the batch's articles, and the rows that they match."""
    fetched_at = _get_fetch_times(connection, batch, run_id, path)
    matcher = ArticleMatcher(source)
    with register_tables(connection, arrow_tables.build_page_table(batch.articles)):
        known = connection.execute(sql.load_sql("load/batch/articles_lookup")).fetchall()
    for published_at, precision, state_fetched_at, capture_id, urls, forms, *row in known:
        article_id, title_hash, text_hash, lead, title, first_seen_at, changed_at = row
        stored = ArticleRow(
            article_id,
            title_hash,
            text_hash,
            lead,
            title,
            first_seen_at,
            changed_at,
            state_at=(state_fetched_at, str(capture_id or "")),
            urls=dict(zip(urls, forms, strict=True)),
        )
        matcher.add_known(stored, published_at, precision)
    rows = matcher.add_captures(
        ((fetched_at[article.capture_id], str(article.capture_id or "")), article)
        for article in batch.articles
    )
    return matcher, rows


def _get_fetch_times(
    connection: duckdb.DuckDBPyConnection, batch: Batch, run_id: UUID, path: WarehouseLocation
) -> dict[UUID | None, datetime]:
    started = connection.execute("SELECT started_at FROM runs WHERE run_id = ?", [run_id]).fetchall()
    if not started:
        raise WarehouseError(f"{path}: no run {run_id}; start the run first")
    fetched_at: dict[UUID | None, datetime] = {None: started[0][0]}
    fetched_at |= {capture.capture_id: capture.fetched_at for capture in batch.captures}
    if capture_ids := {article.capture_id for article in batch.articles} - fetched_at.keys():
        with register_tables(connection, arrow_tables.build_capture_table(capture_ids)):
            fetched_at |= dict(connection.execute(sql.load_sql("load/batch/captures_lookup")).fetchall())
        if missing := capture_ids - fetched_at.keys():
            raise WarehouseError(
                f"{path}: capture {missing.pop()} of an article is neither in the batch nor in the "
                "warehouse; add it to the batch"
            )
    return fetched_at
