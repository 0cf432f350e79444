"""Parser of source files, one function per TOML table."""

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
from newsetl.text.absolute_url import encode_host
from newsetl.text.date_patterns import DATE_GROUPS, DateFormats


def parse_toml(text: str, *, file: str) -> Source:
    """Parse the TOML `text` of a source file; `file` is its name in error messages.

    Raise SourceError for a syntax error, an unknown or missing key, or an invalid value.
    """
    tables, old_keys = parse_tables(text, file)
    table = TomlTable(file, "", tables, _load_defaults())
    fetch = table.get_table_or_defaults("fetch")
    discover = table.get_table("discover")
    parse = table.get_table_or_defaults("parse")
    hosts = tuple(map(encode_host, table.get_texts("hosts", minimum=1)))
    date_patterns = parse.get_patterns("date_patterns", groups=("year", "month", "day"), known=DATE_GROUPS)
    source = Source(
        slug=table.get_slug("slug"),
        name=table.get_text("name"),
        home=table.get_url("home"),
        hosts=hosts,
        timezone=table.get_timezone("timezone"),
        language=table.get_text("language"),
        first_day=table.get_date("first_day") if table.has("first_day") else DEFAULT_FIRST_DAY,
        publication_names=table.get_texts("publication_names"),
        desks=table.get_texts("desks"),
        organisation_words=table.get_texts("organisation_words"),
        agencies=table.get_mapping("agencies", required=False),
        sections=table.get_mapping("sections", required=False),
        url_forms=tuple(_parse_url_form(form, hosts) for form in table.get_tables("url_forms")),
        fetch=_parse_fetch_config(fetch),
        discover=_parse_discover_config(discover),
        parse=_parse_parse_config(parse, date_patterns),
        schedule=table.get_cron("schedule", default=DEFAULT_SCHEDULE),
        date_corrections=table.get_mapping("date_corrections", required=False),
        people=table.get_names("people"),
        search=table.parse_optional_table("search", services.parse_search),
        wayback=table.parse_optional_table("wayback", partial(services.parse_wayback, hosts=hosts)),
        commoncrawl=table.parse_optional_table(
            "commoncrawl", partial(services.parse_commoncrawl, hosts=hosts)
        ),
        verified=table.get_text("verified") if table.has("verified") else None,
        enabled=table.get_flag("enabled", default=True),
        file=file,
        declaration=text,
        old_keys=old_keys,
    )
    table.raise_problems()
    if not any((source.discover.start_urls, source.discover.sitemaps, source.discover.feeds)):
        discover.reject_value("start_urls", "is empty, as are sitemaps and feeds; add a URL to one of them")
    return source


def parse_tables(text: str, file: str) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Parse TOML `text`. Return its tables with current key names, and pairs of old and new key names.

    Raise SourceError with the name `file` for a syntax error.
    """
    try:
        return old_names.rename_keys(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{file}: not valid TOML: {error}") from error


@cache
def _load_defaults() -> dict[str, Any]:
    return tomllib.loads((resources.files("newsetl.sources") / "_defaults.toml").read_text(encoding="utf-8"))


def _parse_url_form(form: TomlTable, hosts: tuple[str, ...]) -> UrlForm:
    return UrlForm(
        form.get_text("name"),
        form.get_pattern("pattern", known=URL_GROUPS),
        form.get_choice("host", hosts) if form.has("host") else None,
        form.get_texts("parameters") if form.has("parameters") else (),
    )


def _parse_fetch_config(table: TomlTable) -> FetchConfig:
    return FetchConfig(
        min_delay=table.get_number("min_delay", minimum=0),
        timeout=table.get_number("timeout", minimum=0.1),
        max_bytes=table.get_integer("max_bytes", minimum=1000),
        retries=table.get_integer("retries", minimum=0, default=DEFAULT_RETRIES),
        backoff=table.get_number("backoff", minimum=0, default=DEFAULT_BACKOFF),
        retry_cap=table.get_number("retry_cap", minimum=0, default=DEFAULT_RETRY_CAP),
    )


def _parse_discover_config(table: TomlTable) -> DiscoverConfig:
    return DiscoverConfig(
        start_urls=table.get_urls("start_urls"),
        listing_url_pattern=table.get_pattern("listing_url_pattern"),
        listing_item_selectors=table.get_selectors("listing_item_selectors"),
        max_pages=table.get_integer("max_pages", minimum=1),
        max_sitemaps=table.get_integer("max_sitemaps", minimum=1),
        page_size=table.get_integer("page_size", minimum=1),
        refetch_days=table.get_integer("refetch_days", minimum=0),
        sitemaps=table.get_urls("sitemaps"),
        feeds=table.get_urls("feeds"),
    )


def _parse_parse_config(table: TomlTable, date_patterns: tuple[re.Pattern[str], ...]) -> ParseConfig:
    return ParseConfig(
        breadcrumb_labels=table.get_texts("breadcrumb_labels"),
        source_labels=table.get_texts("source_labels", minimum=1),
        author_labels=table.get_texts("author_labels"),
        editor_labels=table.get_texts("editor_labels"),
        by_labels=table.get_texts("by_labels"),
        edited_by_labels=table.get_texts("edited_by_labels"),
        photo_labels=table.get_texts("photo_labels"),
        teaser_headings=table.get_texts("teaser_headings"),
        article_words=table.get_texts("article_words"),
        footer_patterns=table.get_patterns("footer_patterns"),
        boilerplate_patterns=table.get_patterns("boilerplate_patterns"),
        title_suffixes=table.get_texts("title_suffixes"),
        date_patterns=date_patterns,
        metadata_patterns=table.get_patterns(
            "metadata_patterns",
            known=METADATA_GROUPS,
            placeholders={"date": DateFormats.get_cached(date_patterns).build_regex("date")},
        ),
        is_metadata_last=table.get_flag("is_metadata_last", default=False),
        calendar_offset=table.get_integer("calendar_offset", minimum=0),
        content_selectors=table.get_selectors("content_selectors"),
        content_markers=table.get_texts("content_markers"),
        record_markers=table.get_texts("record_markers"),
        record_tags=table.get_mapping("record_tags", known=RECORD_FIELDS),
        image_attributes=table.get_texts("image_attributes", minimum=1),
        caption_attributes=table.get_texts("caption_attributes"),
        waf_markers=table.get_texts("waf_markers"),
        removed_titles=table.get_texts("removed_titles"),
        soft_404_titles=table.get_patterns("soft_404_titles"),
        soft_404_sizes=table.get_integers("soft_404_sizes"),
        min_text_chars=table.get_integer("min_text_chars", minimum=1),
        keys=table.get_given_keys(),
    )
