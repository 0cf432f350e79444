"""docs/add-a-source.md is walked through as it stands there; UPDATE_DOCS=1 writes its outputs anew."""

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

from newsetl import sources
from newsetl.normalise import article_json
from newsetl.replica import MockServer, MockSite
from tests.support import ROOT
from tests.support.page_factory import article

PAGE = ROOT / "docs" / "add-a-source.md"
STEP = re.compile(r"```(?P<kind>console|toml|json)\n(?P<body>.*?)```", re.DOTALL)
STATUS = re.compile(r"  # exit status (\d)$")
THERE = "http://127.0.0.1:8765"


def run(command: str, folder: Path, base: str) -> str:
    """What the command prints; its exit status is 0 unless its line says otherwise."""
    status = STATUS.search(command)
    words = [word.replace(THERE, base) for word in shlex.split(command, comments=True)]
    assert words[0] == "newsetl"
    done = subprocess.run(
        [str(Path(sys.executable).parent / "newsetl"), *words[1:]],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("NEWSETL_")}
        | {"COLUMNS": "110"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == int(status[1] if status else 0), (command, done.stderr, done.stdout)
    return steady(done.stdout, base)


def steady(text: str, base: str) -> str:
    """Without what differs from day to day: the port, seconds, and the day of the draft."""
    text = re.sub(r"\b\d+\.\d s\b", "1.5 s", text.replace(base, THERE))
    return re.sub(r"articles on \d{4}-\d\d-\d\d", "articles on 2026-11-25", text)


def test_the_page_is_walked_through_as_it_stands(tmp_path: Path) -> None:
    file, story = (
        tmp_path / "my-sources/harbourpost.toml",
        tmp_path / "my-sources/stories/harbourpost/first.json",
    )

    def step(block: re.Match[str]) -> str:
        kind, body = block["kind"], block["body"]
        if kind == "console":
            commands = [line[2:] for line in body.splitlines() if line.startswith("$ newsetl")]
            body = "".join(
                f"$ {command}\n{run(command, tmp_path, replica.base_url).strip()}\n" for command in commands
            )
        elif kind == "json":
            told = json.loads(story.read_text(encoding="utf-8"))
            assert {name for name, value in told.items() if value in ("?", ["?"])} == {"agency", "editors"}
            filled = json.loads("{" + body.strip().rstrip(",") + "}")
            story.write_text(json.dumps(told | filled), encoding="utf-8")
        elif "[sections]" in body and "slug =" not in body and body:
            text = file.read_text(encoding="utf-8").replace(
                "# first_day = 2015-01-01", "first_day = 2026-01-01"
            )
            file.write_text(re.sub(r"\[sections\]\n(?:\".*\n)*", lambda _: body, text), encoding="utf-8")
        else:
            body = steady(file.read_text(encoding="utf-8"), replica.base_url)
        return f"```{kind}\n{body}```"

    text = PAGE.read_text(encoding="utf-8")
    channel = MockSite(articles=60, since=date(2026, 9, 1), until=date(2026, 9, 30))
    with MockServer(channel, layout="json-ld") as replica:
        made = STEP.sub(step, text)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(made, encoding="utf-8")
    assert made == text


def test_the_forms_that_the_page_shows_are_read() -> None:
    text, gmw = PAGE.read_text(encoding="utf-8"), sources.load("gmw")
    forms = "\n".join(re.findall(r"`((?:metadata|date)_patterns = \[.*\])`", text))
    declaration = re.sub(r"\[parse\]\n.*", lambda _: f"[read]\n{forms}\n", gmw.declaration, flags=re.DOTALL)
    source = sources.read(declaration, file="docs/add-a-source.md")
    assert len(source.parse.metadata_patterns) == len(source.parse.date_patterns) == 1
    # Months by name are a default, which the date of its own takes the place of.
    line = "By Li Na | The Paper | Updated: 25.9.2026, 23:28"
    page = f"<html><body><h1>A Title</h1><p>{line}</p><p>{'A sentence of ours. ' * 5}</p></body></html>"
    url = "https://en.gmw.cn/2026-09/25/content_1.htm"
    got = article_json.build_article_json(article(page, url, source), source, url)
    assert (got["published_at"], got["authors"], got["agency"]) == (
        "2026-09-25T23:28:00+08:00",
        ["Li Na"],
        "The Paper",
    )
