"""Generator of docs/data-dictionary.md from the comments of tables, columns, views and macros."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import duckdb

from newsetl.db import checks, sql

# Tables without a group belong to "Articles".
GROUPS = {
    "Articles": "Published articles, in the state of their newest capture.",
    "Coverage": "Discovered links, queries, and completeness by day.",
    "Audit": "Runs, requests, responses and rejects.",
    "Quality": "Results of the checks.",
    "Housekeeping": "Tables that only newsetl uses, in the schema `internal`.",
}
GROUP_OF = {
    **dict.fromkeys(("discovered_links", "discovery_queries", "coverage", "operator_overrides"), "Coverage"),
    **dict.fromkeys(("captures", "published", "rejects", "requests", "runs"), "Audit"),
    "check_results": "Quality",
    **dict.fromkeys(
        (
            "internal.minhash_bands", "internal.index_queue", "internal.coverage_queue",
            "internal.schema_migrations", "internal.search_documents",
            "internal.search_postings", "internal.view_files",
        ),
        "Housekeeping",
    ),
}  # fmt: skip
# Column name → table that it refers to, in every table.
LEADS_TO = {
    "article_id": "articles", "capture_id": "captures", "cluster_id": "story_clusters",
    "other_id": "articles",
    "person_id": "people", "reject_id": "rejects", "resolved_by": "captures", "resolved_run_id": "runs",
    "run_id": "runs", "source": "sources",
}  # fmt: skip

HEAD = """# Data dictionary

After this page you can find the table, view, column, macro or check that answers your question.

<!-- Generated from the comments in warehouse/ by tests/db/test_data_dictionary.py with UPDATE_DOCS=1. -->

`news.duckdb` is a DuckDB file. Start with the view `articles_flat`; [query-cookbook.md](query-cookbook.md)
has example queries. Columns that end in `_at` are times with a zone, columns that end in `_on` are days in
the source's timezone. Columns that begin with `is_` are true or false.
The descriptions are in the database too:
`newsetl sql "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'articles'"`.
"""

Column = tuple[str, str, str | None]


def page(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the page for all tables, views and macros of the warehouse."""
    tables = dict(
        connection.execute(
            "SELECT if(schema_name = 'main', '', schema_name || '.') || table_name, comment "
            "FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
    )
    views = dict(
        connection.execute(
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
    )
    columns: dict[str, list[Column]] = {}
    for name, *column in connection.execute(
        "SELECT if(schema_name = 'main', '', schema_name || '.') || table_name, column_name, data_type, "
        "comment "
        "FROM duckdb_columns() WHERE NOT internal "
        "ORDER BY table_name, column_index"
    ).fetchall():
        columns.setdefault(name, []).append(tuple(column))
    macros = connection.execute(
        "SELECT DISTINCT function_name, parameters, comment FROM duckdb_functions() WHERE NOT internal "
        "ORDER BY ALL"
    ).fetchall()
    lines = [
        HEAD,
        "## Tables, views and macros",
        "",
        *_list_objects(tables, views, macros),
        "",
        "## Table relationships",
        "",
        *_diagram(tables, columns),
        "",
    ]
    for group, about in GROUPS.items():
        lines += [f"## {group}", "", about, ""]
        for name, comment in tables.items():
            if GROUP_OF.get(name, "Articles") == group:
                lines += [f"### {name}", "", comment, "", *_rows(columns[name], leading_from=name), ""]
        if group == "Quality":
            lines += ["### The checks", "", *_checks(), ""]
    lines += [
        "## Views",
        "",
        "Views are computed whenever they are queried.",
        "",
    ]
    for name, comment in views.items():
        inherited = _inherited(name, tables, columns)
        described = [
            (column, kind, text or inherited.get((column, kind))) for column, kind, text in columns[name]
        ]
        lines += [f"### {name}", "", comment, "", *_rows(described), ""]
    lines += [
        "## Macros",
        "",
        "Macros are views with parameters, for example `SELECT * FROM timeline('quantum')`.",
        "",
    ]
    for name, parameters, comment in macros:
        lines += [f"### {name}({', '.join(parameters)})", "", comment, ""]
    return "\n".join(lines).rstrip() + "\n"


def _list_objects(
    tables: dict[str, str], views: dict[str, str], macros: Iterable[tuple[str, list[str], str]]
) -> Iterator[str]:
    """Yield one Markdown table row per object in the schema `main`."""
    yield from ("<!-- tables -->", "| name | kind | holds |", "| --- | --- | --- |")
    yield from (f"| `{name}` | table | {comment} |" for name, comment in tables.items() if "." not in name)
    yield from (f"| `{name}` | view | {comment} |" for name, comment in views.items())
    yield from (f"| `{name}` | macro | {comment} |" for name, _, comment in macros)
    yield "<!-- /tables -->"


def _diagram(tables: Iterable[str], columns: dict[str, list[Column]]) -> Iterator[str]:
    """Yield the lines of the diagram, without `sources`, to which nearly every table refers."""
    yield from ("```mermaid", "erDiagram")
    for name in (each for each in tables if "." not in each):
        for column, *_ in columns[name]:
            to = LEADS_TO.get(column)
            if to in columns and to not in (name, "sources"):
                yield f"    {to} ||--o{{ {name} : {column}"
    yield "```"
    yield ""
    yield (
        "The column `source` always refers to `sources.slug`. `article_urls` has all URLs of the articles."
    )


def _rows(columns: Iterable[Column], *, leading_from: str | None = None) -> Iterator[str]:
    yield from ("| column | type | |", "| --- | --- | --- |")
    for name, kind, comment in columns:
        to = LEADS_TO.get(name)
        short = kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
        leads = f" → `{to}`" if leading_from and to not in (None, leading_from) else ""
        yield f"| `{name}` | {short} | {(comment or '').replace('|', chr(92) + '|')}{leads} |"


def _checks() -> Iterator[str]:
    yield from ("| check | | finds |", "| --- | --- | --- |")
    for check in checks.load_checks():
        yield f"| `{check.name}` | {check.severity} | {check.row} |"


def _inherited(
    view: str, tables: Iterable[str], columns: dict[str, list[Column]]
) -> dict[tuple[str, str], str]:
    """Return (column, type) → comment, preferring the table that the view reads last."""
    words = re.findall(r"\w+", sql.load_sql(f"views/{view}").partition("COMMENT ON")[0])
    read = [name for name in dict.fromkeys(reversed(words)) if name in columns and name != view]
    found: dict[tuple[str, str], str] = {}
    for name in (*read, *tables):
        for column, kind, comment in columns[name]:
            if comment:
                found.setdefault((column, kind), comment)
    return found
