"""The commands about what is kept: rejects and replay, reparse and rebuild."""

from __future__ import annotations

import sys
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from newsetl import sources
from newsetl.cli.app import FAILED, INTERRUPTED, OK
from newsetl.cli.options import (
    BaseUrlOption,
    ContactOption,
    DataOption,
    LockTimeoutOption,
    ReasonOption,
    SinceOption,
    SourceOption,
)
from newsetl.cli.progress import show_progress, told
from newsetl.cli.warehouse_access import chosen, now, there, writing
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.runtime.signals import catch_stop_signals


def rejects(
    reason: ReasonOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    data: DataOption = Path("data"),
) -> None:
    """List the refusals that are open, what becomes of them, and what to do.

    "retry" is requested again by itself, "manual" waits for you, "permanent" is left. --since is the day
    of the refusal, in the source's timezone.

    Example: newsetl rejects --reason no_date --since 2026-11-01
    """
    from newsetl.query import formats
    from newsetl.query.rejects import list_open_rejects
    from newsetl.text.whitespace import replace_unprintable

    if source is not None:
        sources.load(source)
    found = list_open_rejects(
        DataFolder(data).published, reason=reason, source=source, since=since.date() if since else None
    )
    if as_json:
        for refusal in found:
            formats.write_json_line(refusal, sys.stdout)
        return
    for (slug, why), group in groupby(found, key=lambda refusal: (refusal.source, refusal.reason)):
        refusals = list(group)
        print(f"{slug}: {len(refusals)} {why} [{refusals[0].policy}] {refusals[0].advice}")
        for refusal in refusals:
            again = f", again from {refusal.retry_at:%Y-%m-%d %H:%M}" if refusal.retry_at else ""
            when = f"{refusal.rejected_at:%Y-%m-%d %H:%M}{again}"
            print(replace_unprintable(f"  {when}  {refusal.url or 'a saved file'}\n    {refusal.message}"))
    if not found:
        print("nothing is refused")


def retry(
    reason: ReasonOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    no_network: Annotated[
        bool, typer.Option("--no-network", help="Only from the archive, with no visit to the site.")
    ] = False,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    at: BaseUrlOption = None,
    wait: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Try refused pages again: today's parser over the archive, else another visit.

    What is an article now is loaded, and its refusal resolved. Pages with the policy "permanent" are visited
    only if --reason names theirs. --since is the day of the refusal, in the source's timezone.

    Example: newsetl retry --reason unknown_layout --since 2026-11-01 --no-network
    """
    from newsetl.pipeline import summaries
    from newsetl.pipeline.retry_rejects import retry_rejects as replay_

    failed = False
    with catch_stop_signals() as should_stop, writing(there(data), wait) as warehouse:
        for declared in chosen(source, at, warehouse):
            with show_progress(declared.slug) as count:
                done = replay_(
                    declared,
                    warehouse,
                    DataFolder(data).archive,
                    clock=now,
                    contact=contact,
                    reason=reason,
                    since=since.date() if since else None,
                    is_network_allowed=not no_network,
                    on_progress=partial(told, count, "{0.tried} refusals tried"),
                    should_stop=should_stop,
                )
            reasons = ", ".join(f"{n} {why}" for why, n in done.rejected.most_common())
            print(
                f"{declared.slug}: {done.tried} refused pages tried; articles now {done.from_archive} from "
                f"the archive, {done.from_network} from the network; {done.rejected.total()} refused again"
                f"{f' ({reasons})' if reasons else ''}, {done.skipped} left as they are"
            )
            for line in summaries.format_findings(declared.slug, done.findings):
                print(line)
            if done.error:
                print(f"{declared.slug}: FAILED: {done.error}")
            failed = failed or done.error is not None
            if should_stop():
                raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if failed else OK)
