"""What pages do to a reader: each case once cost an article a field."""

from dataclasses import replace

import pytest

from newsetl.model import Image, Teaser
from newsetl.parse.read_lines import read_lines
from tests.support.page_factory import STDAILY, article

TEXT = "Frost covered the wires for nine days, and the crews of three counties cleared them by hand."
MORE = "The fourth county sent its drones, which did the same in one."
CRUMB = "<div>position: EnglishChannel > News > Article</div>"
WEB_CRUMB = "<div>position: EnglishChannel  > News> Ice on the Long Wires</div>"
META = "<div>Source: Science and Technology Daily | 2023-02-03 09:00:01 | Author: XIE Wanning</div>"
BARE_META = "<div>Source: | 2023-02-03 09:00:01 | Author:</div>"
EDITOR = "<div>Editor: 谢晚宁</div>"
HEAD = "Ice on the Wires"
TITLE = f"<div>{HEAD}</div>"


def page(*parts: str) -> str:
    return f"<html><body><div><div>{''.join(parts)}</div></div></body></html>"


def text_of(*parts: str) -> list[str]:
    return article(page(*parts)).text.split("\n\n")


@pytest.mark.parametrize(
    ("after", "authors"),
    [
        ("<div>By DU Ruoxi</div>", ("DU Ruoxi",)),
        ("<div>By Staff Reporters</div>", ("Staff Reporters",)),
        ("<div>A kite above the dam. (PHOTO: VCG)</div>", ()),
        ("<div>Share: <a>Weibo</a> <a>WeChat</a></div>", ()),
        ("<div>Font size: A+ A-</div>", ()),
    ],
)
def test_an_empty_author_takes_nothing_that_follows(after: str, authors: tuple[str, ...]) -> None:
    found = article(page(CRUMB, TITLE, BARE_META, after, f"<p>{TEXT}</p>", EDITOR))
    assert (found.authors, found.text) == (authors, TEXT)


@pytest.mark.parametrize("nothing", ["\u200b", "\u200b<b>\u200b</b>"])
def test_a_picture_with_a_sign_that_nobody_sees_is_a_link(nothing: str) -> None:
    html = f"<html><body><a href=/u>{nothing}<img src=/i.jpg></a></body></html>"
    (line,) = read_lines(html, STDAILY.parse, "https://example.org/", is_whole=True).lines
    assert (line.is_link, line.href) == (True, "https://example.org/u")


@pytest.mark.parametrize("box", ["div", "td"])
def test_a_metadata_line_in_boxes_of_its_own(box: str) -> None:
    values = ("Source:", "科技日报", "|", "2023-02-03 09:00:01", "|", "Author:", "XIE Wanning and DU Ruoxi")
    line = "".join(f"<{box}>{value}</{box}>" for value in values)
    around = f"<table><tr>{line}</tr></table>" if box == "td" else f"<div>{line}</div>"
    found = article(page(CRUMB, TITLE, around, f"<p>{TEXT}</p>", EDITOR))
    assert (found.authors, found.text) == (("XIE Wanning", "DU Ruoxi"), TEXT)
    assert found.agency == "Science and Technology Daily"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (f"{CRUMB}<div>Ice on the<br>Long Wires</div>", "Ice on the Long Wires"),
        (f"{WEB_CRUMB}<div>My Winter</div><div>Ice on the<br>Long Wires</div>", "Ice on the Long Wires"),
        (f"{WEB_CRUMB}<div>My Winter</div><div>Ice on the Long Wires</div>", "Ice on the Long Wires"),
        (f"{CRUMB}<div>Ice on the Wires - 中国科技网</div>", "Ice on the Wires"),
        (f"<nav>position: EnglishChannel &gt; News &gt; Article</nav>{TITLE}", "Ice on the Wires"),
    ],
)
def test_headlines(head: str, title: str) -> None:
    found = article(page(head, META, f"<p>{TEXT}</p>", EDITOR))
    assert (found.title, found.section, found.text) == (title, "News", TEXT)


@pytest.mark.parametrize(
    "row",
    [
        "Views: 123",
        "Font Size: S M L",
        "Share: WeChat Weibo",
        "Print | Close",
        "【Large Medium Small】 Print",
        "打印",
    ],
)
def test_rows_of_tools_are_no_text(row: str) -> None:
    assert text_of(CRUMB, TITLE, META, f"<div>{row}</div>", f"<p>{TEXT}</p>", EDITOR) == [TEXT]


