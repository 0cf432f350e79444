"""The source that a TOML text declares, one function per table of it."""

from __future__ import annotations

import re
import tomllib
from functools import cache, partial
from importlib import resources
from typing import Any

from newsetl.errors import SourceError
from newsetl.runtime import old_names
from newsetl.sources import services
from newsetl.sources.config import (
    DEFAULT_BACKOFF,
    DEFAULT_FIRST_DAY,
    DEFAULT_RETRIES,
    DEFAULT_RETRY_CAP,
    DEFAULT_SCHEDULE,
    METADATA_GROUPS,
    RECORD_FIELDS,
    URL_GROUPS,
    DiscoverConfig,
    FetchConfig,
    ParseConfig,
    Source,
    UrlForm,
)
from newsetl.sources.toml_table import TomlTable
from newsetl.text.date_patterns import DATE_GROUPS, DateFormats


def read(text: str, *, file: str) -> Source:
    """The source declared by TOML `text`; `file` is its name for error messages.

    Raises SourceError for a syntax error, an unknown or missing key, or a value of the wrong form.
    """
    tables, old_keys = parse_toml(text, file)
    table = TomlTable(file, "", tables, _load_defaults())
    fetch = table.table_or_defaults("fetch")
    discover = table.table("discover")
    parse = table.table_or_defaults("parse")
    hosts = table.texts("hosts", least=1)
    date_patterns = parse.patterns("date_patterns", groups=("year", "month", "day"), known=DATE_GROUPS)
    source = Source(
        slug=table.slug("slug"),
        name=table.text("name"),
        home=table.url("home"),
        hosts=hosts,
        timezone=table.timezone("timezone"),
        language=table.text("language"),
        first_day=table.day("first_day") if table.has("first_day") else DEFAULT_FIRST_DAY,
        publication_names=table.texts("publication_names"),
        desks=table.texts("desks"),
        organisation_words=table.texts("organisation_words"),
        agencies=table.mapping("agencies", required=False),
        sections=table.mapping("sections", required=False),
        url_forms=tuple(_url_form(form, hosts) for form in table.tables("url_forms")),
        fetch=_fetch(fetch),
        discover=_discover(discover),
        parse=_parse(parse, date_patterns),
        schedule=table.cron("schedule", default=DEFAULT_SCHEDULE),
        date_corrections=table.mapping("date_corrections", required=False),
        people=table.names("people"),
        search=table.optional_table("search", services.parse_search),
        wayback=table.optional_table("wayback", partial(services.parse_wayback, hosts=hosts)),
        commoncrawl=table.optional_table("commoncrawl", partial(services.parse_commoncrawl, hosts=hosts)),
        verified=table.text("verified") if table.has("verified") else None,
        enabled=table.flag("enabled", default=True),
        file=file,
        declaration=text,
        old_keys=old_keys,
    )
    table.raise_problems()
    if not any((source.discover.start_urls, source.discover.sitemaps, source.discover.feeds)):
        discover.reject_value(
            "start_urls", "is empty, and so are sitemaps and feeds; give one address at least"
        )
    return source


def parse_toml(text: str, file: str) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return the tables of TOML `text` with today's keys, and the old keys in it, each with its new name.

    Raises SourceError that names `file` for a syntax error.
    """
    try:
        return old_names.tables(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{file}: not valid TOML: {error}") from error


@cache
def _load_defaults() -> dict[str, Any]:
    return tomllib.loads((resources.files("newsetl.sources") / "_defaults.toml").read_text(encoding="utf-8"))


def _url_form(form: TomlTable, hosts: tuple[str, ...]) -> UrlForm:
    return UrlForm(
        form.text("name"),
        form.pattern("pattern", known=URL_GROUPS),
        form.choice("host", hosts) if form.has("host") else None,
    )


def _fetch(table: TomlTable) -> FetchConfig:
    return FetchConfig(
        min_delay=table.number("min_delay", least=0),
        timeout=table.number("timeout", least=0.1),
        max_bytes=table.integer("max_bytes", least=1000),
        retries=table.integer("retries", least=0, default=DEFAULT_RETRIES),
        backoff=table.number("backoff", least=0, default=DEFAULT_BACKOFF),
        retry_cap=table.number("retry_cap", least=0, default=DEFAULT_RETRY_CAP),
    )


def _discover(table: TomlTable) -> DiscoverConfig:
    return DiscoverConfig(
        start_urls=table.urls("start_urls"),
        listing_url_pattern=table.pattern("listing_url_pattern"),
        listing_item_selectors=table.selectors("listing_item_selectors"),
        max_pages=table.integer("max_pages", least=1),
        page_size=table.integer("page_size", least=1),
        refetch_days=table.integer("refetch_days", least=0),
        sitemaps=table.urls("sitemaps"),
        feeds=table.urls("feeds"),
    )


def _parse(table: TomlTable, date_patterns: tuple[re.Pattern[str], ...]) -> ParseConfig:
    return ParseConfig(
        breadcrumb_labels=table.texts("breadcrumb_labels"),
        source_labels=table.texts("source_labels", least=1),
        author_labels=table.texts("author_labels"),
        editor_labels=table.texts("editor_labels"),
        by_labels=table.texts("by_labels"),
        edited_by_labels=table.texts("edited_by_labels"),
        photo_labels=table.texts("photo_labels"),
        teaser_headings=table.texts("teaser_headings"),
        article_words=table.texts("article_words"),
        footer_patterns=table.patterns("footer_patterns"),
        boilerplate_patterns=table.patterns("boilerplate_patterns"),
        title_suffixes=table.texts("title_suffixes"),
        date_patterns=date_patterns,
        metadata_patterns=table.patterns(
            "metadata_patterns",
            known=METADATA_GROUPS,
            placeholders={"date": DateFormats.get_cached(date_patterns).build_regex("date")},
        ),
        is_metadata_last=table.flag("is_metadata_last", default=False),
        calendar_offset=table.integer("calendar_offset", least=0),
        content_selectors=table.selectors("content_selectors"),
        content_markers=table.texts("content_markers"),
        record_markers=table.texts("record_markers"),
        record_tags=table.mapping("record_tags", known=RECORD_FIELDS),
        image_attributes=table.texts("image_attributes", least=1),
        caption_attributes=table.texts("caption_attributes"),
        waf_markers=table.texts("waf_markers"),
        removed_titles=table.texts("removed_titles"),
        soft_404_titles=table.patterns("soft_404_titles"),
        soft_404_sizes=table.integers("soft_404_sizes"),
        min_text_chars=table.integer("min_text_chars", least=1),
        keys=table.get_given_keys(),
    )
