"""Names of before 0.1.0 that are still understood until 1.0, and the names that replace them.

Options, commands, variables and keys of source files are for people: whoever uses an old one gets one line of
advice. Run logs and WARC records of old archives are read without a word.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

OPTIONS = {
    "--at": "--base-url",
    "--wait": "--lock-timeout",
    "--sources": "--source-dir",
    "--from": "--method",
    "--again": "--include-complete",
    "--every": "--interval",
}
COMMANDS = {
    ("sources",): ("source", "list"),
    ("replay",): ("retry",),
    ("state", "rewind"): ("state", "reset"),
    ("state", "forget"): ("state", "refetch"),
}
VARIABLES = {"NEWSETL_AT": "NEWSETL_BASE_URL", "NEWSETL_SOURCES": "NEWSETL_SOURCE_DIR"}
# Keys of source files; a key within a table is written with it.
KEYS = {
    "own_names": "publication_names",
    "is_daily": "enabled",
    "fetch.pause": "fetch.min_delay",
    "search.pause": "search.min_delay",
    "wayback.pause": "wayback.min_delay",
    "commoncrawl.pause": "commoncrawl.min_delay",
    "discover.index": "discover.start_urls",
    "discover.section": "discover.listing_url_pattern",
    "discover.rows": "discover.listing_item_selectors",
    "discover.recent_days": "discover.refetch_days",
    "read": "parse",
    "parse.position_labels": "parse.breadcrumb_labels",
    "parse.challenge_marks": "parse.waf_markers",
    "parse.dead_titles": "parse.soft_404_titles",
    "parse.dead_sizes": "parse.soft_404_sizes",
    "parse.tool_patterns": "parse.boilerplate_patterns",
    "parse.picture_attributes": "parse.image_attributes",
}
REASONS = {
    "dead_page": "soft_404",
    "challenge": "blocked_by_waf",
    "no_landmarks": "unknown_layout",
    "damaged": "archive_corrupt",
    "internal": "parser_error",
    "binary": "not_html",
    "unreachable": "fetch_failed",
}
CHECKS = {
    "articles_uncaptured": "articles_without_capture",
    "captures_unfiled": "captures_without_file",
    "credits_gaps": "credit_position_gaps",
    "credits_odd": "suspicious_credits",
    "dates_wrong": "inconsistent_dates",
    "hashes_wrong": "hash_mismatches",
    "markup_left": "leftover_markup",
    "pauses_broken": "early_requests",
    "published_late": "published_after_first_seen",
    "refusals_unlisted": "unlisted_rejects",
    "sections_unknown": "unknown_sections",
    "texts_short": "short_texts",
    "titles_repeated": "repeated_titles",
    "urls_twice": "duplicate_urls",
    "urls_uncanonical": "noncanonical_urls",
}
# Of flows that `newsetl serve` served; they would wait for ever.
DEPLOYMENTS = ("backfill/by hand", "reparse/by hand", "gaps/weekly")
# What stands in archives: kinds of run log records, their fields, kinds of runs, and fields of a link.
RECORDS = {
    "refusal": "reject",
    "announced": "discovered_links",
    "asked": "discovery_query",
}
FIELDS = {
    "run": {"at": "base_url", "is_following": "is_incremental"},
    "end": {"found": "discovered", "known": "already_loaded", "lost_listings": "failed_listings"},
    "discovery_query": {
        "way": "method",
        "asked_at": "queried_at",
        "found": "discovered",
        "is_again": "is_recheck",
    },
}
RUN_KINDS = {"replay": "retry"}
LINK_FIELDS = {"found_on": "discovered_from", "announced_at": "published_at", "way": "method"}

_log = logging.getLogger("newsetl")
_advised: set[str] = set()


def advise(old: str, new: str, where: str = "") -> None:
    """Log one line on old names, once a process. Without a logging configuration it goes to stderr."""
    line = f"{where}{old}: renamed; write {new} (old names work until 1.0)"
    if line not in _advised:
        _advised.add(line)
        _log.warning("newsetl: %s", line)


def environment() -> None:
    """Set each variable of today that is only set under its old name."""
    for old, new in VARIABLES.items():
        if old in os.environ and new not in os.environ:
            advise(old, new)
            os.environ[new] = os.environ[old]


def arguments(given: Sequence[str]) -> list[str]:
    """Return a command line with the commands, options and values of today."""
    args = list(given)
    for old, new in COMMANDS.items():
        if tuple(args[: len(old)]) == old:
            advise(f"newsetl {' '.join(old)}", f"newsetl {' '.join(new)}")
            args[: len(old)] = new
            break
    end = args.index("--") if "--" in args else len(args)
    for place, argument in enumerate(args[:end]):
        option, sign, value = argument.partition("=")
        if option in OPTIONS:
            advise(option, OPTIONS[option])
            args[place] = f"{OPTIONS[option]}{sign}{value}"
        elif option == "--reason" and value in REASONS:
            args[place] = f"{option}={_current(REASONS, value)}"
        elif (place and args[place - 1] == "--reason") or args[0] == "check":
            args[place] = _current(REASONS if args[0] != "check" else CHECKS, argument)
    return args


def tables(read: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return a source file's tables with today's keys, and the old keys that were in it with the new ones.

    A key that is there under both names keeps its old one, and is an unknown key.
    """
    made = {key: dict(value) if isinstance(value, dict) else value for key, value in read.items()}
    found = []
    for old, new in KEYS.items():
        table, _, old_key = old.rpartition(".")
        new_key = new.rpartition(".")[2]
        values = made.get(table, {}) if table else made
        if isinstance(values, dict) and old_key in values and new_key not in values:
            renamed = {new_key if key == old_key else key: value for key, value in values.items()}
            values.clear()
            values.update(renamed)
            found.append((old, new))
    return made, tuple(found)


def record(kind: str, fields: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the kind and the fields of a run log's record with today's names."""
    kind = RECORDS.get(kind, kind)
    names = FIELDS.get(kind, {})
    made = {names.get(name, name): value for name, value in fields.items()}
    for name, values in (("kind", RUN_KINDS), ("reason", REASONS)):
        if made.get(name) in values:
            made[name] = values[made[name]]
    return kind, made


def link(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a WARC record's link with today's names."""
    return {LINK_FIELDS.get(name, name): value for name, value in fields.items()}


def first_reason(reason: str) -> str:
    """Return the first word for a reason. Identities of rejects are made of it and outlive its renaming."""
    return _FIRST_REASONS.get(reason, reason)


_FIRST_REASONS = {new: old for old, new in REASONS.items()}


def _current(names: Mapping[str, str], value: str) -> str:
    if value in names:
        advise(value, names[value])
    return names.get(value, value)