@pytest.mark.parametrize(
    "paragraph",
    [
        "By 2030, the county wants to bury half of the wires.",
        "By the Numbers",
        "Source: field notes of the second crew, which kept them dry.",
        "Editor of the county's map for thirty years, she knew each pole.",
        "Copyright was never an issue, since the song is 300 years old.",
        "Photos from the drone showed a thin line of green.",
        "Small steps, long road",
        "Print runs of the almanac doubled.",
        "The museum (photo series included) is open on 2024-01-05 09:00.",
        "Why?",
    ],
)
def test_prose_that_begins_like_a_landmark_is_prose(paragraph: str) -> None:
    assert text_of(CRUMB, TITLE, META, f"<p>{TEXT}</p>", f"<p>{paragraph}</p>", f"<p>{MORE}</p>", EDITOR) == [
        TEXT,
        paragraph,
        MORE,
    ]


A, B = '<p><img src="/a.jpg"></p>', '<p><img src="/b.jpg"></p>'
KITE, BOAT = "A kite above the dam.", "A boat below the dam."
ATTRIBUTED = f'<p><img src="/a.jpg" data-original-title="{KITE}(PHOTO:VCG)"></p>'


@pytest.mark.parametrize(
    ("parts", "images"),
    [
        ((A, f"<p>{KITE} (PHOTO: VCG)</p>"), (Image("/a.jpg", KITE, "VCG"),)),
        ((A, f"<p>{KITE}(photo:VCG)</p>"), (Image("/a.jpg", KITE, "VCG"),)),
        ((A, f"<p>{KITE}（PHOTO：VCG）</p>"), (Image("/a.jpg", KITE, "VCG"),)),
        ((A, "<p>PHOTO: VCG</p>"), (Image("/a.jpg", None, "VCG"),)),
        ((A, f"<p>{KITE}</p>", "<p>(PHOTO: VCG)</p>"), (Image("/a.jpg", KITE, "VCG"),)),
        ((A, f"<p align=center>{KITE}</p>"), (Image("/a.jpg", KITE, None),)),
        ((A, B, f"<p>{KITE} (PHOTO: VCG)</p>", f"<p>{BOAT} (PHOTO: XINHUA)</p>"),
         (Image("/a.jpg", KITE, "VCG"), Image("/b.jpg", BOAT, "XINHUA"))),
        ((A, f"<p>{MORE}</p>", B, f"<p>{BOAT} (PHOTO: VCG)</p>"),
         (Image("/a.jpg", None, None), Image("/b.jpg", BOAT, "VCG"))),
        ((f"<p>{KITE} (PHOTO: VCG)</p>", A), (Image("/a.jpg", KITE, "VCG"),)),
        ((ATTRIBUTED,), (Image("/a.jpg", KITE, "VCG"),)),
        ((f"<p>{KITE} (PHOTO: VCG)</p>",), (Image(None, KITE, "VCG"),)),
    ],
)  # fmt: skip
def test_captions(parts: tuple[str, ...], images: tuple[Image, ...]) -> None:
    found = article(page(CRUMB, TITLE, META, *parts, f"<p>{TEXT}</p>", EDITOR))
    assert found.images == images
    assert KITE not in found.text
    assert BOAT not in found.text
    assert found.text.endswith(TEXT)


def pictures(number: int) -> list[str]:
    return [f'<p><img src="/{n}.jpg"></p>' for n in range(number)]


def captions(number: int) -> list[str]:
    return [f"<p>Kite {n}. (PHOTO: VCG)</p>" for n in range(number)]


@pytest.mark.parametrize(
    "parts",
    [
        [part for pair in zip(pictures(400), captions(400), strict=True) for part in pair],
        pictures(200) + captions(200),
        [part.replace(">", f' data-original-title="Kite {n}.">', 2) for n, part in enumerate(pictures(400))]
        + captions(400),
    ],
    ids=["by turns", "in a row", "in attributes"],
)
def test_many_pictures_have_each_its_caption(parts: list[str]) -> None:
    found = article(page(CRUMB, TITLE, META, *parts, f"<p>{TEXT}</p>", EDITOR))
    wanted = [Image(f"/{n}.jpg", f"Kite {n}.", "VCG") for n in range(len(found.images))]
    assert (list(found.images), len(wanted) in (200, 400), found.text) == (wanted, True, TEXT)


