"""Generic source for pages without a source file."""

from __future__ import annotations

import re
from datetime import date
from zoneinfo import ZoneInfo

from newsetl.sources.config import DiscoverConfig, FetchConfig, ParseConfig, Source
from newsetl.text.absolute_url import parse_http_url

_MATCHES_NOTHING = re.compile("(?!)")
_PARSE_CONFIG = ParseConfig(
    breadcrumb_labels=(), source_labels=(), author_labels=(), editor_labels=(), by_labels=(),
    edited_by_labels=(), photo_labels=(), teaser_headings=(), article_words=(), footer_patterns=(),
    boilerplate_patterns=(), title_suffixes=(), content_markers=(), record_markers=(), record_tags={},
    image_attributes=("src", "data-src", "data-original"), caption_attributes=(), waf_markers=(),
    removed_titles=(), soft_404_titles=(),
    soft_404_sizes=(), min_text_chars=30,
)  # fmt: skip
# A name with one of these words is an organisation or a desk.
_ORGANISATION_WORDS = (
    "Academy", "Administration", "Agency", "Association", "Bureau", "Center", "Centre", "Commission",
    "Committee", "Company", "Contributors", "Daily", "Department", "Desk", "Editorial", "Editors",
    "Foundation", "Group", "Inc", "Institute", "Magazine", "Media", "Ministry", "Network", "News", "Newsroom",
    "Office", "Press", "Reporters", "Reuters", "Society", "Staff", "Team", "University", "Xinhua",
)  # fmt: skip


def build_generic_source(url: str = "") -> Source:
    """Build the generic source for the page at `url` ("" if it has no URL); it is never loaded."""
    parts = parse_http_url(url)
    scheme, host = (
        (parts.scheme, parts.netloc.rpartition("@")[2].casefold()) if parts else ("http", "localhost")
    )
    return Source(
        slug="any",
        name="any page",
        home=f"{scheme}://{host}/",
        hosts=(host,),
        timezone=ZoneInfo("UTC"),
        language="en",
        first_day=date(1900, 1, 1),
        publication_names=(),
        desks=("The Editorial Board", "Editorial Board"),
        organisation_words=_ORGANISATION_WORDS,
        agencies={},
        sections={},
        url_forms=(),
        fetch=FetchConfig(min_delay=1.0, timeout=30, max_bytes=10_000_000),
        discover=DiscoverConfig(
            start_urls=(),
            listing_url_pattern=_MATCHES_NOTHING,
            listing_item_selectors=(),
            max_pages=1,
            max_sitemaps=1,
            page_size=1,
            refetch_days=0,
            sitemaps=(),
        ),
        parse=_PARSE_CONFIG,
        is_declared=False,
    )
