"""The channel's stories on sites that are built otherwise: one that states all in JSON-LD, one in meta tags.

Neither has a metadata line of the channel's kind, its addresses, or its listings.
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
# The Post's clock, and the Gazette's.
BERLIN, KOLKATA = timezone(timedelta(hours=2)), timezone(timedelta(hours=5, minutes=30))
FRONT_ARTICLES, FEED_ARTICLES, SITEMAP_ARTICLES = 14, 30, 200


def build_response(layout: Layout, channel: MockSite, base: str, path: str) -> MockResponse | None:
    """What the site answers; None for what it has not."""
    front, article, path_of, others = _SITES[layout]
    if path == "/":
        return MockResponse(front(channel, base).encode())
    if path in others:
        kind, page = others[path]
        return MockResponse(page(channel, base).encode(), kind)
    story = next((each for each in _list_articles(channel) if path_of(each) == path), None)
    return MockResponse(article(story, base).encode()) if story else None


def build_expected(layout: Layout, story: MockArticle) -> dict[str, object]:
    """What a person reads on the story's page there."""
    stamp = _stamp(story, BERLIN if layout == "json-ld" else KOLKATA)
    return {
        "title": story.title,
        "published_at": stamp.isoformat(),
        "authors": list(_authors(story)),
        "text": "\n\n".join(_paragraphs(story)),
    }


def path_of(layout: Layout, story: MockArticle) -> str:
    """The story's path on the site."""
    return _SITES[layout][2](story)


def _list_articles(channel: MockSite) -> list[MockArticle]:
    return [
        story for story in reversed(channel.listed_articles) if not story.rejected and not story.is_review
    ]


def _slug(story: MockArticle) -> str:
    return re.sub("[^a-z0-9]+", "-", story.title.lower()).strip("-")


def _stamp(story: MockArticle, clock: timezone) -> datetime:
    return story.published_at.astimezone(clock).replace(second=0)


def _authors(story: MockArticle) -> tuple[str, ...]:
    """Persons alone: a site that states its authors states no desks."""
    names = (name for name in story.content.authors if name.isascii() and len(name.split()) == 2)
    return tuple(name for name in names if not name.startswith("Staff"))


def _paragraphs(story: MockArticle) -> list[str]:
    return [" ".join(text.split()) for text in story.content.paragraphs if len(text.split()) > 8]


def _post_path(story: MockArticle) -> str:
    stamp = _stamp(story, BERLIN)
    return f"/{story.section.folder.lower()}/{stamp:%Y/%m/%d}/{_slug(story)}-{story.web_id}"


def _post_front(channel: MockSite, base: str) -> str:
    stories = _list_articles(channel)[:FRONT_ARTICLES]
    cards = "\n".join(
        f'<div class="card"><a href="{_post_path(story)}"><h3>{escape(story.title)}</h3></a></div>'
        for story in stories
    )
    # The desks' pages are filled by a script.
    desks = "".join(f'<a href="/desk/{name}">{name.title()}</a>' for name in ("world", "science", "opinion"))
    return _page(
        f"{POST} | News from the waterfront",
        f'<link rel="alternate" type="application/rss+xml" title="All" href="{base}/feeds/all.rss">'
        f'<meta property="og:site_name" content="{POST}">',
        f'<nav>{desks}<a href="/about">About us</a></nav>\n<div class="cards">\n{cards}\n</div>',
    )


def _post_desk(_channel: MockSite, _base: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>Desk</title></head>'
        '<body><div id="app"></div><script src="/app.js"></script></body></html>\n'
    )


def _post_article(story: MockArticle, base: str) -> str:
    stamp = _stamp(story, BERLIN)
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": stamp.isoformat(),
        "articleSection": story.section.label,
        "author": [{"@type": "Person", "name": name} for name in _authors(story)],
        "publisher": {"@type": "Organization", "name": POST},
        "mainEntityOfPage": base + _post_path(story),
    }
    by = f'<p class="byline">By {escape(" and ".join(_authors(story)))}</p>' if _authors(story) else ""
    text = "\n".join(f"<p>{escape(part)}</p>" for part in _paragraphs(story))
    return _page(
        f"{story.title} | {POST}",
        f'<script type="application/ld+json">{json.dumps(said)}</script>'
        f'<meta property="og:site_name" content="{POST}">',
        '<nav><a href="/">Home</a><a href="/about">About us</a></nav>\n<article>\n'
        f"<h1>{escape(story.title)}</h1>\n{by}\n"
        f'<p><time datetime="{stamp.isoformat()}">{stamp:%d %B %Y, %H:%M}</time></p>\n'
        f'<div class="story-body">\n{text}\n</div>\n</article>\n'
        "<aside><h4>Most read</h4><p>What others have read, which no two visits show alike.</p></aside>",
    )


