"""The benchmarks can be started, and their page keeps what was not measured anew."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.__main__ import names
from benchmarks.results import Row, section, show, write


@pytest.mark.parametrize("name", names())
def test_it_has_words_for_its_section(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert module.__doc__
    assert callable(module.main)


def test_a_section_made_anew_replaces_its_older_self_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results, "PAGE", tmp_path / "RESULTS.md")
    show("a|b", "1 s", beside="0.5 of c", goal="under 2 s", met=True)
    show("alone", "3 s")
    rows = [Row.of(line) for line in capsys.readouterr().out.splitlines()]
    assert rows == [Row("a|b", "1 s", "0.5 of c", "under 2 s", "yes"), Row("alone", "3 s")]
    write(
        {"two": section("two", "Second.", rows, 1), "one": section("one", "First.", rows[:1], 1)},
        ["one", "two"],
    )
    order = ["one", "two"]
    made = {"two": section("two", "Second.", rows, 1), "one": section("one", "First.", rows[:1], 1)}
    write(made, order)
    write({"two": section("two", "Again.", rows[1:], 1)}, order)
    page = results.PAGE.read_text(encoding="utf-8")
    assert page.startswith(results.HEAD)
    begins = ("## ", "| a", "First", "Second", "Again")
    assert [line for line in page.splitlines() if line.startswith(begins)] == [
        "## one",
        "First.",
        "| a&#124;b | 1 s | 0.5 of c | under 2 s | yes |",
        "## two",
        "Again.",
        "| alone | 3 s |  |  |  |",
    ]