def test_a_row_of_captions_too_long_to_tell_apart_stays_without_pictures() -> None:
    found = article(page(CRUMB, TITLE, META, *pictures(301), *captions(301), f"<p>{TEXT}</p>", EDITOR))
    assert {(image.url is None, image.caption is None) for image in found.images} == {
        (False, True),
        (True, False),
    }
    assert found.text == TEXT


def test_a_photo_mark_at_the_end_of_an_endless_line() -> None:
    long = " ".join([TEXT] * 40)
    found = article(page(CRUMB, TITLE, META, f"<p>{long} (PHOTO: VCG)</p>", EDITOR))
    assert (found.text, found.images) == (long, (Image(None, None, "VCG"),))


def test_the_names_of_a_cms_are_its_sources() -> None:
    marked = page(
        "<!--body--><p>", TEXT, "</p><img lazy='/a.jpg' legend='A kite.'><!--/body-->",
        "<!--about <headline>Ice on the Wires</headline><from>Xinhua</from><when>2023-02-03 09:00:01</when>",
        "<who>XIE Wanning</who><at>https://www.stdaily.com/web/English/2023-02/03/content_7.html</at> -->",
    )  # fmt: skip
    tags = {"title": "headline", "agency": "from", "date": "when", "author": "who", "url": "at"}
    names = replace(
        STDAILY.parse,
        content_markers=("body",),
        record_markers=("about",),
        record_tags=tags,
        image_attributes=("lazy",),
        caption_attributes=("legend",),
    )
    found = article(marked, source=replace(STDAILY, parse=names))
    assert (found.title, found.agency, found.authors) == ("Ice on the Wires", "Xinhua", ("XIE Wanning",))
    assert (found.url or "").endswith("content_7.html")
    assert (found.images, found.text) == ((Image("/a.jpg", "A kite.", None),), TEXT)
    assert {found.found[name] for name in ("url", "title", "agency", "published_at")} == {"about"}


TOP_NEWS = (
    "<div><h3>Top News</h3><ul><li>Tea is picked by moonlight, and a study says why.</li></ul>"
    "<h4><a href='/x.html'>Deep Drill Reaches Warm Rock</a></h4><p>It stopped at nine kilometers.</p></div>"
)
TEASERS = (
    Teaser(None, "Tea is picked by moonlight, and a study says why."),
    Teaser("Deep Drill Reaches Warm Rock", "It stopped at nine kilometers.", "/x.html"),
)


@pytest.mark.parametrize(
    "beside",
    [
        "<div><ul><li><a href='/o.html'>An Old Story About Kites</a> 2021-12-01</li></ul></div>",
        "<div><h3>Hot</h3><div><a href='/o.html'>Old Kites</a></div><div>They flew well.</div></div>",
        "<div>About us</div><div>Copyright © 2023</div>",
        "",
    ],
)
def test_top_news_ends_with_its_block(beside: str) -> None:
    found = article(page(CRUMB, TITLE, META, f"<p>{TEXT}</p>", EDITOR, TOP_NEWS, beside))
    assert (found.teasers, found.text) == (TEASERS, TEXT)


def test_a_list_after_the_text_is_not_the_text() -> None:
    beside = "<div><div>Latest</div><div><a href='/o.html'>Cold Rice</a> 2024-01-11 09:01:00</div></div>"
    assert text_of(CRUMB, TITLE, META, f"<p>{TEXT}</p><p>{MORE}</p>", beside) == [TEXT, MORE]


def test_a_word_processors_leftovers_break_no_word() -> None:
    assert text_of(CRUMB, TITLE, META, f"<p>{TEXT} Stud<o:p></o:p>ents watched.</p>", EDITOR) == [
        f"{TEXT} Students watched."
    ]


@pytest.mark.parametrize("width", [60, 72, 80])
@pytest.mark.parametrize("parting", ["\n\n", "\n"])
@pytest.mark.parametrize("case", [str, str.lower])
def test_a_wrapped_text_is_whole_again(width: int, parting: str, case) -> None:
    import textwrap

    lines = [
        "position: EnglishChannel > News > Article",
        "A Long Winter Ends on the Wires of the Three Northern Counties and Their Fourth Neighbor",
        "Source: Science and Technology Daily | 2023-02-03 09:00:01 | Author: XIE Wanning and DU Ruoxi",
        f"{TEXT} {MORE} {TEXT}",
        f"{MORE} {TEXT} {MORE}",
        "Editor: 谢晚宁",
    ]
    whole = parting.join(lines)
    wrapped = parting.join(textwrap.fill(line, width) for line in lines)
    got, want = article(case(wrapped)), article(case(whole))
    assert (got.title, got.authors, got.editors) == (want.title, want.authors, want.editors)
    assert (want.title, len(want.authors)) == (case(lines[1]), 2)
    assert got.text == want.text == case("\n\n".join(lines[3:5]))