def _post_feed(channel: MockSite, base: str) -> str:
    items = "".join(
        f"<item><title>{escape(story.title)}</title><link>{base}{_post_path(story)}</link>"
        f"<pubDate>{format_datetime(story.published_at)}</pubDate></item>"
        for story in _list_articles(channel)[:FEED_ARTICLES]
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{POST}</title>'
        f"<link>{base}/</link><description>All</description>{items}</channel></rss>\n"
    )


def _gazette_path(story: MockArticle) -> str:
    return f"/story/{_slug(story)}-{story.web_id}.html"


def _gazette_front(channel: MockSite, base: str) -> str:
    items = "\n".join(
        f'<li><h2><a href="{base}{_gazette_path(story)}">{escape(story.title)}</a></h2>'
        f"<p>{escape(summarise(story))}</p></li>"
        for story in _list_articles(channel)[:FRONT_ARTICLES]
    )
    return _page(
        f"{GAZETTE} - Home",
        "",
        f'<div id="menu"><a href="/">Home</a> <a href="/contact.html">Contact</a></div>\n'
        f'<ul id="latest">\n{items}\n</ul>',
    )


def _gazette_article(story: MockArticle, _base: str) -> str:
    stamp = _stamp(story, KOLKATA)
    names = ", ".join(_authors(story))
    metas = {
        "article:published_time": stamp.isoformat(),
        "og:title": story.title,
        "og:site_name": GAZETTE,
        "og:type": "article",
        "article:section": story.section.label,
    }
    head = "".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in metas.items()) + (
        f'<meta name="author" content="{escape(names)}">' if names else ""
    )
    text = "\n".join(f"<p>{escape(part)}</p>" for part in _paragraphs(story))
    line = (f"By {names} | " if names else "") + f"Published: {stamp:%b} {stamp.day}, {stamp:%Y %I:%M %p}"
    return _page(
        f"{story.title} - {GAZETTE}",
        head,
        f'<div id="menu"><a href="/">Home</a></div>\n<h1>{escape(story.title)}</h1>\n'
        f'<div class="meta">{escape(line)}</div>\n'
        f'<div id="text">\n{text}\n</div>\n'
        '<div class="more"><p>Read on: what the valley talks of this week, and what it forgot.</p></div>',
    )


def _gazette_sitemap(channel: MockSite, base: str) -> str:
    entries = "".join(
        f"<url><loc>{base}{_gazette_path(story)}</loc><lastmod>{story.published_at.isoformat()}</lastmod></url>"
        for story in _list_articles(channel)[:SITEMAP_ARTICLES]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>\n'
    )


def _post_robots(_channel: MockSite, _base: str) -> str:
    return "User-agent: *\nDisallow: /login\n"


def _gazette_robots(_channel: MockSite, base: str) -> str:
    return f"User-agent: *\nAllow: /\nSitemap: {base}/maps/stories.xml\n"


def _page(title: str, head: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>{head}"
        f"</head>\n<body>\n{body}\n<footer><p>Copyright of a site that was made for tests.</p></footer>\n"
        "</body></html>\n"
    )


Page = Callable[[MockSite, str], str]
_SITES: dict[
    Layout,
    tuple[Page, Callable[[MockArticle, str], str], Callable[[MockArticle], str], dict[str, tuple[str, Page]]],
] = {
    "json-ld": (
        _post_front,
        _post_article,
        _post_path,
        {
            "/feeds/all.rss": (XML, _post_feed),
            "/robots.txt": (TEXT, _post_robots),
            "/desk/world": (HTML, _post_desk),
            "/desk/science": (HTML, _post_desk),
            "/desk/opinion": (HTML, _post_desk),
        },
    ),
    "meta-tags": (
        _gazette_front,
        _gazette_article,
        _gazette_path,
        {"/maps/stories.xml": (XML, _gazette_sitemap), "/robots.txt": (TEXT, _gazette_robots)},
    ),
}
