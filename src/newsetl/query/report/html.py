"""HTML of the report: template, style sheet, script and data in one page."""

from __future__ import annotations

import base64
import hashlib
import json
from calendar import Calendar
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup

from newsetl._version import __version__
from newsetl.query.report import charts
from newsetl.query.report.data import ReportData, Row, group_rows, pivot_rows

# State of a day in the coverage calendar → sign and meaning.
DAY_STATES = {
    "complete": ("✓", "all discovered articles are loaded"),
    "partial": ("½", "some articles are missing, or a discovery method failed"),
    "failed": ("×", "nothing could be loaded"),
    "overdue": ("…", "no articles were discovered, but some were expected"),
    "no articles": ("·", "no articles were discovered"),
    "not checked": ("?", "the source was not queried"),
}


def render_page(figures: ReportData) -> str:
    """Return the page from its title on; `REPORT_START` precedes it."""
    by_rank = sorted(figures.volume, key=lambda row: row["rank"])
    sections = {row["section"]: row["of_section"] for row in by_rank}
    specs = _build_charts(figures, list(sections))
    scripts = [Markup(_escape_script(text)) for text in (_load_library(), _load_resource("report.js"))]
    return (
        _build_environment()
        .get_template("report.html")
        .render(
            figures=figures,
            totals=figures.totals,
            version=__version__,
            style=Markup(_load_resource("report.css")),
            scripts=scripts,
            script_hashes=[_compute_hash(script) for script in scripts],
            charts_json=_to_json(specs),
            articles_json=_to_json(_build_article_rows(figures.newest_articles)),
            has_charts=specs.keys(),
            sections=sections,
            volume=pivot_rows(figures.volume, "begin_on", "section", "articles"),
            calendars=[
                (source, group_rows(days, "month_on")) for source, days in group_rows(figures.days, "source")
            ],
            states=DAY_STATES,
            day_states={row["state"]: row["days"] for row in figures.day_states},
            people=dict(group_rows(figures.people, "role")),
            drift_pivot={
                source: pivot_rows(rows, "week_on", "field", "formatted")
                for source, rows in _group_by_source(figures.drift_weeks)
            },
            fields=charts.FIELD_LABELS,
            names={row["source"]: row["name"] for row in figures.sources},
            has_several_sources=len(figures.sources) > 1,
        )
    )


def _build_charts(figures: ReportData, sections: list[str]) -> dict[str, charts.Spec]:
    specs = {}
    if figures.volume:
        specs["volume-chart"] = charts.build_volume_chart(figures.volume, sections)
    if figures.delay_totals["articles"]:
        specs["delays-chart"] = charts.build_delays_chart(figures.delays)
    if any(row["strength"] is not None for row in figures.drift_weeks):
        specs["drift-chart"] = charts.build_drift_chart(
            figures.drift_weeks, has_several_sources=len(figures.sources) > 1
        )
    return specs


def _group_by_source(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    formatted = [row | {"formatted": charts.format_value(row["value"], row["unit"])} for row in rows]
    return group_rows(formatted, "source")


def _build_article_rows(rows: Iterable[Row]) -> list[list[Any]]:
    """Return the rows of the article table, in the column order of report.js."""
    return [
        [
            row["published_on"].isoformat(),
            row["title"],
            row["section"] or "",
            row["authors"],
            row["editors"],
            row["words"],
            row["changes"],
            row["gone_at"] is not None,
            _check_link(row["url"]),
            row["source"],
        ]
        for row in rows
    ]


@cache
def _build_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_load_resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": lambda value: f"{value:,}",
        "link": _check_link,
        "by_day": lambda days: {row["published_on"]: row for row in days},
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "day": _format_day,
        "weeks": _list_weeks,
        "time": lambda at: at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        "hours": _format_hours,
        "bytes": _format_bytes,
        "format_value": lambda row, column: charts.format_value(row[column], row["unit"]),
        "plural": lambda count, one, many=None: f"{count:,} {one if count == 1 else many or f'{one}s'}",
    }
    return environment


@cache
def _load_resource(name: str) -> str:
    return (resources.files("newsetl.query.report") / name).read_text(encoding="utf-8")


@cache
def _load_library() -> str:
    """Return the JavaScript of Vega, Vega-Lite and Vega-Embed."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def _escape_script(script: str) -> str:
    """Escape the script for use between <script> and </script>."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _compute_hash(script: str) -> str:
    """Return the script's hash for the Content-Security-Policy, which allows no other script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _to_json(value: Any) -> Markup:
    """Return JSON that is safe between <script> and </script> and in JavaScript."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def _check_link(url: str | None) -> str | None:
    """Return the URL if it is http or https, else None."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def _format_day(day: date | datetime) -> str:
    return f"{day.day} {day:%b %Y}"


def _list_weeks(month_on: date) -> list[list[date | None]]:
    """Return the month's days in weeks from Monday, with None for days of other months."""
    return [
        [day if day.month == month_on.month else None for day in week]
        for week in Calendar().monthdatescalendar(month_on.year, month_on.month)
    ]


def _format_hours(hours: float | None) -> str:
    if hours is None:
        return "–"
    if abs(hours) < 1:
        return f"{hours * 60:.0f} min"
    return (
        f"{hours:.1f} h" if abs(hours) < 48 else f"{timedelta(hours=hours).total_seconds() / 86400:.1f} days"
    )


def _format_bytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"