DATE, BY = "2023-02-03 09:00:01", "By XIE Wanning"
HEADS = [
    ((HEAD, DATE), ()),
    ((HEAD, DATE, BY), ("XIE Wanning",)),
    ((HEAD, BY, DATE), ("XIE Wanning",)),
    (("2023年02月03日 星期五", HEAD), ()),
    (("Science and Technology Daily", DATE, HEAD, BY), ("XIE Wanning",)),
    ((DATE, "My Winter", HEAD, BY), ("XIE Wanning",)),
    (("Cold Rice", DATE), ()),
]


@pytest.mark.parametrize(("head", "authors"), HEADS, ids=[" / ".join(head) for head, _ in HEADS])
@pytest.mark.parametrize("form", ["text", "boxes"])
def test_a_date_without_labels(head: tuple[str, ...], authors: tuple[str, ...], form: str) -> None:
    lines = (*head, TEXT, MORE, "Editor: 谢晚宁")
    found = article("\n\n".join(lines) if form == "text" else page(*(f"<div>{line}</div>" for line in lines)))
    assert found.title == (HEAD if HEAD in head else head[0])
    assert (found.authors, found.text) == (authors, f"{TEXT}\n\n{MORE}")
    assert (found.published_at.year, found.editors) == (2023, ("谢晚宁",))


def test_a_date_without_labels_below_an_h1() -> None:
    lines = (f"<h1>{HEAD}</h1>", f"<div>{DATE}</div>", f"<p>{TEXT}</p>", EDITOR)
    address = "https://www.stdaily.com/web/English/2023-02/{}/content_7.html"
    same, other = (article(page(*lines), address.format(day)) for day in ("03", "02"))
    assert (same.title, same.text) == (HEAD, TEXT)
    assert (same.published_precision, same.found["published_at"]) == ("second", "date line")
    # A bare date that is not the address's may be today's.
    assert (other.published_precision, other.found["published_at"], other.text) == ("day", "address", TEXT)


def test_a_day_that_a_paragraph_begins_with_is_text() -> None:
    lines = (f"<h1>{HEAD}</h1>", f"<p>{TEXT}</p>", "<p>2023-02-04 was a day of thaw.</p>", EDITOR)
    found = article(page(*lines), "https://www.stdaily.com/web/English/2023-02/05/content_7.html")
    assert found.text == f"{TEXT}\n\n2023-02-04 was a day of thaw."
    assert found.found["published_at"] == "address"


@pytest.mark.parametrize(
    ("parts", "text", "teasers"),
    [
        ((TEXT, "Top News", MORE, "Editor: 谢晚宁"), [TEXT, "Top News", MORE], 0),
        (
            (TEXT, "Top News", MORE, "Editor: 谢晚宁", "Top News", "Rice is cold."),
            [TEXT, "Top News", MORE],
            1,
        ),
        ((TEXT, "Top News", MORE, "Top News", "Rice is cold."), [TEXT, "Top News", MORE], 1),
        ((TEXT, "Editor: 谢晚宁", "Top News", "Rice is cold.", "Top News", "Tea too."), [TEXT], 2),
        ((TEXT, "Top News", "Rice is cold."), [TEXT], 1),
    ],
    ids=["before the editor", "twice", "twice, no editor", "twice after the editor", "no editor"],
)
def test_top_news_in_mid_article_are_two_words(parts: tuple[str, ...], text: list[str], teasers: int) -> None:
    for whole in (
        "\n\n".join([HEAD, f"Source: S | {DATE} | Author: XIE Wanning", *parts]),
        page(TITLE, META, *(f"<p>{part}</p>" for part in parts)),
    ):
        found = article(whole)
        assert (found.text.split("\n\n"), len(found.teasers)) == (text, teasers)


def test_top_news_with_links_are_news_whatever_follows() -> None:
    found = article(page(CRUMB, TITLE, META, f"<p>{TEXT}</p>", TOP_NEWS, "<p>Editor: the site's</p>"))
    assert (found.text, found.teasers[: len(TEASERS)]) == (TEXT, TEASERS)


