"""Queries of docs/query-cookbook.md with their results; UPDATE_DOCS=1 rewrites the results."""

from __future__ import annotations

import os
import re
from pathlib import Path

from newsetl.query import reader
from tests.support import ROOT
from tests.support.replica_runs import Weeks

PAGE = ROOT / "docs" / "query-cookbook.md"
# A heading, the query, and below it whatever is the answer.
QUESTION = re.compile(r"(## .+\n\n```sql\n((?:.*\n)*?)```\n)(?:(?!## ).*\n)*")


def answer(warehouse: Path, statement: str) -> str:
    """The rows as a Markdown table."""
    result = reader.run_query(warehouse, statement)
    lines = [result.columns, tuple("---" for _ in result.columns), *result.rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return text.replace("|", "\\|")


def test_every_question_has_its_answer(weeks: Weeks) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(QUESTION.findall(text)) == text.count("\n## ") >= 30
    made = (
        QUESTION.sub(lambda it: f"{it[1]}\n{answer(weeks.folder / 'news.duckdb', it[2])}\n", text).rstrip()
        + "\n"
    )
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(made, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made
