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
from newsetl.query.report.data import Figures, Row, grouped, pivoted

# A day's state in the ledger: its sign, and what it means.
STATES = {
    "complete": ("✓", "all that was announced is there"),
    "partial": ("½", "some is missing, or a way of finding failed"),
    "failed": ("×", "nothing could be had"),
    "overdue": ("…", "nothing was announced where articles were expected"),
    "no articles": ("·", "nothing was announced"),
    "not checked": ("?", "nobody has asked"),
}


def page(figures: Figures) -> str:
    """The page, from its title on."""
    by_place = sorted(figures.volume, key=lambda row: row["place"])
    sections = {row["section"]: row["of_section"] for row in by_place}
    drawn = _charts(figures, list(sections))
    scripts = [Markup(_inlined(text)) for text in (_library(), _own("report.js"))]
    return (
        _environment()
        .get_template("report.html")
        .render(
            figures=figures,
            totals=figures.totals,
            version=__version__,
            style=Markup(_own("report.css")),
            scripts=scripts,
            script_hashes=[_hash(script) for script in scripts],
            charts_json=_json(drawn),
            articles_json=_json(_articles(figures.newest_articles)),
            has_charts=drawn.keys(),
            sections=sections,
            volume=pivoted(figures.volume, "begin_on", "section", "articles"),
            calendars=[
                (source, grouped(days, "month_on")) for source, days in grouped(figures.days, "source")
            ],
            states=STATES,
            day_states={row["state"]: row["days"] for row in figures.day_states},
            people=dict(grouped(figures.people, "role")),
            drift_pivot={
                source: pivoted(rows, "week_on", "field", "shown")
                for source, rows in _shown(figures.drift_weeks)
            },
            fields=charts.FIELDS,
            names={row["source"]: row["name"] for row in figures.sources},
            is_of_several=len(figures.sources) > 1,
        )
    )


def _charts(figures: Figures, sections: list[str]) -> dict[str, charts.Spec]:
    drawn = {}
    if figures.volume:
        drawn["volume-chart"] = charts.volume(figures.volume, sections)
    if figures.delay_totals["articles"]:
        drawn["delays-chart"] = charts.delays(figures.delays)
    if any(row["strength"] is not None for row in figures.drift_weeks):
        drawn["drift-chart"] = charts.drift(figures.drift_weeks, is_of_several=len(figures.sources) > 1)
    return drawn


def _shown(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    told = [row | {"shown": charts.shown(row["value"], row["unit"])} for row in rows]
    return grouped(told, "source")


def _articles(rows: Iterable[Row]) -> list[list[Any]]:
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
            _link(row["url"]),
            row["source"],
        ]
        for row in rows
    ]


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_own),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": lambda value: f"{value:,}",
        "link": _link,
        "by_day": lambda days: {row["published_on"]: row for row in days},
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "day": _day,
        "weeks": _weeks,
        "time": lambda at: at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        "hours": _hours,
        "bytes": _bytes,
        "shown": lambda row, column: charts.shown(row[column], row["unit"]),
        "plural": lambda count, one, many=None: f"{count:,} {one if count == 1 else many or f'{one}s'}",
    }
    return environment


@cache
def _own(name: str) -> str:
    return (resources.files("newsetl.report") / name).read_text(encoding="utf-8")


@cache
def _library() -> str:
    """Vega, Vega-Lite and Vega-Embed."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def _inlined(script: str) -> str:
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


def _link(url: str | None) -> str | None:
    """The address if a click on it can only lead to a page."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def _day(day: date | datetime) -> str:
    return f"{day.day} {day:%b %Y}"


def _weeks(month_on: date) -> list[list[date | None]]:
    """The month's days in weeks from Monday, None for those of other months."""
    return [
        [day if day.month == month_on.month else None for day in week]
        for week in Calendar().monthdatescalendar(month_on.year, month_on.month)
    ]


def _hours(hours: float | None) -> str:
    if hours is None:
        return "–"
    if abs(hours) < 1:
        return f"{hours * 60:.0f} min"
    return (
        f"{hours:.1f} h" if abs(hours) < 48 else f"{timedelta(hours=hours).total_seconds() / 86400:.1f} days"
    )


def _bytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"