@pytest.mark.parametrize(
    "parts",
    [
        (TITLE, META, EDITOR, f"<p>{TEXT}</p>"),
        (TITLE, EDITOR, META, f"<p>{TEXT}</p>"),
        (TITLE, META, EDITOR, "<div>Share: <a href='#'>WeChat</a></div>", f"<p>{TEXT}</p>"),
        (TITLE, META, "<div>By XIE Wanning</div>", EDITOR, f"<div><p>{TEXT}</p></div>"),
        (f"<div>{TITLE}{META}{EDITOR}</div>", f"<div><p>{TEXT}</p></div>"),
    ],
    ids=["below", "above the metadata", "before tools", "below the By line", "in another box"],
)
def test_an_editor_above_the_text(parts: tuple[str, ...]) -> None:
    found = article(page(*parts))
    assert (found.title, found.editors, found.text) == ("Ice on the Wires", ("谢晚宁",), TEXT)


def test_an_editor_below_pictures_ends_an_article_without_text() -> None:
    from tests.support.page_factory import read

    beside = f"<div><a href='/o.html'>An Old Story About Kites</a><p>{MORE}</p></div>"
    for shown in (f"{A}<p>{KITE} (PHOTO: VCG)</p>", ""):
        outcome = read(page(TITLE, META, shown, EDITOR, beside))
        assert getattr(outcome, "reason", None) == "no_text", outcome


@pytest.mark.parametrize(
    ("line", "editors"),
    [
        ("Editor: thank you for coming.", ()),
        ("Editor: Thanks.", ()),
        ("Editor: What did the drones do?", ()),
        ("编辑：谢谢您接受我们的采访。", ()),
        ("Editor: LI Ming Jr.", ("LI Ming Jr.",)),
        ("Editor: Ana-María Sandoval.", ("Ana-María Sandoval",)),
        ("Editor: li ming.", ("li ming",)),
        ("责任编辑：谢晚宁。", ("谢晚宁",)),
    ],
)
def test_what_an_editor_says_is_no_name(line: str, editors: tuple[str, ...]) -> None:
    found = article(
        page(CRUMB, TITLE, META, f"<p>{TEXT}</p>", f"<p>{line}</p>", *[f"<p>{MORE}</p>"] * (not editors))
    )
    assert found.editors == editors
    assert (line in found.text) is (not editors)


LINKED = f"<p><a href='/x.html'>{MORE}</a></p>"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((f"<p>{TEXT}</p>", LINKED), [TEXT, MORE]),
        ((LINKED, f"<p>{TEXT}</p>"), [MORE, TEXT]),
        ((f"<p>{TEXT}</p>", "<p><a href='/x.html'>A map</a></p>", f"<p>{TEXT}</p>"), [TEXT, "A map", TEXT]),
        ((f"<p>{TEXT}</p>", "<p><a href='/x.html'>An Old Story About Kites</a></p>"), [TEXT]),
        ((f"<p>{TEXT}</p>", f"<div><div>{LINKED}</div></div>"), [TEXT]),
    ],
    ids=["a sentence", "the first", "between two", "a title at the end", "in a box of its own"],
)  # fmt: skip
def test_a_paragraph_that_is_one_link(parts: tuple[str, ...], text: list[str]) -> None:
    assert text_of(CRUMB, TITLE, META, *parts, EDITOR) == text


def test_a_degree_is_no_author() -> None:
    for meta, by in ((META, ""), (BARE_META, "<p>By XIE Wanning, Ph.D. and DU Ruoxi, M.D.</p>")):
        labelled = meta.replace("XIE Wanning", "XIE Wanning, Ph.D. and DU Ruoxi, M.D.")
        found = article(page(CRUMB, TITLE, labelled, by, f"<p>{TEXT}</p>", EDITOR))
        assert (found.authors, found.text) == (("XIE Wanning", "DU Ruoxi"), TEXT)


def test_a_title_before_a_name_belongs_to_it() -> None:
    by = "<p>By Dr Marna van der Merwe, Dr Dieter Veldsman, Erik van Vulpen</p>"
    assert article(page(CRUMB, TITLE, BARE_META, by, f"<p>{TEXT}</p>", EDITOR)).authors == (
        "Dr Marna van der Merwe",
        "Dr Dieter Veldsman",
        "Erik van Vulpen",
    )


def test_a_headline_is_not_gathered_from_a_page_of_lines() -> None:
    head = "<p>" + "<br>".join(f"Notice {n} of the county" for n in range(50)) + "</p>"
    found = article(page(head, META, f"<p>{TEXT}</p>", EDITOR))
    assert (found.title.endswith("Notice 49 of the county"), found.title.count("Notice")) == (True, 4)
