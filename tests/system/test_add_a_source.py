"""docs/add-a-source.md is walked through as it stands there; UPDATE_DOCS=1 writes its outputs anew."""

import json
import os
import re
import shlex
from datetime import date
from pathlib import Path

from newsetl.replica import MockServer, MockSite
from tests.support import ROOT
from tests.support.processes import newsetl

PAGE = ROOT / "docs" / "add-a-source.md"
STEP = re.compile(r"```(?P<kind>console|toml|json)\n(?P<body>.*?)```", re.DOTALL)
STATUS = re.compile(r"  # exit status (\d)$")
THERE = "http://127.0.0.1:8765"


def run(command: str, folder: Path, base: str) -> str:
    """What the command prints; its exit status is 0 unless its line says otherwise."""
    status = STATUS.search(command)
    words = [word.replace(THERE, base) for word in shlex.split(command, comments=True)]
    assert words[0] == "newsetl"
    done = newsetl(*words[1:], cwd=folder, env={"COLUMNS": "110"})
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
