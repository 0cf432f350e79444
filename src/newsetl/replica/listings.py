"""Index, listings, sitemap, robots.txt and search service of the mock site."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from newsetl.replica.article_pages import (
    FOOTER,
    escape_html,
    render_aside,
    render_frame,
    render_navigation,
    summarise,
)
from newsetl.replica.channel import MockSite
from newsetl.replica.line_formats import NAME, SECTIONS, Section
from newsetl.replica.story import MockArticle, collapse_whitespace

ROWS, PAGES = 16, 10
SITEMAP_URLS = 200
SEARCH_ROWS = 20


def render_index(site: MockSite, base: str) -> str:
    """Render the front page: sections and newest headlines."""
    items = "\n".join(
        f'<li><a href="{base}{article.paths[0]}">{escape_html(article.printed_title)}</a></li>'
        for article in site.list_newest(12)
    )
    aside = render_aside(site.unlisted_articles, base)
    body = f'{render_navigation()}\n<div class="focus"><ul>\n{items}\n</ul></div>\n{aside}\n{FOOTER}'
    return render_frame("EnglishChannel", body)


def render_listing(site: MockSite, section: Section, page: int, base: str) -> str | None:
    """Render one page of a section's listing, newest first, or return None for a missing page."""
    articles = site.list_newest(ROWS * PAGES, section)
    pages = max(1, -(-len(articles) // ROWS))
    if not 1 <= page <= pages:
        return None
    rows = "\n".join(_render_row(article, base) for article in articles[ROWS * (page - 1) : ROWS * page])
    body = f"""{render_navigation()}
{_render_breadcrumb(section)}
<div class="f_lieb_list">
{rows}
</div>
<ul pages="{pages}" current="{page}" class="pages">
{_render_page_links(section, page, pages)}
</ul>
{render_aside(site.unlisted_articles, base)}
{FOOTER}"""
    return render_frame(section.label, body)


def _render_breadcrumb(section: Section) -> str:
    home = '<a href="/web/English/index.html">EnglishChannel</a>'
    return f'<div class="breadcrumb">position: {home} &gt; {escape_html(section.label)}</div>'


def _render_row(article: MockArticle, base: str) -> str:
    # The listing service has a time one second after the article's.
    stamp = article.published_at + timedelta(seconds=article.number % 3 == 0)
    lead = escape_html(summarise(article)) if article.number % 4 == 0 else ""
    pictures = article.content.pictures
    picture = base + pictures[0].path if pictures else ""
    source = escape_html(article.content.line.source or NAME)
    return f"""<dl>
<h3><a href="{base}{article.paths[0]}" target="_blank">{escape_html(article.printed_title)}</a></h3>
<dt><a href="{base}{article.paths[0]}"><img src="{picture}"></a></dt>
<dd><div class="wenzi_box"><p>{lead}</p></div>
<div class="sourthTime"><span>{source}</span><i>|</i><span>{stamp:%Y-%m-%d %H:%M:%S}</span></div></dd>
</dl>"""


def _render_page_links(section: Section, page: int, pages: int) -> str:
    def build_path(number: int) -> str:
        return f"/web/English/node_{section.node}{f'_{number}' if number > 1 else ''}.html"

    links = [
        f'<li class="page{" active" if number == page else ""}">'
        f'<a href="{build_path(number)}">{number}</a></li>'
        for number in range(1, pages + 1)
    ]
    if page < pages:
        links.append(f'<li class="page-next"><a href="{build_path(page + 1)}">下一页</a></li>')
    return "\n".join(links)


def render_old_listing(site: MockSite, section: Section, base: str) -> str:
    """Render a section's listing on the old template: articles with an old URL, without dates."""
    items = "\n".join(
        f'<li>• <a href="{base}{article.paths[-1]}">{escape_html(article.printed_title)}</a>'
        f"<p>{escape_html(summarise(article))}</p></li>"
        for article in site.list_newest(ROWS * PAGES, section, is_old=True)
    )
    rows = f'<div class="dete"><ul>\n{items}\n</ul></div>'
    aside = render_aside(site.unlisted_articles, base)
    body = f"{render_navigation()}\n{_render_breadcrumb(section)}\n{rows}\n{aside}\n{FOOTER}"
    return render_frame(section.label, body, script="")


def render_sitemap(site: MockSite, base: str) -> str:
    """Render a sitemap of the newest URLs, both the current and the old ones."""
    urls = [(base + path, article) for article in site.list_newest(SITEMAP_URLS) for path in article.paths][
        :SITEMAP_URLS
    ]
    items = "\n".join(
        f"<url><loc>{escape(url)}</loc><lastmod>{article.published_at.isoformat()}</lastmod></url>"
        for url, article in urls
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{items}\n</urlset>\n"
    )


def render_robots(base: str) -> str:
    """Render a robots.txt that disallows /admin/ only."""
    return f"User-agent: *\nDisallow: /admin/\nAllow: /\n\nSitemap: {base}/sitemap.xml\n"


def render_search(site: MockSite, form: dict[str, str], base: str) -> str:
    """Render one page of search results as JSON, newest first unless `sort` ends in asc.

    `title`, `content` and `q` (either) each narrow the result; an empty keyword matches everything.
    Raise ValueError for an invalid number or date.
    """
    first, last = (
        date.fromisoformat(value) if (value := form.get(key)) else None for key in ("startDate", "endDate")
    )
    matching = [article for article in site.iterate_between(first, last) if _matches_search(article, form)]
    if form.get("sort", "").endswith("asc"):
        matching.reverse()
    size = int(form.get("pageSize") or SEARCH_ROWS)
    start = size * int(form.get("pageNo") or 0)
    return json.dumps(
        {"foundNum": len(matching), "article": _build_hits(matching[start : start + size], base)},
        ensure_ascii=False,
    )


def _matches_search(article: MockArticle, form: dict[str, str]) -> bool:
    if (node := form.get("nodeID")) and node != str(article.section.node):
        return False
    title, content, either = (
        collapse_whitespace(form.get(key, "")).casefold() for key in ("title", "content", "q")
    )
    if not (title or content or either):
        return True
    headline = article.title.casefold()
    if title not in headline:
        return False
    if not (content or either):
        return True
    text = collapse_whitespace(" ".join(article.content.paragraphs)).casefold()
    return content in text and (either in headline or either in text)


def _build_hits(articles: Sequence[MockArticle], base: str) -> list[dict[str, str]]:
    return [
        {
            "title": article.printed_title,
            "url": base + article.paths[0],
            "date": f"{article.published_at:%Y-%m-%d %H:%M:%S}",
            "sourcename": article.content.line.source,
            "enpcontent": summarise(article),
        }
        for article in articles
    ]


def find_section(name: str) -> Section | None:
    """Return the section with this folder or node number, or None."""
    return next((section for section in SECTIONS if name in {section.folder, str(section.node)}), None)
