"""What announces articles: index, listings, sitemap, robots and the search service."""

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


def render_index(channel: MockSite, base: str) -> str:
    """The front page: the sections and the newest headlines."""
    items = "\n".join(
        f'<li><a href="{base}{story.paths[0]}">{escape_html(story.printed_title)}</a></li>'
        for story in channel.list_newest(12)
    )
    aside = render_aside(channel.unlisted_articles, base)
    body = f'{render_navigation()}\n<div class="focus"><ul>\n{items}\n</ul></div>\n{aside}\n{FOOTER}'
    return render_frame("EnglishChannel", body)


def render_listing(channel: MockSite, section: Section, page: int, base: str) -> str | None:
    """One page of a section, newest first; None for a page that the section has not."""
    stories = channel.list_newest(ROWS * PAGES, section)
    pages = max(1, -(-len(stories) // ROWS))
    if not 1 <= page <= pages:
        return None
    rows = "\n".join(_render_row(story, base) for story in stories[ROWS * (page - 1) : ROWS * page])
    body = f"""{render_navigation()}
{_render_breadcrumb(section)}
<div class="f_lieb_list">
{rows}
</div>
<ul pages="{pages}" current="{page}" class="pages">
{_render_page_links(section, page, pages)}
</ul>
{render_aside(channel.unlisted_articles, base)}
{FOOTER}"""
    return render_frame(section.label, body)


def _render_breadcrumb(section: Section) -> str:
    home = '<a href="/web/English/index.html">EnglishChannel</a>'
    return f'<div class="breadcrumb">position: {home} &gt; {escape_html(section.label)}</div>'


def _render_row(story: MockArticle, base: str) -> str:
    # The service that writes the list stamps it a moment after the article.
    stamp = story.published_at + timedelta(seconds=story.number % 3 == 0)
    lead = escape_html(summarise(story)) if story.number % 4 == 0 else ""
    pictures = story.content.pictures
    picture = base + pictures[0].path if pictures else ""
    source = escape_html(story.content.line.source or NAME)
    return f"""<dl>
<h3><a href="{base}{story.paths[0]}" target="_blank">{escape_html(story.printed_title)}</a></h3>
<dt><a href="{base}{story.paths[0]}"><img src="{picture}"></a></dt>
<dd><div class="wenzi_box"><p>{lead}</p></div>
<div class="sourthTime"><span>{source}</span><i>|</i><span>{stamp:%Y-%m-%d %H:%M:%S}</span></div></dd>
</dl>"""


def _render_page_links(section: Section, page: int, pages: int) -> str:
    def path(number: int) -> str:
        return f"/web/English/node_{section.node}{f'_{number}' if number > 1 else ''}.html"

    links = [
        f'<li class="page{" active" if number == page else ""}"><a href="{path(number)}">{number}</a></li>'
        for number in range(1, pages + 1)
    ]
    if page < pages:
        links.append(f'<li class="page-next"><a href="{path(page + 1)}">下一页</a></li>')
    return "\n".join(links)


def render_old_listing(channel: MockSite, section: Section, base: str) -> str:
    """A section's list on the old template: titles and summaries of what has an old address, no dates."""
    items = "\n".join(
        f'<li>• <a href="{base}{story.paths[-1]}">{escape_html(story.printed_title)}</a>'
        f"<p>{escape_html(summarise(story))}</p></li>"
        for story in channel.list_newest(ROWS * PAGES, section, is_old=True)
    )
    rows = f'<div class="dete"><ul>\n{items}\n</ul></div>'
    aside = render_aside(channel.unlisted_articles, base)
    body = f"{render_navigation()}\n{_render_breadcrumb(section)}\n{rows}\n{aside}\n{FOOTER}"
    return render_frame(section.label, body, script="")


def render_sitemap(channel: MockSite, base: str) -> str:
    """The newest addresses, an article's old one beside its current one."""
    urls = [(base + path, story) for story in channel.list_newest(SITEMAP_URLS) for path in story.paths][
        :SITEMAP_URLS
    ]
    items = "\n".join(
        f"<url><loc>{escape(url)}</loc><lastmod>{story.published_at.isoformat()}</lastmod></url>"
        for url, story in urls
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{items}\n</urlset>\n"
    )


def render_robots(base: str) -> str:
    """Everything but the editors' rooms is open."""
    return f"User-agent: *\nDisallow: /admin/\nAllow: /\n\nSitemap: {base}/sitemap.xml\n"


def render_search(channel: MockSite, form: dict[str, str], base: str) -> str:
    """One page of the search service's answer, newest first unless `sort` says asc.

    `title`, `content` and `q` (either) each narrow the result; an empty keyword finds everything.
    Raises ValueError for a number or a date that cannot be read.
    """
    first, last = (
        date.fromisoformat(value) if (value := form.get(key)) else None for key in ("startDate", "endDate")
    )
    found = [story for story in channel.iterate_between(first, last) if _matches_search(story, form)]
    if form.get("sort", "").endswith("asc"):
        found.reverse()
    size = int(form.get("pageSize") or SEARCH_ROWS)
    start = size * int(form.get("pageNo") or 0)
    return json.dumps(
        {"foundNum": len(found), "article": _build_hits(found[start : start + size], base)},
        ensure_ascii=False,
    )


def _matches_search(story: MockArticle, form: dict[str, str]) -> bool:
    if (node := form.get("nodeID")) and node != str(story.section.node):
        return False
    title, content, either = (
        collapse_whitespace(form.get(key, "")).casefold() for key in ("title", "content", "q")
    )
    if not (title or content or either):
        return True
    head = story.title.casefold()
    if title not in head:
        return False
    if not (content or either):
        return True
    text = collapse_whitespace(" ".join(story.content.paragraphs)).casefold()
    return content in text and (either in head or either in text)


def _build_hits(stories: Sequence[MockArticle], base: str) -> list[dict[str, str]]:
    return [
        {
            "title": story.printed_title,
            "url": base + story.paths[0],
            "date": f"{story.published_at:%Y-%m-%d %H:%M:%S}",
            "sourcename": story.content.line.source,
            "enpcontent": summarise(story),
        }
        for story in stories
    ]


def find_section(name: str) -> Section | None:
    """The section with this folder or node number."""
    return next((section for section in SECTIONS if name in {section.folder, str(section.node)}), None)
