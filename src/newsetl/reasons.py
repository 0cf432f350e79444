"""Reasons of rejects, and the policy for each reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Reason(StrEnum):
    """Reason for rejecting a link or page. The warehouse and the docs list this closed set."""

    EMPTY_BODY = "empty_body"
    TOO_LARGE = "too_large"
    NOT_HTML = "not_html"
    UNDECODABLE = "undecodable"
    SOFT_404 = "soft_404"
    REMOVED_PAGE = "removed_page"
    BLOCKED_BY_WAF = "blocked_by_waf"
    CONSENT_PAGE = "consent_page"
    LOGIN_PAGE = "login_page"
    REDIRECTED_AWAY = "redirected_away"
    NOT_ARTICLE = "not_article"
    DIFFERENT_ARTICLE = "different_article"
    UNKNOWN_LAYOUT = "unknown_layout"
    NO_TITLE = "no_title"
    NO_TEXT = "no_text"
    NO_DATE = "no_date"
    BAD_DATE = "bad_date"
    FUTURE_DATE = "future_date"
    DATE_BEFORE_SOURCE = "date_before_source"
    HTTP_STATUS = "http_status"
    FETCH_FAILED = "fetch_failed"
    ROBOTS = "robots"
    ARCHIVE_CORRUPT = "archive_corrupt"
    PARSER_ERROR = "parser_error"


class Policy(StrEnum):
    """Policy for a rejected URL: retried automatically, left for manual action, or permanent."""

    RETRY = "retry"
    MANUAL = "manual"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class RejectPolicy:
    """Policy of a reason: days until the URL is requested again (None for never), and what you can do."""

    policy: Policy
    retry_after_days: int | None
    advice: str


_RETRY = partial(RejectPolicy, Policy.RETRY, 1)
_MANUAL = partial(RejectPolicy, Policy.MANUAL, None)
_PERMANENT = partial(RejectPolicy, Policy.PERMANENT, None)
_FIX_PARSE = "fix [parse] in the source file for the site's new layout, then run `newsetl retry`"
_CORRECT_DATE = "add the date to [date_corrections] in the source file, then run `newsetl retry`"

REJECT_POLICIES: dict[Reason, RejectPolicy] = {
    Reason.EMPTY_BODY: _RETRY("wait for the automatic retry: the site sent an empty response"),
    Reason.TOO_LARGE: _MANUAL(
        "if it is an article, raise fetch.max_bytes in the source file, then run `newsetl retry`"
    ),
    Reason.NOT_HTML: _PERMANENT("no action needed: the URL is a file, not a page"),
    Reason.UNDECODABLE: _MANUAL(
        "inspect the page with `newsetl parse`: its charset or content coding is wrong"
    ),
    Reason.SOFT_404: _RETRY("wait for the automatic retry: the site serves a soft 404"),
    Reason.REMOVED_PAGE: _PERMANENT("no action needed: the site has removed the article"),
    Reason.BLOCKED_BY_WAF: _RETRY(
        "wait, raise fetch.min_delay, or write to the site: its firewall blocks newsetl"
    ),
    Reason.CONSENT_PAGE: _RETRY(
        "wait for the automatic retry; if every page is one, the site shows its articles only after consent"
    ),
    Reason.LOGIN_PAGE: _MANUAL("no action needed if the article is for subscribers: newsetl does not log in"),
    Reason.REDIRECTED_AWAY: _RETRY("wait for the automatic retry: the site redirects to another page"),
    Reason.NOT_ARTICLE: _PERMANENT("no action needed: the page is a listing or another page without article"),
    Reason.DIFFERENT_ARTICLE: _RETRY(
        "wait for the automatic retry; the loaded article is unchanged until the page names its own URL"
    ),
    Reason.UNKNOWN_LAYOUT: _MANUAL(_FIX_PARSE),
    Reason.NO_TITLE: _MANUAL(_FIX_PARSE),
    Reason.NO_TEXT: _MANUAL(f"{_FIX_PARSE} (a page without text needs no action)"),
    Reason.NO_DATE: _MANUAL(_FIX_PARSE),
    Reason.BAD_DATE: _MANUAL(_CORRECT_DATE),
    Reason.FUTURE_DATE: _RETRY(f"wait for the automatic retry on the date; if it is wrong, {_CORRECT_DATE}"),
    Reason.DATE_BEFORE_SOURCE: _MANUAL(f"correct first_day in the source file, or {_CORRECT_DATE}"),
    Reason.HTTP_STATUS: _RETRY("wait for the automatic retry; if that fails, check whether the URL moved"),
    Reason.FETCH_FAILED: RejectPolicy(Policy.RETRY, 0, "wait: the next run requests the URL again"),
    Reason.ROBOTS: _RETRY("no action needed: the site's robots.txt forbids the request"),
    Reason.ARCHIVE_CORRUPT: _MANUAL(
        "restore the archive file from a backup and run `newsetl rebuild`, or run `newsetl state refetch`"
    ),
    Reason.PARSER_ERROR: _MANUAL(
        "report the page: this is a bug in newsetl; run `newsetl retry` when it is fixed"
    ),
}

RETRY_DAYS: dict[Reason, int | None] = {
    reason: policy.retry_after_days for reason, policy in REJECT_POLICIES.items()
}
