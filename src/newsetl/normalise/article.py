"""Conversion of a ParsedPage into an Article; pure, without network, clock or database."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from newsetl.errors import NormaliseError
from newsetl.model import Article, Capture, Credit, ParsedPage
from newsetl.normalise.bylines import build_credits, resolve_agency
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text.absolute_url import parse_http_url
from newsetl.text.date_patterns import DateFormats
from newsetl.text.dates import (
    ParsedDate,
    check_plausible,
    convert_calendar,
    get_day_start,
    parse_date,
)
from newsetl.text.language import detect_language
from newsetl.text.whitespace import normalise_letters

_LEAD_CHARS = 60
# A printed time without a zone may be ahead of UTC.
_MAX_AHEAD = timedelta(days=1)
# Part of the provenance of a date that is of a change, not of the publication.
_CHANGE = " of a change"
# Provenance of dates that are guesses; a date in the URL overrides such a date.
_GUESSED_PROVENANCES = ("date line", "address")


def normalise(page: ParsedPage, source: Source, capture: Capture) -> Article:
    """Build the article of `page`, which was parsed from `capture`.

    Raise NormaliseError with reason no_text, no_date, bad_date, future_date or date_before_source.
    """
    found = {
        field: provenance
        for field, provenance in page.found.items()
        if field in ("title", "images", "teasers", "removed", "pages")
    }
    url, other_urls = _get_urls(page, source, capture, found)
    text = "\n\n".join(page.paragraphs)
    if len(text) < source.parse.min_text_chars:
        raise NormaliseError(
            Reason.NO_TEXT,
            f"{len(text)} characters of text; an article has {source.parse.min_text_chars} or more",
        )
    found["text"] = page.found["paragraphs"]
    stamp, raw = _get_publication_time(page, source, capture, url, found)
    language = _get_language(text, page, source, found)
    form = urls.match_form(source, url) if url else None
    section = _get_section(page, source, capture, url, found)
    authors, author_from = (page.author, "author") if page.author else (page.byline, "byline")
    credits = (
        *_mark_organisations(
            build_credits("author", (authors,) if authors else (), source), page.organisations
        ),
        *build_credits("editor", page.editor, source),
        *build_credits("photographer", tuple(image.credit for image in page.images if image.credit), source),
    )
    if authors:
        found["authors"] = page.found[author_from]
    if page.editor:
        found["editors"] = page.found.get("editor", "metadata line")
    if page.agency:
        found["agency"] = page.found["agency"]
    return Article(
        source=source.slug,
        url=url,
        url_form=form.name if form else None,
        title=page.title,
        section=section,
        agency=resolve_agency(page.agency, source) if page.agency else None,
        published_at=stamp.at if stamp else None,
        published_raw=raw,
        published_precision=stamp.precision if stamp else "day",
        credits=credits,
        lead=next((part for part in page.paragraphs if len(part) >= _LEAD_CHARS), page.paragraphs[0]),
        text=text,
        images=page.images,
        teasers=page.teasers,
        language=language,
        title_hash=_hash(page.title),
        text_hash=_hash(text),
        found=found,
        capture_id=capture.capture_id,
        other_urls=other_urls,
        is_identified=_is_identified(page, source, capture),
    )


def _is_identified(page: ParsedPage, source: Source, capture: Capture) -> bool:
    """Return True if the page names the URL it was fetched from, or has the headline of its link."""
    if capture.link and capture.link.title and _hash(capture.link.title) == _hash(page.title):
        return True
    own = {_get_path_and_query(source, url) for url in (capture.url, capture.requested_url) if url} - {None}
    return any(_get_path_and_query(source, url) in own for url in page.stated_urls)


def _get_path_and_query(source: Source, url: str) -> tuple[str, str] | None:
    """Return the part of the URL that a mirror has too; None for the front page and for no URL."""
    try:
        parts = urlsplit(urls.canonicalise(source, url))
    except ValueError:
        return None
    return (parts.path.rstrip("/"), parts.query) if parts.path.strip("/") or parts.query else None


def _get_urls(
    page: ParsedPage, source: Source, capture: Capture, found: dict[str, str]
) -> tuple[str | None, tuple[str, ...]]:
    """Return the canonical URL and the other URLs of the page; add the provenance to `found`."""
    urls_seen = {urls.canonicalise(source, url) for url in (capture.url, capture.requested_url) if url}
    if page.canonical_url and _is_article_of_source(page.canonical_url, source):
        url = urls.canonicalise(source, page.canonical_url)
        found["url"] = page.found["canonical_url"]
    elif capture.url:
        url = urls.canonicalise(source, capture.url)
        form = urls.match_form(source, url)
        if form and not urls.is_own(source, url):
            # A mirror serves the pages of the source under the same paths.
            url = f"{source.scheme}://{form.host or source.host}{urlsplit(url).path}"
            found["url"] = "path on a mirror"
        else:
            found["url"] = "address"
    elif page.canonical_url and not source.is_declared and parse_http_url(page.canonical_url):
        url, found["url"] = urls.canonicalise(source, page.canonical_url), page.found["canonical_url"]
    else:
        return None, ()
    return url, tuple(sorted(urls_seen - {url}))


def _is_article_of_source(url: str, source: Source) -> bool:
    try:
        return urls.is_own(source, url) and urls.match_form(source, url) is not None
    except ValueError:
        return False


def _get_publication_time(
    page: ParsedPage, source: Source, capture: Capture, url: str | None, found: dict[str, str]
) -> tuple[ParsedDate | None, str]:
    """Return the publication time and its printed form, from the page or else from the URL.

    Return None as the time if the page has no source file and no date. Add the provenance to `found`, and
    date_kind "changed" if the page has only the date of a change.
    """
    days = (urls.get_days(source, url) or urls.get_path_day(url)) if url else None
    is_other_day = page.date is not None and days is not None and not _is_same_day(page.date, days, source)
    if page.date and not (is_other_day and page.found["date"].startswith(_GUESSED_PROVENANCES)):
        raw = source.date_corrections.get(page.date, page.date)
        printed = parse_date(raw, source.timezone, _get_date_formats(source))
        stamp = convert_calendar(printed, source.parse.calendar_offset, capture.fetched_at)
        found["published_at"] = page.found["date"] + (" (corrected)" if raw != page.date else "")
        if _CHANGE in page.found["date"]:
            found["date_kind"] = "changed"
    elif url and days:
        # A date without a label may be the current day, but the URL has the day of the article.
        raw = urlsplit(url).path
        first, last = days
        stamp = ParsedDate(get_day_start(first, source.timezone), "day" if first == last else "month")
        found["published_at"] = "address"
    elif not source.is_declared:
        return None, ""
    else:
        raise NormaliseError(Reason.NO_DATE, "neither the page nor its URL has a date")
    if source.is_declared:
        check_plausible(
            stamp, raw, zone=source.timezone, first_day=source.first_day, fetched_at=capture.fetched_at
        )
    elif stamp.at > capture.fetched_at + _MAX_AHEAD:
        del found["published_at"]
        return None, ""
    return stamp, page.date or raw


def _is_same_day(printed: str, days: tuple[date, date], source: Source) -> bool:
    """Return False if `printed` is another day than the one in the URL; True if the URL has only a month."""
    if days[0] != days[1]:
        return True
    try:
        stamp = parse_date(printed, source.timezone, _get_date_formats(source))
    except NormaliseError:
        return False
    return stamp.at.astimezone(stamp.zone or source.timezone).date() == days[0]


def _get_date_formats(source: Source) -> DateFormats | None:
    """Return the date formats that the source file declares, or None if it declares no date."""
    return source.parse.date_formats if "date" in source.parse.declared_fields else None


def _get_section(
    page: ParsedPage, source: Source, capture: Capture, url: str | None, found: dict[str, str]
) -> str | None:
    """Return the section label, or None if the page has none; add the provenance to `found`."""
    parts = page.breadcrumb
    if parts and parts[-1].casefold() in {word.casefold() for word in source.parse.article_words}:
        printed = parts[-2] if len(parts) > 1 else None
    else:
        printed = parts[1] if len(parts) > 1 else None
    folder = urls.get_folder(source, url) if url else None
    labels = {label.casefold(): name for label, name in source.sections.items()}
    for label, provenance in (
        (printed, "breadcrumb"),
        (page.section, page.found.get("section", "")),
        (capture.link.section if capture.link else None, "listing"),
        (labels.get(folder.casefold()) if folder else None, "address"),
    ):
        if label:
            found["section"] = provenance
            return labels.get(label.casefold(), label)
    return None


def _get_language(text: str, page: ParsedPage, source: Source, found: dict[str, str]) -> str:
    """Return the language detected in the text, else the one the page states, else the source's."""
    chinese = sum(map(len, re.findall(r"[\u3400-\u9fff]+", text)))
    is_chinese = chinese > 0 and chinese > sum(map(len, re.findall("[A-Za-z]+", text)))
    detected = "zh" if is_chinese and not re.search(r"[\u3040-\u30ff]", text) else detect_language(text)
    if detected and detected != source.language:
        found["language"] = "words of the text"
    elif not detected and page.language:
        found["language"] = page.found["language"]
    return detected or page.language or source.language


def _mark_organisations(credits: tuple[Credit, ...], organisations: tuple[str, ...]) -> tuple[Credit, ...]:
    """Return `credits`, with the kind "organisation" for the names in `organisations`."""
    keys = set(map(normalise_letters, organisations))
    return tuple(
        replace(credit, kind="organisation") if normalise_letters(credit.name) in keys else credit
        for credit in credits
    )


def _hash(text: str) -> str:
    return hashlib.sha256(normalise_letters(text).encode("utf-8", "replace")).hexdigest()
