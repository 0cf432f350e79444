"""Vega-Lite charts of the report, without colours: the page sets them for its light and dark theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from newsetl.query.report.data import Row

Spec = dict[str, Any]


def build_volume_chart(rows: Sequence[Row], sections: Sequence[str]) -> Spec:
    """Build the stacked bar chart of articles per day, week or month, with one colour per section."""
    bin_ = rows[0]["bin"]
    bars = [
        {
            "begin": row["begin_on"].isoformat(),
            "end": row["end_on"].isoformat(),
            "section": row["section"],
            "below": row["below"],
            "top": row["below"] + row["articles"],
            "articles": row["articles"],
        }
        for row in rows
    ]
    chart = (
        alt.Chart(alt.InlineData(values=bars))
        .mark_rect(strokeWidth=1)
        .encode(
            x=alt.X(
                "begin:T",
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(
                    title=f"{bin_.capitalize()} of publication",
                    format="%-d %b" if bin_ == "day" else "%b %Y",
                    tickCount=12,
                    labelOverlap=True,
                    grid=False,
                ),
            ),
            x2="end:T",
            y=alt.Y("below:Q", axis=alt.Axis(title=f"Articles per {bin_}", tickMinStep=1, format=",d")),
            y2="top:Q",
            color=alt.Color("section:N", scale=alt.Scale(domain=list(sections)), legend=None),
            tooltip=[
                alt.Tooltip("section:N", title="Section"),
                alt.Tooltip("begin:N", title=bin_.capitalize()),
                alt.Tooltip("articles:Q", title="Articles", format=",d"),
            ],
        )
        .properties(width="container", height=280, usermeta={"bars": len({row["begin_on"] for row in rows})})
    )
    return _build_spec(
        chart, f"Bars: articles per {bin_} by section. The table below the chart has the same numbers."
    )


def build_delays_chart(rows: Sequence[Row]) -> Spec:
    """Build the bar chart of articles by the time from publication to load."""
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(
        x=alt.X("articles:Q", axis=alt.Axis(title="Articles", tickMinStep=1, tickCount=6, format=",d")),
        y=alt.Y("span:N", sort=None, axis=alt.Axis(title="Time from publication", grid=False)),
    )
    bars = base.mark_bar(height={"band": 0.72}, cornerRadiusEnd=2).encode(
        tooltip=[
            alt.Tooltip("span:N", title="Time"),
            alt.Tooltip("articles:Q", title="Articles", format=",d"),
        ]
    )
    numbers = base.mark_text(align="left", dx=5).encode(text=alt.Text("articles:Q", format=",d"))
    chart = (bars + numbers).properties(width="container", height=28 * len(rows))
    return _build_spec(
        chart,
        "Bars: articles by the time from publication to load. "
        "The table below the chart has the same numbers.",
    )


def build_drift_chart(rows: Sequence[Row], *, has_several_sources: bool) -> Spec:
    """Build the heat map of fields by week: deviation from the baseline, with a cross for regressions."""
    cells = [
        {
            "week": row["week_on"].isoformat(),
            "field": (f"{row['source']}: " if has_several_sources else "") + FIELD_LABELS[row["field"]],
            "strength": row["strength"],
            "is_regression": row["is_regression"],
            "value": format_value(row["value"], row["unit"]),
            "baseline": format_value(row["baseline"], row["unit"]),
            "articles": row["articles"],
        }
        for row in rows
        if row["strength"] is not None
    ]
    label = "utcFormat(toDate(datum.value), '%-d %b')"
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X(
            "week:O",
            axis=alt.Axis(title="Week of publication", labelExpr=label, labelAngle=0, labelOverlap=True),
        ),
        y=alt.Y("field:N", axis=alt.Axis(title="Field")),
        tooltip=[
            alt.Tooltip("field:N", title="Field"),
            alt.Tooltip("week:N", title="Week from"),
            alt.Tooltip("value:N", title="Value"),
            alt.Tooltip("baseline:N", title="Baseline"),
            alt.Tooltip("articles:Q", title="Articles", format=",d"),
        ],
    )
    squares = base.mark_rect(strokeWidth=1).encode(
        color=alt.Color(
            "strength:Q",
            scale=alt.Scale(domain=[-2, 0, 2], clamp=True, range="diverging", interpolate="rgb"),
            legend=None,
        ),
    )
    crosses = base.transform_filter("datum.is_regression").mark_text(
        text="×", fontSize=18, fontWeight="bold", style="cross"
    )
    chart = (squares + crosses).properties(
        width="container", height=26 * len({cell["field"] for cell in cells})
    )
    return _build_spec(
        chart,
        "Cells: for each week and field, the deviation of its share or length from the baseline. "
        "A cross marks a regression. The table below the chart has the same numbers.",
    )


# Field of the view drift → label in the report.
FIELD_LABELS = {
    "agency": "Agency",
    "authors": "Authors",
    "editors": "Editors",
    "images": "Images",
    "lead": "Length of lead",
    "published_precision": "Time to the second",
    "section": "Section",
    "text": "Length of text",
    "title": "Length of title",
}


def format_value(value: float | None, unit: str) -> str:
    """Return a value of the view drift with its unit, as text."""
    if value is None:
        return "–"
    return f"{value:.0%}" if unit == "share" else f"{value:,.0f} {unit}"


def _build_spec(chart: alt.Chart | alt.LayerChart, description: str) -> Spec:
    spec: Spec = chart.properties(description=description).to_dict()
    spec.pop("config", None)  # the page sets the configuration
    return spec
