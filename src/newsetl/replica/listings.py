"""What announces articles: index, listings, sitemap, robots and the search service."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from newsetl.replica.article_pages import FOOTER, aside, frame, ink, nav, summary
from newsetl.replica.channel import Channel
from newsetl.replica.line_formats import NAME, SECTIONS, Section
from newsetl.replica.story import Story, single

ROWS, PAGES = 16, 10
SITEMAP_URLS = 200
SEARCH_ROWS = 20


def index(channel: Channel, base: str) -> str:
    """The front page: the sections and the newest headlines."""
    items = "\n".join(
        f'<li><a href="{base}{story.paths[0]}">{ink(story.printed_title)}</a></li>'
        for story in channel.newest(12)
    )
    body = f'{nav()}\n<div class="focus"><ul>\n{items}\n</ul></div>\n{aside(channel.attic, base)}\n{FOOTER}'
    return frame("EnglishChannel", body)


def listing(channel: Channel, section: Section, page: int, base: str) -> str | None:
    """One page of a section, newest first; None for a page that the section has not."""
    stories = channel.newest(ROWS * PAGES, section)
    pages = max(1, -(-len(stories) // ROWS))
    if not 1 <= page <= pages:
        return None
    rows = "\n".join(_row(story, base) for story in stories[ROWS * (page - 1) : ROWS * page])
    body = f"""{nav()}
{_position(section)}
<div class="f_lieb_list">
{rows}
</div>
<ul pages="{pages}" current="{page}" class="pages">
{_pages(section, page, pages)}
</ul>
{aside(channel.attic, base)}
{FOOTER}"""
    return frame(section.label, body)


def _position(section: Section) -> str:
    home = '<a href="/web/English/index.html">EnglishChannel</a>'
    return f'<div class="breadcrumb">position: {home} &gt; {ink(section.label)}</div>'


def _row(story: Story, base: str) -> str:
    # The service that writes the list stamps it a moment after the article.
    stamp = story.published_at + timedelta(seconds=story.number % 3 == 0)
    lead = ink(summary(story)) if story.number % 4 == 0 else ""
    pictures = story.content.pictures
    picture = base + pictures[0].path if pictures else ""
    source = ink(story.content.line.source or NAME)
    return f"""<dl>
<h3><a href="{base}{story.paths[0]}" target="_blank">{ink(story.printed_title)}</a></h3>
<dt><a href="{base}{story.paths[0]}"><img src="{picture}"></a></dt>
<dd><div class="wenzi_box"><p>{lead}</p></div>
<div class="sourthTime"><span>{source}</span><i>|</i><span>{stamp:%Y-%m-%d %H:%M:%S}</span></div></dd>
</dl>"""


def _pages(section: Section, page: int, pages: int) -> str:
    def path(number: int) -> str:
        return f"/web/English/node_{section.node}{f'_{number}' if number > 1 else ''}.html"

    links = [
        f'<li class="page{" active" if number == page else ""}"><a href="{path(number)}">{number}</a></li>'
        for number in range(1, pages + 1)
    ]
    if page < pages:
        links.append(f'<li class="page-next"><a href="{path(page + 1)}">下一页</a></li>')
    return "\n".join(links)


def old_listing(channel: Channel, section: Section, base: str) -> str:
    """A section's list on the old template: titles and summaries of what has an old address, no dates."""
    items = "\n".join(
        f'<li>• <a href="{base}{story.paths[-1]}">{ink(story.printed_title)}</a>'
        f"<p>{ink(summary(story))}</p></li>"
        for story in channel.newest(ROWS * PAGES, section, is_old=True)
    )
    rows = f'<div class="dete"><ul>\n{items}\n</ul></div>'
    body = f"{nav()}\n{_position(section)}\n{rows}\n{aside(channel.attic, base)}\n{FOOTER}"
    return frame(section.label, body, script="")


def sitemap(channel: Channel, base: str) -> str:
    """The newest addresses, an article's old one beside its current one."""
    urls = [(base + path, story) for story in channel.newest(SITEMAP_URLS) for path in story.paths][
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


def robots(base: str) -> str:
    """Everything but the editors' rooms is open."""
    return f"User-agent: *\nDisallow: /admin/\nAllow: /\n\nSitemap: {base}/sitemap.xml\n"


def search(channel: Channel, form: dict[str, str], base: str) -> str:
    """One page of the search service's answer, newest first unless `sort` says asc.

    `title`, `content` and `q` (either) each narrow the result; an empty keyword finds everything.
    Raises ValueError for a number or a date that cannot be read.
    """
    first, last = (
        date.fromisoformat(value) if (value := form.get(key)) else None for key in ("startDate", "endDate")
    )
    found = [story for story in channel.between(first, last) if _fits(story, form)]
    if form.get("sort", "").endswith("asc"):
        found.reverse()
    size = int(form.get("pageSize") or SEARCH_ROWS)
    start = size * int(form.get("pageNo") or 0)
    return json.dumps(
        {"foundNum": len(found), "article": _hits(found[start : start + size], base)}, ensure_ascii=False
    )


def _fits(story: Story, form: dict[str, str]) -> bool:
    if (node := form.get("nodeID")) and node != str(story.section.node):
        return False
    title, content, either = (single(form.get(key, "")).casefold() for key in ("title", "content", "q"))
    if not (title or content or either):
        return True
    head = story.title.casefold()
    if title not in head:
        return False
    if not (content or either):
        return True
    text = single(" ".join(story.content.paragraphs)).casefold()
    return content in text and (either in head or either in text)


def _hits(stories: Sequence[Story], base: str) -> list[dict[str, str]]:
    return [
        {
            "title": story.printed_title,
            "url": base + story.paths[0],
            "date": f"{story.published_at:%Y-%m-%d %H:%M:%S}",
            "sourcename": story.content.line.source,
            "enpcontent": summary(story),
        }
        for story in stories
    ]


def section_of(name: str) -> Section | None:
    """The section with this folder or node number."""
    return next((section for section in SECTIONS if name in {section.folder, str(section.node)}), None)
