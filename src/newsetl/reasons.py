"""Reasons of rejects, and the policy for each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Reason(StrEnum):
    """Why a link or page was refused. The set is closed: the warehouse and the docs list it."""

    EMPTY_BODY = "empty_body"
    TOO_LARGE = "too_large"
    NOT_HTML = "not_html"
    UNDECODABLE = "undecodable"
    SOFT_404 = "soft_404"
    REMOVED_PAGE = "removed_page"
    BLOCKED_BY_WAF = "blocked_by_waf"
    NOT_ARTICLE = "not_article"
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
    """What becomes of a refused address: asked for again by itself, left to a person, or left."""

    RETRY = "retry"
    MANUAL = "manual"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class RejectPolicy:
    """How a reason is dealt with: `days` until the address is asked for again, and what a person can do."""

    policy: Policy
    retry_after_days: int | None
    advice: str


_RETRY = partial(RejectPolicy, Policy.RETRY, 1)
_MANUAL = partial(RejectPolicy, Policy.MANUAL, None)
_PERMANENT = partial(RejectPolicy, Policy.PERMANENT, None)

REJECT_POLICIES: dict[Reason, RejectPolicy] = {
    Reason.EMPTY_BODY: _RETRY("wait: the site sent nothing"),
    Reason.TOO_LARGE: _MANUAL("raise fetch.max_bytes if it is an article, then retry"),
    Reason.NOT_HTML: _PERMANENT("nothing: it is a file, not a page"),
    Reason.UNDECODABLE: _MANUAL("look at the page with `newsetl parse`: its charset or coding is wrong"),
    Reason.SOFT_404: _RETRY("wait: dead for now"),
    Reason.REMOVED_PAGE: _PERMANENT("nothing: the site took it down"),
    Reason.BLOCKED_BY_WAF: _RETRY(
        "we are blocked by the firewall: wait, ask more slowly, or write to the site"
    ),
    Reason.NOT_ARTICLE: _PERMANENT("nothing: it is a listing or another page"),
    Reason.UNKNOWN_LAYOUT: _MANUAL("the site has changed: mend the source's [parse], then retry"),
    Reason.NO_TITLE: _MANUAL("the site has changed: mend the source's [parse], then retry"),
    Reason.NO_TEXT: _MANUAL("the site has changed, or the page is a picture: mend [parse], then retry"),
    Reason.NO_DATE: _MANUAL("the site has changed: mend the source's [parse], then retry"),
    Reason.BAD_DATE: _MANUAL("add the date to [date_corrections], then retry"),
    Reason.FUTURE_DATE: _MANUAL("add the date to [date_corrections], then retry"),
    Reason.DATE_BEFORE_SOURCE: _MANUAL("correct first_day or add to [date_corrections], then retry"),
    Reason.HTTP_STATUS: _RETRY("wait; if it lasts, look whether the address has moved"),
    Reason.FETCH_FAILED: RejectPolicy(Policy.RETRY, 0, "wait: the next run asks again"),
    Reason.ROBOTS: _RETRY("nothing, unless robots.txt changes: the site forbids it"),
    Reason.ARCHIVE_CORRUPT: _MANUAL(
        "restore the archive file from a copy, then rebuild; or let it be fetched again"
    ),
    Reason.PARSER_ERROR: _MANUAL("report it with the page: a defect of newsetl; retry when it is mended"),
}

RETRY_DAYS: dict[Reason, int | None] = {
    reason: refusal.retry_after_days for reason, refusal in REJECT_POLICIES.items()
}
