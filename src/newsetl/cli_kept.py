"""The commands about what is kept: rejects and replay, reparse and rebuild."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsetl import sources
from newsetl.errors import ConfigError
from newsetl.folder import DataFolder
from newsetl.lock import WAIT
from newsetl.model import Reason
from newsetl.options import (
    FAILED,
    INTERRUPTED,
    OK,
    At,
    Contact,
    Data,
    LocalRunner,
    Since,
    Until,
    Wait,
    Workers,
    counting,
    now,
    source_at,
    stopping,
    window_of,
    writing,
)

if TYPE_CHECKING:
    from newsetl.load import Warehouse
    from newsetl.reparse import Changes

OneReason = Annotated[Reason | None, typer.Option("--reason", help="Only refusals for this reason.")]
OneSource = Annotated[str | None, typer.Option("--source", help="Only this source.")]


def add(app: typer.Typer) -> None:
    """The commands are part of `app`."""
    for command in (rejects, replay, reparse, rebuild):
        app.command()(command)


def rejects(
    reason: OneReason = None,
    source: OneSource = None,
    since: Since = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    data: Data = Path("data"),
) -> None:
    """List the refusals that are open, what becomes of them, and what to do.

    "again" is asked for again by itself, "person" waits for somebody, "never" is left. --since is the day
    of the refusal, in the source's timezone.

    Example: newsetl rejects --reason no_date --since 2026-11-01
    """
    from newsetl import query
    from newsetl.wording import visible

    if source is not None:
        sources.load(source)
    found = query.open_refusals(
        DataFolder(data).published, reason=reason, source=source, since=since.date() if since else None
    )
    if as_json:
        for refusal in found:
            query.write_json_line(refusal, sys.stdout)
        return
    for (slug, why), group in groupby(found, key=lambda refusal: (refusal.source, refusal.reason)):
        refusals = list(group)
        print(f"{slug}: {len(refusals)} {why} [{refusals[0].policy}] {refusals[0].advice}")
        for refusal in refusals:
            again = f", again from {refusal.retry_at:%Y-%m-%d %H:%M}" if refusal.retry_at else ""
            when = f"{refusal.rejected_at:%Y-%m-%d %H:%M}{again}"
            print(visible(f"  {when}  {refusal.url or 'a saved file'}\n    {refusal.message}"))
    if not found:
        print("nothing is refused")


def replay(
    reason: OneReason = None,
    source: OneSource = None,
    since: Since = None,
    no_network: Annotated[
        bool, typer.Option("--no-network", help="Only from the archive, with no visit to the site.")
    ] = False,
    data: Data = Path("data"),
    contact: Contact = None,
    at: At = None,
    wait: Wait = WAIT,
) -> None:
    """Try refused pages again: today's parser over the archive, else another visit.

    What is an article now is loaded, and its refusal resolved. Pages with the policy "never" are visited
    only if --reason names theirs. --since is the day of the refusal, in the source's timezone.

    Example: newsetl replay --reason no_landmarks --since 2026-11-01 --no-network
    """
    from newsetl import show
    from newsetl.replay import replay as replay_

    failed = False
    with stopping() as should_stop, writing(there(data), wait) as warehouse:
        for declared in _chosen(source, at, warehouse):
            with counting(declared.slug) as count:
                done = replay_(
                    declared,
                    warehouse,
                    DataFolder(data).archive,
                    clock=now,
                    contact=contact,
                    reason=reason,
                    since=since.date() if since else None,
                    is_network_allowed=not no_network,
                    on_progress=partial(_told, count, "{0.tried} refusals tried"),
                    should_stop=should_stop,
                )
            reasons = ", ".join(f"{n} {why}" for why, n in done.refused.most_common())
            print(
                f"{declared.slug}: {done.tried} refused pages tried; articles now {done.from_archive} from "
                f"the archive, {done.from_network} from the network; {done.refused.total()} refused again"
                f"{f' ({reasons})' if reasons else ''}, {done.left} left as they are"
            )
            for line in show.quality_lines(declared.slug, done.findings):
                print(line)
            if done.error:
                print(f"{declared.slug}: FAILED: {done.error}")
            failed = failed or done.error is not None
            if should_stop():
                raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if failed else OK)


def reparse(
    source: OneSource = None,
    since: Since = None,
    until: Until = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and stop.")] = False,
    data: Data = Path("data"),
    at: At = None,
    workers: Workers = 1,
    runner: LocalRunner = "processes",
    wait: Wait = WAIT,
) -> None:
    """Read stored pages with today's parser, say field by field what changes, then load it.

    --since and --until are days, both included, on which the pages were fetched, in the source's timezone.
    An article that today's parser would refuse stays as it is and is counted. The archive is read in pieces
    of some hundred pages; one that cannot be read is named (exit status 1), and running it again does only
    what is left.

    Example: newsetl reparse --source stdaily --since 2026-11-01 --dry-run
    """
    from newsetl import reparse as reparse_
    from newsetl import runners, show

    window = window_of(since, until)
    folder, failed = there(data), False
    with writing(folder, wait) as warehouse, runners.local(workers, runner) as readers:
        for declared in _chosen(source, at, warehouse):
            with counting(declared.slug) as count:
                made = reparse_.changes(
                    declared,
                    warehouse,
                    folder.archive,
                    window=window,
                    runner=readers,
                    on_progress=partial(_told, count, "{0.pages} pages read"),
                )
            failed = failed or bool(made.failed)
            _print_changes(made)
            if made.due and not dry_run:
                reparse_.apply(made, declared, warehouse, folder.archive, window=window, clock=now)
                print(f"{declared.slug}: loaded")
                for line in show.quality_lines(declared.slug, made.findings):
                    print(line)
            elif made.due:
                print(f"{declared.slug}: nothing loaded (--dry-run)")
    if failed:
        raise typer.Exit(FAILED)


def rebuild(
    force: Annotated[
        bool, typer.Option("--force", help="Even if the archive lacks what the warehouse knows.")
    ] = False,
    data: Data = Path("data"),
    workers: Workers = 1,
    runner: LocalRunner = "processes",
    wait: Wait = WAIT,
) -> None:
    """Make the warehouse anew from the archive alone, and put it in the old one's place when it is whole.

    What only a run can know is not in the archive: the audit of requests and the counts of runs. The archive
    is read in pieces of some hundred pages. If one cannot be read it is named (exit status 1) and the old
    warehouse stays; running it again does only what is left, and --force does without those pages.

    Example: newsetl rebuild --data data --workers 4
    """
    from newsetl import runners, show
    from newsetl.rebuild import rebuild as rebuild_

    folder, started = DataFolder(data), time.monotonic()
    if not folder.archive.is_dir():
        raise ConfigError(f"{folder.archive}: no archive here to rebuild from; give its folder with --data")
    with runners.local(workers, runner) as readers, counting("rebuild") as count:
        done = rebuild_(
            folder,
            clock=now,
            is_forced=force,
            runner=readers,
            wait=wait,
            on_progress=partial(_told, count, "{0.captures} of {0.captures_known} captures"),
        )
    for piece in done.failed:
        print(f"not read: {piece}")
    if done.is_kept:
        print("the warehouse stays as it was; run it again, or with --force to do without these pages")
        raise typer.Exit(FAILED)
    print(
        f"rebuilt from {done.captures} captures of {done.runs} runs: {done.articles} articles, "
        f"{done.rejects} refused, {time.monotonic() - started:.1f} s"
    )
    for file in done.unreadable:
        print(f"{file}: nothing in it can be read; restore it from a copy and rebuild again")
    for slug, findings in done.findings.items():
        defects = [finding for finding in findings if finding.check.severity == "defect"]
        for line in show.quality_lines(slug, defects):
            print(line)
    if done.different is not None:
        print(f"different from before: {', '.join(done.different) or 'nothing'}")
    if done.note:
        print(done.note)
    if done.failed:
        raise typer.Exit(FAILED)


def _print_changes(made: Changes) -> None:
    lost = ", ".join(f"{count} {reason}" for reason, count in made.lost.most_common())
    print(
        f"{made.source}: {made.pages} pages read again, {len(made.due)} give something else: "
        f"{made.found} refused ones are articles, {made.refused_otherwise} are refused for another reason"
    )
    for name, count in made.fields.most_common():
        print(f"  {name}: {count}")
        for url, old, new in made.examples.get(name, ()):
            print(f"    {url}\n      was {_short(old)}\n      is  {_short(new)}")
    if lost:
        print(f"  {made.lost.total()} articles would be refused now ({lost}); they stay as they are")
    if made.unreadable:
        print(f"  {made.unreadable} captures cannot be read in the archive; see `newsetl rebuild`")
    for piece in made.failed:
        print(f"  not read: {piece}")


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 90 else f"{text[:60]} … {text[-27:]}"


def _chosen(source: str | None, at: str | None, warehouse: Warehouse) -> list[sources.Source]:
    """The source named; else all that the warehouse has."""
    return [source_at(name, at) for name in ([source] if source else warehouse.sources())]


def there(data: Path) -> DataFolder:
    """The folder, which must have a warehouse. Raises ConfigError."""
    folder = DataFolder(data)
    if not (folder.warehouse.exists() or folder.published.exists()):
        raise ConfigError(
            f"{folder.published}: no warehouse here; `newsetl ingest` or `newsetl rebuild` makes one"
        )
    return folder


def _told(count: Callable[[str], None], form: str, state: object) -> None:
    count(form.format(state))
