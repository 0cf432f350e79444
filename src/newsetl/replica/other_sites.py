"""Mock site in two other layouts: one with JSON-LD, one with meta tags.

Neither layout has the metadata lines, URLs or listings of the default one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from typing import Literal

from newsetl.replica.article_pages import summarise
from newsetl.replica.channel import MockSite
from newsetl.replica.response import HTML, TEXT, MockResponse
from newsetl.replica.story import MockArticle

Layout = Literal["json-ld", "meta-tags"]
XML = "application/xml; charset=utf-8"
POST, GAZETTE = "The Harbour Post", "Valley Gazette"
# Timezones of the Post and of the Gazette.
BERLIN, KOLKATA = timezone(timedelta(hours=2)), timezone(timedelta(hours=5, minutes=30))
FRONT_ARTICLES, FEED_ARTICLES, SITEMAP_ARTICLES = 14, 30, 200


def build_response(layout: Layout, site: MockSite, base: str, path: str) -> MockResponse | None:
    """Return the site's response, or None for an unknown path."""
    render_front, render_article, build_path, documents = _SITES[layout]
    if path == "/":
        return MockResponse(render_front(site, base).encode())
    if path in documents:
        kind, render_document = documents[path]
        return MockResponse(render_document(site, base).encode(), kind)
    article = next((article for article in _list_articles(site) if build_path(article) == path), None)
    return MockResponse(render_article(article, base).encode()) if article else None


def build_expected(layout: Layout, article: MockArticle) -> dict[str, object]:
    """Build the values that a parser must extract from the article's page."""
    stamp = _get_time(article, BERLIN if layout == "json-ld" else KOLKATA)
    return {
        "title": article.title,
        "published_at": stamp.isoformat(),
        "authors": list(_list_authors(article)),
        "text": "\n\n".join(_list_paragraphs(article)),
    }


def get_path(layout: Layout, article: MockArticle) -> str:
    """Return the article's path on the site."""
    return _SITES[layout][2](article)


def _list_articles(site: MockSite) -> list[MockArticle]:
    return [
        article
        for article in reversed(site.listed_articles)
        if not article.reject_reason and not article.is_review
    ]


def _build_slug(article: MockArticle) -> str:
    return re.sub("[^a-z0-9]+", "-", article.title.lower()).strip("-")


def _get_time(article: MockArticle, zone: timezone) -> datetime:
    return article.published_at.astimezone(zone).replace(second=0)


def _list_authors(article: MockArticle) -> tuple[str, ...]:
    """Return the authors that are persons; these sites name no desks."""
    names = (name for name in article.content.authors if name.isascii() and len(name.split()) == 2)
    return tuple(name for name in names if not name.startswith("Staff"))


def _list_paragraphs(article: MockArticle) -> list[str]:
    return [" ".join(text.split()) for text in article.content.paragraphs if len(text.split()) > 8]


def _build_post_path(article: MockArticle) -> str:
    stamp = _get_time(article, BERLIN)
    return f"/{article.section.folder.lower()}/{stamp:%Y/%m/%d}/{_build_slug(article)}-{article.web_id}"


def _render_post_front(site: MockSite, base: str) -> str:
    articles = _list_articles(site)[:FRONT_ARTICLES]
    cards = "\n".join(
        f'<div class="card"><a href="{_build_post_path(article)}"><h3>{escape(article.title)}</h3></a></div>'
        for article in articles
    )
    # The desks' pages need JavaScript.
    desks = "".join(f'<a href="/desk/{name}">{name.title()}</a>' for name in ("world", "science", "opinion"))
    return _render_page(
        f"{POST} | News from the waterfront",
        f'<link rel="alternate" type="application/rss+xml" title="All" href="{base}/feeds/all.rss">'
        f'<meta property="og:site_name" content="{POST}">',
        f'<nav>{desks}<a href="/about">About us</a></nav>\n<div class="cards">\n{cards}\n</div>',
    )


def _render_post_desk(_site: MockSite, _base: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>Desk</title></head>'
        '<body><div id="app"></div><script src="/app.js"></script></body></html>\n'
    )


