"""RSS and Atom feeds and a Google News sitemap of the mock site."""

from __future__ import annotations

from email.utils import format_datetime
from html import escape

from newsetl.replica.article_pages import summarise
from newsetl.replica.channel import MockSite

ENTRIES = 50
NEWS_DAYS = 2


def render_rss(site: MockSite, base: str) -> str:
    """Render the newest articles as RSS 2.0."""
    items = "\n".join(
        f"<item><title>{escape(article.title)}</title><link>{base}{article.paths[0]}</link>"
        f'<guid isPermaLink="false">{article.hash}</guid><category>{escape(article.section.label)}</category>'
        f"<description>{escape(summarise(article))}</description>"
        f"<pubDate>{format_datetime(article.published_at)}</pubDate></item>"
        for article in site.list_newest(ENTRIES)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>The Replica</title>'
        f"<link>{base}/web/English/index.html</link><description>News</description>\n{items}\n</channel></rss>\n"
    )


def render_atom(site: MockSite, base: str) -> str:
    """Render the newest articles as Atom, each with two links."""
    entries = "\n".join(
        f"<entry><id>urn:replica:{article.hash}</id><title>{escape(article.title)}</title>"
        f'<link rel="enclosure" href="{base}/logo.gif"/><link rel="alternate" href="{article.paths[0]}"/>'
        f"<published>{article.published_at.isoformat()}</published>"
        f"<updated>{article.published_at.isoformat()}</updated></entry>"
        for article in site.list_newest(ENTRIES)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>The Replica'
        f"</title><id>{base}/</id><updated>{site.until}T08:00:00+08:00</updated>\n{entries}\n</feed>\n"
    )


def render_news_sitemap(site: MockSite, base: str) -> str:
    """Render the articles of the last two days; lastmod is later than the time of publication."""
    articles = [
        article
        for article in site.list_newest(1000)
        if (site.until - article.published_at.date()).days < NEWS_DAYS
    ]
    items = "\n".join(
        f"<url><loc>{base}{article.paths[0]}</loc><lastmod>{site.until}</lastmod><news:news><news:publication>"
        "<news:name>The Replica</news:name><news:language>en</news:language></news:publication>"
        f"<news:publication_date>{article.published_at.isoformat()}</news:publication_date>"
        f"<news:title>{escape(article.title)}</news:title></news:news></url>"
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{items}\n</urlset>\n'
    )
