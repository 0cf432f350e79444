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
class Refusal:
    """How a reason is dealt with: `days` until the address is asked for again, and what a person can do."""

    policy: Policy
    days: int | None
    advice: str


_AGAIN = partial(Refusal, Policy.RETRY, 1)
_PERSON = partial(Refusal, Policy.MANUAL, None)
_NEVER = partial(Refusal, Policy.PERMANENT, None)

REFUSALS: dict[Reason, Refusal] = {
    Reason.EMPTY_BODY: _AGAIN("wait: the site sent nothing"),
    Reason.TOO_LARGE: _PERSON("raise fetch.max_bytes if it is an article, then retry"),
    Reason.NOT_HTML: _NEVER("nothing: it is a file, not a page"),
    Reason.UNDECODABLE: _PERSON("look at the page with `newsetl parse`: its charset or coding is wrong"),
    Reason.SOFT_404: _AGAIN("wait: dead for now"),
    Reason.REMOVED_PAGE: _NEVER("nothing: the site took it down"),
    Reason.BLOCKED_BY_WAF: _AGAIN(
        "we are blocked by the firewall: wait, ask more slowly, or write to the site"
    ),
    Reason.NOT_ARTICLE: _NEVER("nothing: it is a listing or another page"),
    Reason.UNKNOWN_LAYOUT: _PERSON("the site has changed: mend the source's [parse], then retry"),
    Reason.NO_TITLE: _PERSON("the site has changed: mend the source's [parse], then retry"),
    Reason.NO_TEXT: _PERSON("the site has changed, or the page is a picture: mend [parse], then retry"),
    Reason.NO_DATE: _PERSON("the site has changed: mend the source's [parse], then retry"),
    Reason.BAD_DATE: _PERSON("add the date to [date_corrections], then retry"),
    Reason.FUTURE_DATE: _PERSON("add the date to [date_corrections], then retry"),
    Reason.DATE_BEFORE_SOURCE: _PERSON("correct first_day or add to [date_corrections], then retry"),
    Reason.HTTP_STATUS: _AGAIN("wait; if it lasts, look whether the address has moved"),
    Reason.FETCH_FAILED: Refusal(Policy.RETRY, 0, "wait: the next run asks again"),
    Reason.ROBOTS: _AGAIN("nothing, unless robots.txt changes: the site forbids it"),
    Reason.ARCHIVE_CORRUPT: _PERSON(
        "restore the archive file from a copy, then rebuild; or let it be fetched again"
    ),
    Reason.PARSER_ERROR: _PERSON("report it with the page: a defect of newsetl; retry when it is mended"),
}

RETRY_DAYS: dict[Reason, int | None] = {reason: refusal.days for reason, refusal in REFUSALS.items()}
