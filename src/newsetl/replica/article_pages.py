"""Article pages on the old and the current template, the soft 404 and the removed page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import chain

from newsetl.replica.line_formats import SECTIONS
from newsetl.replica.story import Content, MockArticle, Picture

SOFT_404_SIZE, REMOVED_SIZE = 15175, 3072
TOP_NEWS = 4
# Every current page has the WAF's script; the script alone does not mean a block.
WAF_SCRIPT = (
    '<script src="/_fec_sbu/fec_wrapper.js"></script><script src="/_fec_sbu/hxk_fec_5c1e.js"></script>'
)
OTHER_LINKS = (
    ("/web/gdxw/node_324.html", "中文"),
    ("/web/video/index.html", "Video"),
    ("/paper/ywtk/index.html", "Newspaper"),
    ("/web/English/about.html", "About Us"),
)


def escape_html(text: str) -> str:
    """Escape text as HTML, with no-break spaces as entities."""
    return escape(text, quote=True).replace("\xa0", "&nbsp;")


def render_navigation() -> str:
    """Render the navigation of every page: sections, one old listing, and links to other pages."""
    sections = [(f"/web/English/node_{section.node}.html", section.label) for section in SECTIONS]
    links = [*sections, ("/English/Service/common_list.shtml", "Experts in China (earlier)"), *OTHER_LINKS]
    items = "\n".join(f'<li><a href="{path}">{escape_html(label)}</a></li>' for path, label in links)
    home = '<a href="/web/English/index.html">EnglishChannel</a>'
    return f'<div class="header">{home}\n<ul class="nav">\n{items}\n</ul></div>'


def render_aside(old: Sequence[MockArticle], base: str) -> str:
    """Render the sidebar, whose articles are months or years old."""
    half = len(old) // 2
    boxes = [
        f'<div class="{name}">\n<ul class="list_zt">\n'
        + "\n".join(
            f'<li><a href="{base}{article.paths[0]}">{escape_html(article.printed_title)}</a> '
            f"<em>{article.published_at:%Y-%m-%d}</em></li>"
            for article in part
        )
        + "\n</ul></div>"
        for name, part in (("right_one", old[:half]), ("right_sp", old[half:]))
    ]
    return f'<div class="aside">\n{"".join(boxes)}\n</div>'


FOOTER = """<div class="footer"><p>About Us | Contact Us | Advertise</p>
<p>Copyright &copy; The Replica, a small channel made for tests. All rights reserved.</p></div>"""


def render_frame(title: str, body: str, *, script: str = WAF_SCRIPT) -> str:
    """Render a page; its title is surrounded by tabs and line ends."""
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n{script}\n<meta charset="UTF-8">\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        '<meta name="copyright" content="The Replica">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>\n\t\t\t{escape_html(title)}\n\t\t</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def render_article(
    article: MockArticle,
    path: str,
    base: str,
    top: Sequence[MockArticle],
    variant: int,
    unlisted: Sequence[MockArticle],
    *,
    has_new_layout: bool = False,
) -> str:
    """Render the article's page at one of its paths; `top` and `variant` choose the Top News."""
    content = _change_layout(article.content) if has_new_layout else article.content
    suffix = " - 中国科技网" if article.number % 6 == 4 else ""
    tail = f"{_render_top_news(top, variant, base)}\n{render_aside(unlisted, base)}\n{FOOTER}"
    if path.startswith("/web/"):
        body = f"{render_navigation()}\n{_render_current(article, content, base)}\n{tail}"
        return render_frame(article.printed_title + suffix, body)
    body = f"{render_navigation()}\n{_render_old(article, content)}\n{tail}"
    return render_frame(article.printed_title + suffix, body, script="")


def _change_layout(content: Content) -> Content:
    """Return the content with other editor labels."""
    return content._replace(
        line=content.line._replace(edited=content.line.edited.replace("Edited", "Put on the page")),
        editor=content.editor.replace("Editor", "On duty"),
    )


def _render_current(article: MockArticle, content: Content, base: str) -> str:
    section, number, title = article.section, article.web_id, escape_html(article.printed_title)
    gap = "" if article.number % 3 == 1 else " "
    editor = (
        ""
        if content.is_editor_inside
        else f'<div class="text-right editor">{escape_html(content.editor)}</div>'
    )
    metadata = _render_metadata(article, content, "f_qsource")
    return f"""<script src="/static/foundermbduba.js"></script>
<input type="hidden" id="DocIDforCount" value="{number}"><script>const articleId = "{number}";</script>
<ol class="breadcrumb">position: <a href="/web/English/index.html">EnglishChannel</a>  &gt; \
<a href="/web/English/node_{section.node}.html">{escape_html(section.label)}</a>{gap}&gt; {title}</ol>
<div class="articleHead"><h1>{title}</h1>
<div class="time1">{metadata} <span class="clickCount"></span></div></div>
<div id="printContent" class="pages_content"><div class="content">
<div class="videoBox" style="display:none"></div>
<!--enpcontent-->
{_render_body(article, content, base, '<p style="text-indent: 2em;">', '<p style="text-align: center;">')}
<!--/enpcontent--><!--enpproperty {_render_record(article, content, base)}/enpproperty-->
</div></div>
{editor}
<div class="related" style="display:none"></div><div id="commentDiv"></div>"""


