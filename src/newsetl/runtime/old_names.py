"""Table of the names before 0.1.0, which stay valid until 1.0, and the names that replace them.

An old option, command, variable or key of a source file is accepted with one line of advice. Old names in run
logs and WARC records are accepted silently.
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
# Keys of source files, with their tables.
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
# Old deployments of `newsetl serve`; their runs would wait for ever.
DEPLOYMENTS = ("backfill/by hand", "reparse/by hand", "gaps/weekly")
# Names in archives: kinds of run log records, their fields, kinds of runs, and fields of a link.
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
    """Log one line of advice, once per process. Without a logging configuration it goes to stderr."""
    line = f"{where}{old}: renamed; write {new} (old names work until 1.0)"
    if line not in _advised:
        _advised.add(line)
        _log.warning("newsetl: %s", line)


def rename_variables() -> None:
    """Set each current environment variable that is only set under its old name."""
    for old, new in VARIABLES.items():
        if old in os.environ and new not in os.environ:
            advise(old, new)
            os.environ[new] = os.environ[old]


def rename_arguments(given: Sequence[str]) -> list[str]:
    """Return the command line, which starts with the command, with the current names."""
    args = list(given)
    for old, new in COMMANDS.items():
        if tuple(args[: len(old)]) == old:
            advise(f"newsetl {' '.join(old)}", f"newsetl {' '.join(new)}")
            args[: len(old)] = new
            break
    end = args.index("--") if "--" in args else len(args)
    for index, argument in enumerate(args[:end]):
        option, sign, value = argument.partition("=")
        if option in OPTIONS:
            advise(option, OPTIONS[option])
            args[index] = f"{OPTIONS[option]}{sign}{value}"
        elif option == "--reason" and value in REASONS:
            args[index] = f"{option}={_get_current(REASONS, value)}"
        elif (index and args[index - 1] == "--reason") or args[0] == "check":
            args[index] = _get_current(REASONS if args[0] != "check" else CHECKS, argument)
    return args


def rename_keys(toml: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return a source file's tables with the current keys, and each (old key, new key) replaced.

    If a table has both names of a key, its old name stays and is an unknown key.
    """
    tables = {key: dict(value) if isinstance(value, dict) else value for key, value in toml.items()}
    replaced = []
    for old, new in KEYS.items():
        table, _, old_key = old.rpartition(".")
        new_key = new.rpartition(".")[2]
        values = tables.get(table, {}) if table else tables
        if isinstance(values, dict) and old_key in values and new_key not in values:
            renamed = {new_key if key == old_key else key: value for key, value in values.items()}
            values.clear()
            values.update(renamed)
            replaced.append((old, new))
    return tables, tuple(replaced)


def rename_record(kind: str, fields: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the kind and the fields of a run log's record with the current names."""
    kind = RECORDS.get(kind, kind)
    names = FIELDS.get(kind, {})
    renamed = {names.get(name, name): value for name, value in fields.items()}
    for name, values in (("kind", RUN_KINDS), ("reason", REASONS)):
        if renamed.get(name) in values:
            renamed[name] = values[renamed[name]]
    return kind, renamed


def rename_link_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a WARC record's link with the current names."""
    return {LINK_FIELDS.get(name, name): value for name, value in fields.items()}


def get_first_reason(reason: str) -> str:
    """Return the original name of a reason. Ids of rejects contain it, so a renaming keeps them stable."""
    return _FIRST_REASONS.get(reason, reason)


_FIRST_REASONS = {new: old for old, new in REASONS.items()}


def _get_current(names: Mapping[str, str], value: str) -> str:
    if value in names:
        advise(value, names[value])
    return names.get(value, value)
