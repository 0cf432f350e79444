"""The report as HTML: template, style, script and data in one text."""

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

# A day's state in the ledger: its sign, and what it means.
DAY_STATES = {
    "complete": ("✓", "all that was announced is there"),
    "partial": ("½", "some is missing, or a way of finding failed"),
    "failed": ("×", "nothing could be had"),
    "overdue": ("…", "nothing was announced where articles were expected"),
    "no articles": ("·", "nothing was announced"),
    "not checked": ("?", "nobody has asked"),
}


def render_page(figures: ReportData) -> str:
    """The page, from its title on."""
    by_place = sorted(figures.volume, key=lambda row: row["place"])
    sections = {row["section"]: row["of_section"] for row in by_place}
    drawn = _build_charts(figures, list(sections))
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
            script_hashes=[_hash(script) for script in scripts],
            charts_json=_json(drawn),
            articles_json=_json(_build_article_rows(figures.newest_articles)),
            has_charts=drawn.keys(),
            sections=sections,
            volume=pivot_rows(figures.volume, "begin_on", "section", "articles"),
            calendars=[
                (source, group_rows(days, "month_on")) for source, days in group_rows(figures.days, "source")
            ],
            states=DAY_STATES,
            day_states={row["state"]: row["days"] for row in figures.day_states},
            people=dict(group_rows(figures.people, "role")),
            drift_pivot={
                source: pivot_rows(rows, "week_on", "field", "shown")
                for source, rows in _group_by_source(figures.drift_weeks)
            },
            fields=charts.FIELD_LABELS,
            names={row["source"]: row["name"] for row in figures.sources},
            is_of_several=len(figures.sources) > 1,
        )
    )


def _build_charts(figures: ReportData, sections: list[str]) -> dict[str, charts.Spec]:
    drawn = {}
    if figures.volume:
        drawn["volume-chart"] = charts.build_volume_chart(figures.volume, sections)
    if figures.delay_totals["articles"]:
        drawn["delays-chart"] = charts.build_delays_chart(figures.delays)
    if any(row["strength"] is not None for row in figures.drift_weeks):
        drawn["drift-chart"] = charts.build_drift_chart(
            figures.drift_weeks, has_several_sources=len(figures.sources) > 1
        )
    return drawn


def _group_by_source(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    told = [row | {"shown": charts.format_value(row["value"], row["unit"])} for row in rows]
    return group_rows(told, "source")


def _build_article_rows(rows: Iterable[Row]) -> list[list[Any]]:
    """The rows of the table, as report.js takes them."""
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
        "weeks": _weeks,
        "time": lambda at: at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        "hours": _format_hours,
        "bytes": _format_bytes,
        "shown": lambda row, column: charts.format_value(row[column], row["unit"]),
        "plural": lambda count, one, many=None: f"{count:,} {one if count == 1 else many or f'{one}s'}",
    }
    return environment


@cache
def _load_resource(name: str) -> str:
    return (resources.files("newsetl.report") / name).read_text(encoding="utf-8")


@cache
def _load_library() -> str:
    """Vega, Vega-Lite and Vega-Embed."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def _escape_script(script: str) -> str:
    """The script so that it may stand between <script> and </script>."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _hash(script: str) -> str:
    """What the page's policy names the script by; no other one is run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _json(value: Any) -> Markup:
    """JSON that may stand between <script> and </script> and in JavaScript."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def _check_link(url: str | None) -> str | None:
    """The address if a click on it can only lead to a page."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def _format_day(day: date | datetime) -> str:
    return f"{day.day} {day:%b %Y}"


def _weeks(month_on: date) -> list[list[date | None]]:
    """The month's days in weeks from Monday, None for those of other months."""
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