def _render_old(article: MockArticle, content: Content) -> str:
    folder, label = article.section.folder, article.section.label
    crumb = f'position: <a href="/English/index.shtml">EnglishChannel</a> &gt; \
<a href="/English/{folder}/common_list.shtml">{escape_html(label)}</a> &gt; Article'
    if content.line.is_lower:
        crumb = crumb.replace("EnglishChannel", "englishchannel").replace("Article", "article")
        crumb = crumb.replace(f">{escape_html(label)}<", f">{escape_html(label.lower())}<")
    editor = "" if content.is_editor_inside else f'<p class="editor">{escape_html(content.editor)}</p>'
    return f"""<div class="position">{crumb}</div>
<div class="aticleHead"><h1>{escape_html(article.printed_title)}</h1>
<div class="time hidden-xs">{_render_metadata(article, content, "f_label")}</div></div>
<div class="content">
{_render_body(article, content, "", "<p>", '<p align="center">')}
{editor}
</div>"""


def _render_metadata(article: MockArticle, content: Content, label_class: str) -> str:
    line = content.line
    source, author = ("source", "author") if line.is_lower else ("Source", "Author")
    return (
        f'<span class="{label_class}">{source}{line.colon}</span>'
        f'<span class="f_source">{escape_html(line.source)}</span> | '
        f"{article.published_at:%Y-%m-%d %H:%M:%S} | "
        f'{author}{line.colon}<span class="f_author">{escape_html(line.author)}</span>'
    )


def _render_body(article: MockArticle, content: Content, base: str, text: str, center: str) -> str:
    """Render the paragraphs in page order; a second picture follows the first two of them."""
    line = content.line
    name_lines = [f"{text}{escape_html(printed)}</p>" for printed in (line.by, line.edited) if printed]
    pictures = [_render_picture(picture, base, center) for picture in content.pictures]
    open_, close = ("<span>", "</span>") if article.number % 4 == 1 else ("", "")
    paragraphs = [f"{text}{open_}{escape_html(paragraph)}{close}</p>" for paragraph in content.paragraphs]
    paragraphs[2:2] = chain.from_iterable(pictures[1:])
    first = list(chain.from_iterable(pictures[:1]))
    head = name_lines + first if line.is_by_first else first + name_lines
    last = [f"{text}{escape_html(content.editor)}</p>"] if content.is_editor_inside and content.editor else []
    return "\n".join([*head, *paragraphs, *last])


def _render_picture(picture: Picture, base: str, center: str) -> list[str]:
    path, printed, is_attribute = picture.path, picture.printed, picture.is_attribute
    name = path.rpartition("/")[2]
    image = (
        f'{center}<img class="picture-illustrating" topic="{name}" '
        f'data-original-title="{escape_html(printed) if is_attribute else ""}" src="{base}{path}"></p>'
    )
    return [image] if is_attribute or not printed else [image, f"{center}{escape_html(printed)}</p>"]


def _render_record(article: MockArticle, content: Content, base: str) -> str:
    """Render the CMS's record of the article, with a colon before the milliseconds and with nulls."""
    title = f"<p>{article.printed_title}</p>" if article.number % 9 == 4 else article.printed_title
    stamp = f"{article.published_at:%Y-%m-%d %H:%M:%S}:{article.number * 7 % 1000:03}"
    picture = base + content.pictures[0].path if content.pictures else ""
    fields = {
        "articleid": article.web_id, "date": stamp, "author": content.line.author, "title": title,
        "keyword": None, "subtitle": None, "introtitle": None, "siteid": 1, "nodeid": article.section.node,
        "nodename": article.section.label, "nodesearchname": "", "picurl": picture, "picbig": None,
        "url": base + article.paths[0], "urlpad": "null", "sourcename": content.line.source, "abstract": None,
        "channel": 1, "journalist": None, "type": 0, "countPic": len(content.pictures),
        "liability": None, "tag": None,
    }  # fmt: skip
    return "".join(
        f"<{key}/>" if value is None else f"<{key}>{value}</{key}>" for key, value in fields.items()
    )


def _render_top_news(top: Sequence[MockArticle], variant: int, base: str) -> str:
    """Render the Top News, which change per request; the first item often has no title."""
    items = []
    for index in range(min(TOP_NEWS, len(top))):
        article = top[(variant + index) % len(top)]
        teaser = f"<p>{escape_html(summarise(article))}</p>"
        link = f'<a href="{base}{article.paths[0]}">{escape_html(article.printed_title)}</a>'
        items.append(f"<li>• {teaser}</li>" if index == 0 and variant % 3 else f"<li>{link}{teaser}</li>")
    return '<div class="topnews"><h4>Top News</h4>\n<ul>\n' + "\n".join(items) + "\n</ul></div>"


def summarise(article: MockArticle) -> str:
    """Return the first paragraph with a full sentence, cut at a blank."""
    paragraphs = article.content.paragraphs
    lead = next((text for text in paragraphs if text.endswith((".", "”"))), paragraphs[0])
    return lead if len(lead) <= 140 else lead[:140].rpartition(" ")[0] + " ..."


def render_soft_404() -> bytes:
    """Render the page for an unknown URL: status 200, always the same size."""
    words = '<div class="error"><p>您访问的页面不存在</p><p>The page is gone or was never here.</p></div>'
    body = f"{render_navigation()}\n{words}\n{FOOTER}"
    return _pad(render_frame("页面不存在", body), SOFT_404_SIZE)


def render_removed() -> bytes:
    """Render the stub of a removed article."""
    body = f'{render_navigation()}\n<div class="gj"><p>稿件已下线</p></div>\n{FOOTER}'
    return _pad(render_frame("稿件详情", body), REMOVED_SIZE)


def _pad(page: str, size: int) -> bytes:
    blanks = " " * (size - len(page.encode()) - len("<!---->"))
    return page.replace("</body>", f"<!--{blanks}--></body>").encode()