def _render_post_article(article: MockArticle, base: str) -> str:
    stamp = _get_time(article, BERLIN)
    json_ld = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": stamp.isoformat(),
        "articleSection": article.section.label,
        "author": [{"@type": "Person", "name": name} for name in _list_authors(article)],
        "publisher": {"@type": "Organization", "name": POST},
        "mainEntityOfPage": base + _build_post_path(article),
    }
    by = (
        f'<p class="byline">By {escape(" and ".join(_list_authors(article)))}</p>'
        if _list_authors(article)
        else ""
    )
    text = "\n".join(f"<p>{escape(part)}</p>" for part in _list_paragraphs(article))
    return _render_page(
        f"{article.title} | {POST}",
        f'<script type="application/ld+json">{json.dumps(json_ld)}</script>'
        f'<meta property="og:site_name" content="{POST}">',
        '<nav><a href="/">Home</a><a href="/about">About us</a></nav>\n<article>\n'
        f"<h1>{escape(article.title)}</h1>\n{by}\n"
        f'<p><time datetime="{stamp.isoformat()}">{stamp:%d %B %Y, %H:%M}</time></p>\n'
        f'<div class="story-body">\n{text}\n</div>\n</article>\n'
        "<aside><h4>Most read</h4><p>What others have read, which no two visits show alike.</p></aside>",
    )


def _render_post_feed(site: MockSite, base: str) -> str:
    items = "".join(
        f"<item><title>{escape(article.title)}</title><link>{base}{_build_post_path(article)}</link>"
        f"<pubDate>{format_datetime(article.published_at)}</pubDate></item>"
        for article in _list_articles(site)[:FEED_ARTICLES]
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{POST}</title>'
        f"<link>{base}/</link><description>All</description>{items}</channel></rss>\n"
    )


def _build_gazette_path(article: MockArticle) -> str:
    return f"/story/{_build_slug(article)}-{article.web_id}.html"


def _render_gazette_front(site: MockSite, base: str) -> str:
    items = "\n".join(
        f'<li><h2><a href="{base}{_build_gazette_path(article)}">{escape(article.title)}</a></h2>'
        f"<p>{escape(summarise(article))}</p></li>"
        for article in _list_articles(site)[:FRONT_ARTICLES]
    )
    return _render_page(
        f"{GAZETTE} - Home",
        "",
        f'<div id="menu"><a href="/">Home</a> <a href="/contact.html">Contact</a></div>\n'
        f'<ul id="latest">\n{items}\n</ul>',
    )


def _render_gazette_article(article: MockArticle, _base: str) -> str:
    stamp = _get_time(article, KOLKATA)
    names = ", ".join(_list_authors(article))
    metas = {
        "article:published_time": stamp.isoformat(),
        "og:title": article.title,
        "og:site_name": GAZETTE,
        "og:type": "article",
        "article:section": article.section.label,
    }
    head = "".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in metas.items()) + (
        f'<meta name="author" content="{escape(names)}">' if names else ""
    )
    text = "\n".join(f"<p>{escape(part)}</p>" for part in _list_paragraphs(article))
    line = (f"By {names} | " if names else "") + f"Published: {stamp:%b} {stamp.day}, {stamp:%Y %I:%M %p}"
    return _render_page(
        f"{article.title} - {GAZETTE}",
        head,
        f'<div id="menu"><a href="/">Home</a></div>\n<h1>{escape(article.title)}</h1>\n'
        f'<div class="meta">{escape(line)}</div>\n'
        f'<div id="text">\n{text}\n</div>\n'
        '<div class="more"><p>Read on: what the valley talks of this week, and what it forgot.</p></div>',
    )


def _render_gazette_sitemap(site: MockSite, base: str) -> str:
    entries = "".join(
        f"<url><loc>{base}{_build_gazette_path(article)}</loc><lastmod>{article.published_at.isoformat()}</lastmod></url>"
        for article in _list_articles(site)[:SITEMAP_ARTICLES]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>\n'
    )


def _render_post_robots(_site: MockSite, _base: str) -> str:
    return "User-agent: *\nDisallow: /login\n"


def _render_gazette_robots(_site: MockSite, base: str) -> str:
    return f"User-agent: *\nAllow: /\nSitemap: {base}/maps/stories.xml\n"


def _render_page(title: str, head: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{head}"
        f"</head>\n<body>\n{body}\n<footer><p>Copyright of a site that was made for tests.</p></footer>\n"
        "</body></html>\n"
    )


RenderPage = Callable[[MockSite, str], str]
_SITES: dict[
    Layout,
    tuple[
        RenderPage,
        Callable[[MockArticle, str], str],
        Callable[[MockArticle], str],
        dict[str, tuple[str, RenderPage]],
    ],
] = {
    "json-ld": (
        _render_post_front,
        _render_post_article,
        _build_post_path,
        {
            "/feeds/all.rss": (XML, _render_post_feed),
            "/robots.txt": (TEXT, _render_post_robots),
            "/desk/world": (HTML, _render_post_desk),
            "/desk/science": (HTML, _render_post_desk),
            "/desk/opinion": (HTML, _render_post_desk),
        },
    ),
    "meta-tags": (
        _render_gazette_front,
        _render_gazette_article,
        _build_gazette_path,
        {"/maps/stories.xml": (XML, _render_gazette_sitemap), "/robots.txt": (TEXT, _render_gazette_robots)},
    ),
}
