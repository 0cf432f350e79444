"""The commands `newsetl rejects` and `newsetl retry`."""

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
from newsetl.cli.progress import report_progress, show_progress
from newsetl.cli.warehouse_access import now, open_warehouse, require_warehouse, select_sources
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.lock import DEFAULT_TIMEOUT
from newsetl.runtime.signals import catch_stop_signals


def rejects(
    reason: ReasonOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON, one object per line. Default: text.")
    ] = False,
    data: DataOption = Path("data"),
) -> None:
    """List open rejects with their policies and advice.

    Pages with the policy "retry" are requested again by a later run, "manual" ones need you, "permanent" ones
    are left. --since is the day of the reject, in the source's timezone.

    Example: newsetl rejects --reason no_date --since 2026-11-01
    """
    from newsetl.query import formats
    from newsetl.query.rejects import list_open_rejects
    from newsetl.text.whitespace import replace_unprintable

    if source is not None:
        sources.load(source)
    open_rejects = list_open_rejects(
        DataFolder(data).published, reason=reason, source=source, since=since.date() if since else None
    )
    if as_json:
        for reject in open_rejects:
            formats.write_json_line(reject, sys.stdout)
        return
    for (slug, code), group in groupby(open_rejects, key=lambda reject: (reject.source, reject.reason)):
        rejected = list(group)
        print(f"{slug}: {len(rejected)} {code} [{rejected[0].policy}] {rejected[0].advice}")
        for reject in rejected:
            due = f", retry from {reject.retry_at:%Y-%m-%d %H:%M}" if reject.retry_at else ""
            times = f"{reject.rejected_at:%Y-%m-%d %H:%M}{due}"
            print(replace_unprintable(f"  {times}  {reject.url or 'a saved file'}\n    {reject.message}"))
    if not open_rejects:
        print("no open rejects")


def retry(
    reason: ReasonOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    no_network: Annotated[
        bool, typer.Option("--no-network", help="Only archived pages; the site gets no request.")
    ] = False,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    base_url: BaseUrlOption = None,
    lock_timeout: LockTimeoutOption = DEFAULT_TIMEOUT,
) -> None:
    """Try rejected pages again: from the archive, else the site.

    A page that is an article now is loaded and its reject resolved. Pages with the policy "permanent" are
    requested only if --reason names their reason. --since is the day of the reject, in the source's timezone.

    Example: newsetl retry --reason unknown_layout --since 2026-11-01 --no-network
    """
    from newsetl.pipeline import summaries
    from newsetl.pipeline.retry_rejects import retry_rejects

    is_failed = False
    with (
        catch_stop_signals() as should_stop,
        open_warehouse(require_warehouse(data), lock_timeout) as warehouse,
    ):
        for declared in select_sources(source, base_url, warehouse):
            with show_progress(declared.slug) as update:
                result = retry_rejects(
                    declared,
                    warehouse,
                    DataFolder(data).archive,
                    clock=now,
                    contact=contact,
                    reason=reason,
                    since=since.date() if since else None,
                    is_network_allowed=not no_network,
                    on_progress=partial(report_progress, update, "{0.tried} rejects tried"),
                    should_stop=should_stop,
                )
            reasons = ", ".join(f"{n} {code}" for code, n in result.rejected.most_common())
            print(
                f"{declared.slug}: {result.tried} rejected pages tried; now articles: {result.from_archive} "
                f"from the archive, {result.from_network} from the network; {result.rejected.total()} "
                f"rejected again{f' ({reasons})' if reasons else ''}, {result.skipped} skipped"
            )
            for line in summaries.format_findings(declared.slug, result.findings):
                print(line)
            if result.error:
                print(f"{declared.slug}: FAILED: {result.error}")
            is_failed = is_failed or result.error is not None
            if should_stop():
                raise typer.Exit(INTERRUPTED)
    raise typer.Exit(FAILED if is_failed else OK)
