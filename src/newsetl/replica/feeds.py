"""What the channel would announce by feed, if it had any: RSS, Atom and a Google News sitemap."""

from __future__ import annotations

from email.utils import format_datetime
from html import escape

from newsetl.replica.article_pages import summarise
from newsetl.replica.channel import MockSite

ENTRIES = 50
NEWS_DAYS = 2


def render_rss(channel: MockSite, base: str) -> str:
    """The newest stories as RSS 2.0."""
    items = "\n".join(
        f"<item><title>{escape(story.title)}</title><link>{base}{story.paths[0]}</link>"
        f'<guid isPermaLink="false">{story.hash}</guid><category>{escape(story.section.label)}</category>'
        f"<description>{escape(summarise(story))}</description>"
        f"<pubDate>{format_datetime(story.published_at)}</pubDate></item>"
        for story in channel.list_newest(ENTRIES)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>The Replica</title>'
        f"<link>{base}/web/English/index.html</link><description>News</description>\n{items}\n</channel></rss>\n"
    )


def render_atom(channel: MockSite, base: str) -> str:
    """The newest stories as Atom, each with a link to itself among others."""
    entries = "\n".join(
        f"<entry><id>urn:replica:{story.hash}</id><title>{escape(story.title)}</title>"
        f'<link rel="enclosure" href="{base}/logo.gif"/><link rel="alternate" href="{story.paths[0]}"/>'
        f"<published>{story.published_at.isoformat()}</published>"
        f"<updated>{story.published_at.isoformat()}</updated></entry>"
        for story in channel.list_newest(ENTRIES)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>The Replica'
        f"</title><id>{base}/</id><updated>{channel.until}T08:00:00+08:00</updated>\n{entries}\n</feed>\n"
    )


def render_news_sitemap(channel: MockSite, base: str) -> str:
    """The stories of the last two days, with the time of publication; lastmod is later."""
    stories = [
        story
        for story in channel.list_newest(1000)
        if (channel.until - story.published_at.date()).days < NEWS_DAYS
    ]
    items = "\n".join(
        f"<url><loc>{base}{story.paths[0]}</loc><lastmod>{channel.until}</lastmod><news:news><news:publication>"
        "<news:name>The Replica</news:name><news:language>en</news:language></news:publication>"
        f"<news:publication_date>{story.published_at.isoformat()}</news:publication_date>"
        f"<news:title>{escape(story.title)}</news:title></news:news></url>"
        for story in stories
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{items}\n</urlset>\n'
    )
