"""Pages on which a field of the article once was wrong or missing."""

from dataclasses import replace

import pytest

from newsetl.model import Image, Teaser
from newsetl.parse.read_lines import read_lines
from tests.support.page_factory import STDAILY, parse_article

TEXT = "Frost covered the wires for nine days, and the crews of three counties cleared them by hand."
MORE = "The fourth county sent its drones, which did the same in one."
CRUMB = "<div>position: EnglishChannel > News > Article</div>"
WEB_CRUMB = "<div>position: EnglishChannel  > News> Ice on the Long Wires</div>"
META = "<div>Source: Science and Technology Daily | 2023-02-03 09:00:01 | Author: XIE Wanning</div>"
BARE_META = "<div>Source: | 2023-02-03 09:00:01 | Author:</div>"
EDITOR = "<div>Editor: 谢晚宁</div>"
HEAD = "Ice on the Wires"
TITLE = f"<div>{HEAD}</div>"


def build_page(*parts: str) -> str:
    return f"<html><body><div><div>{''.join(parts)}</div></div></body></html>"


def parse_paragraphs(*parts: str) -> list[str]:
    return parse_article(build_page(*parts)).text.split("\n\n")


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
def test_empty_author_label_takes_no_following_line(after: str, authors: tuple[str, ...]) -> None:
    parsed = parse_article(build_page(CRUMB, TITLE, BARE_META, after, f"<p>{TEXT}</p>", EDITOR))
    assert (parsed.authors, parsed.text) == (authors, TEXT)


@pytest.mark.parametrize("invisible", ["\u200b", "\u200b<b>\u200b</b>"])
def test_linked_picture_with_invisible_text_is_a_link(invisible: str) -> None:
    html = f"<html><body><a href=/u>{invisible}<img src=/i.jpg></a></body></html>"
    (line,) = read_lines(html, STDAILY.parse, "https://example.org/", is_full_page=True).lines
    assert (line.is_link, line.href) == (True, "https://example.org/u")


@pytest.mark.parametrize("box", ["div", "td"])
def test_metadata_line_split_over_boxes(box: str) -> None:
    values = ("Source:", "科技日报", "|", "2023-02-03 09:00:01", "|", "Author:", "XIE Wanning and DU Ruoxi")
    values_html = "".join(f"<{box}>{value}</{box}>" for value in values)
    metadata = f"<table><tr>{values_html}</tr></table>" if box == "td" else f"<div>{values_html}</div>"
    parsed = parse_article(build_page(CRUMB, TITLE, metadata, f"<p>{TEXT}</p>", EDITOR))
    assert (parsed.authors, parsed.text) == (("XIE Wanning", "DU Ruoxi"), TEXT)
    assert parsed.agency == "Science and Technology Daily"


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
    parsed = parse_article(build_page(head, META, f"<p>{TEXT}</p>", EDITOR))
    assert (parsed.title, parsed.section, parsed.text) == (title, "News", TEXT)


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
def test_tool_rows_are_boilerplate(row: str) -> None:
    assert parse_paragraphs(CRUMB, TITLE, META, f"<div>{row}</div>", f"<p>{TEXT}</p>", EDITOR) == [TEXT]


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
def test_prose_that_begins_like_a_label_is_text(paragraph: str) -> None:
    assert parse_paragraphs(
        CRUMB, TITLE, META, f"<p>{TEXT}</p>", f"<p>{paragraph}</p>", f"<p>{MORE}</p>", EDITOR
    ) == [
        TEXT,
        paragraph,
        MORE,
    ]


PICTURE_A, PICTURE_B = '<p><img src="/a.jpg"></p>', '<p><img src="/b.jpg"></p>'
CAPTION_A, CAPTION_B = "A kite above the dam.", "A boat below the dam."
PICTURE_WITH_CAPTION = f'<p><img src="/a.jpg" data-original-title="{CAPTION_A}(PHOTO:VCG)"></p>'


@pytest.mark.parametrize(
    ("parts", "images"),
    [
        ((PICTURE_A, f"<p>{CAPTION_A} (PHOTO: VCG)</p>"), (Image("/a.jpg", CAPTION_A, "VCG"),)),
        ((PICTURE_A, f"<p>{CAPTION_A}(photo:VCG)</p>"), (Image("/a.jpg", CAPTION_A, "VCG"),)),
        ((PICTURE_A, f"<p>{CAPTION_A}（PHOTO：VCG）</p>"), (Image("/a.jpg", CAPTION_A, "VCG"),)),
        ((PICTURE_A, "<p>PHOTO: VCG</p>"), (Image("/a.jpg", None, "VCG"),)),
        ((PICTURE_A, f"<p>{CAPTION_A}</p>", "<p>(PHOTO: VCG)</p>"), (Image("/a.jpg", CAPTION_A, "VCG"),)),
        ((PICTURE_A, f"<p align=center>{CAPTION_A}</p>"), (Image("/a.jpg", CAPTION_A, None),)),
        ((PICTURE_A, PICTURE_B, f"<p>{CAPTION_A} (PHOTO: VCG)</p>", f"<p>{CAPTION_B} (PHOTO: XINHUA)</p>"),
         (Image("/a.jpg", CAPTION_A, "VCG"), Image("/b.jpg", CAPTION_B, "XINHUA"))),
        ((PICTURE_A, f"<p>{MORE}</p>", PICTURE_B, f"<p>{CAPTION_B} (PHOTO: VCG)</p>"),
         (Image("/a.jpg", None, None), Image("/b.jpg", CAPTION_B, "VCG"))),
        ((f"<p>{CAPTION_A} (PHOTO: VCG)</p>", PICTURE_A), (Image("/a.jpg", CAPTION_A, "VCG"),)),
        ((PICTURE_WITH_CAPTION,), (Image("/a.jpg", CAPTION_A, "VCG"),)),
        ((f"<p>{CAPTION_A} (PHOTO: VCG)</p>",), (Image(None, CAPTION_A, "VCG"),)),
    ],
)  # fmt: skip
def test_captions(parts: tuple[str, ...], images: tuple[Image, ...]) -> None:
    parsed = parse_article(build_page(CRUMB, TITLE, META, *parts, f"<p>{TEXT}</p>", EDITOR))
    assert parsed.images == images
    assert CAPTION_A not in parsed.text
    assert CAPTION_B not in parsed.text
    assert parsed.text.endswith(TEXT)


def build_pictures(number: int) -> list[str]:
    return [f'<p><img src="/{n}.jpg"></p>' for n in range(number)]


def build_captions(number: int) -> list[str]:
    return [f"<p>Kite {n}. (PHOTO: VCG)</p>" for n in range(number)]


@pytest.mark.parametrize(
    "parts",
    [
        [part for pair in zip(build_pictures(400), build_captions(400), strict=True) for part in pair],
        build_pictures(200) + build_captions(200),
        [
            part.replace(">", f' data-original-title="Kite {n}.">', 2)
            for n, part in enumerate(build_pictures(400))
        ]
        + build_captions(400),
    ],
    ids=["by turns", "in a row", "in attributes"],
)
def test_many_pictures_each_get_their_caption(parts: list[str]) -> None:
    parsed = parse_article(build_page(CRUMB, TITLE, META, *parts, f"<p>{TEXT}</p>", EDITOR))
    expected = [Image(f"/{n}.jpg", f"Kite {n}.", "VCG") for n in range(len(parsed.images))]
    assert (list(parsed.images), len(expected) in (200, 400), parsed.text) == (expected, True, TEXT)


def test_too_long_row_of_captions_is_not_matched() -> None:
    parsed = parse_article(
        build_page(CRUMB, TITLE, META, *build_pictures(301), *build_captions(301), f"<p>{TEXT}</p>", EDITOR)
    )
    assert {(image.url is None, image.caption is None) for image in parsed.images} == {
        (False, True),
        (True, False),
    }
    assert parsed.text == TEXT


def test_photo_credit_at_the_end_of_a_very_long_line() -> None:
    long = " ".join([TEXT] * 40)
    parsed = parse_article(build_page(CRUMB, TITLE, META, f"<p>{long} (PHOTO: VCG)</p>", EDITOR))
    assert (parsed.text, parsed.images) == (long, (Image(None, None, "VCG"),))


def test_cms_record_and_attributes_are_configurable() -> None:
    html = build_page(
        "<!--body--><p>", TEXT, "</p><img lazy='/a.jpg' legend='A kite.'><!--/body-->",
        "<!--about <headline>Ice on the Wires</headline><from>Xinhua</from><when>2023-02-03 09:00:01</when>",
        "<who>XIE Wanning</who><at>https://www.stdaily.com/web/English/2023-02/03/content_7.html</at> -->",
    )  # fmt: skip
    tags = {"title": "headline", "agency": "from", "date": "when", "author": "who", "url": "at"}
    config = replace(
        STDAILY.parse,
        content_markers=("body",),
        record_markers=("about",),
        record_tags=tags,
        image_attributes=("lazy",),
        caption_attributes=("legend",),
    )
    parsed = parse_article(html, source=replace(STDAILY, parse=config))
    assert (parsed.title, parsed.agency, parsed.authors) == ("Ice on the Wires", "Xinhua", ("XIE Wanning",))
    assert (parsed.url or "").endswith("content_7.html")
    assert (parsed.images, parsed.text) == ((Image("/a.jpg", "A kite.", None),), TEXT)
    assert {parsed.found[name] for name in ("url", "title", "agency", "published_at")} == {"about"}


TOP_NEWS = (
    "<div><h3>Top News</h3><ul><li>Tea is picked by moonlight, and a study says why.</li></ul>"
    "<h4><a href='/x.html'>Deep Drill Reaches Warm Rock</a></h4><p>It stopped at nine kilometers.</p></div>"
)
TEASERS = (
    Teaser(None, "Tea is picked by moonlight, and a study says why."),
    Teaser("Deep Drill Reaches Warm Rock", "It stopped at nine kilometers.", "/x.html"),
)


@pytest.mark.parametrize(
    "following",
    [
        "<div><ul><li><a href='/o.html'>An Old Story About Kites</a> 2021-12-01</li></ul></div>",
        "<div><h3>Hot</h3><div><a href='/o.html'>Old Kites</a></div><div>They flew well.</div></div>",
        "<div>About us</div><div>Copyright © 2023</div>",
        "",
    ],
)
def test_top_news_ends_with_its_block(following: str) -> None:
    parsed = parse_article(build_page(CRUMB, TITLE, META, f"<p>{TEXT}</p>", EDITOR, TOP_NEWS, following))
    assert (parsed.teasers, parsed.text) == (TEASERS, TEXT)


def test_listing_after_the_text_is_not_text() -> None:
    listing = "<div><div>Latest</div><div><a href='/o.html'>Cold Rice</a> 2024-01-11 09:01:00</div></div>"
    assert parse_paragraphs(CRUMB, TITLE, META, f"<p>{TEXT}</p><p>{MORE}</p>", listing) == [TEXT, MORE]


def test_word_processor_tags_do_not_split_words() -> None:
    assert parse_paragraphs(CRUMB, TITLE, META, f"<p>{TEXT} Stud<o:p></o:p>ents watched.</p>", EDITOR) == [
        f"{TEXT} Students watched."
    ]


@pytest.mark.parametrize("width", [60, 72, 80])
@pytest.mark.parametrize("separator", ["\n\n", "\n"])
@pytest.mark.parametrize("convert", [str, str.lower])
def test_wrapped_text_is_unwrapped(width: int, separator: str, convert) -> None:
    import textwrap

    lines = [
        "position: EnglishChannel > News > Article",
        "A Long Winter Ends on the Wires of the Three Northern Counties and Their Fourth Neighbor",
        "Source: Science and Technology Daily | 2023-02-03 09:00:01 | Author: XIE Wanning and DU Ruoxi",
        f"{TEXT} {MORE} {TEXT}",
        f"{MORE} {TEXT} {MORE}",
        "Editor: 谢晚宁",
    ]
    text = separator.join(lines)
    wrapped = separator.join(textwrap.fill(line, width) for line in lines)
    parsed, expected = parse_article(convert(wrapped)), parse_article(convert(text))
    assert (parsed.title, parsed.authors, parsed.editors) == (
        expected.title,
        expected.authors,
        expected.editors,
    )
    assert (expected.title, len(expected.authors)) == (convert(lines[1]), 2)
    assert parsed.text == expected.text == convert("\n\n".join(lines[3:5]))


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
def test_date_without_labels(head: tuple[str, ...], authors: tuple[str, ...], form: str) -> None:
    lines = (*head, TEXT, MORE, "Editor: 谢晚宁")
    parsed = parse_article(
        "\n\n".join(lines) if form == "text" else build_page(*(f"<div>{line}</div>" for line in lines))
    )
    assert parsed.title == (HEAD if HEAD in head else head[0])
    assert (parsed.authors, parsed.text) == (authors, f"{TEXT}\n\n{MORE}")
    assert (parsed.published_at.year, parsed.editors) == (2023, ("谢晚宁",))


def test_date_without_labels_below_an_h1() -> None:
    lines = (f"<h1>{HEAD}</h1>", f"<div>{DATE}</div>", f"<p>{TEXT}</p>", EDITOR)
    url = "https://www.stdaily.com/web/English/2023-02/{}/content_7.html"
    same, other = (parse_article(build_page(*lines), url.format(day)) for day in ("03", "02"))
    assert (same.title, same.text) == (HEAD, TEXT)
    assert (same.published_precision, same.found["published_at"]) == ("second", "date line")
    # A bare date that differs from the URL's may be today's.
    assert (other.published_precision, other.found["published_at"], other.text) == ("day", "address", TEXT)


def test_date_at_the_start_of_a_paragraph_is_text() -> None:
    lines = (f"<h1>{HEAD}</h1>", f"<p>{TEXT}</p>", "<p>2023-02-04 was a day of thaw.</p>", EDITOR)
    parsed = parse_article(
        build_page(*lines), "https://www.stdaily.com/web/English/2023-02/05/content_7.html"
    )
    assert parsed.text == f"{TEXT}\n\n2023-02-04 was a day of thaw."
    assert parsed.found["published_at"] == "address"


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
def test_top_news_in_mid_article_is_text(parts: tuple[str, ...], text: list[str], teasers: int) -> None:
    for body in (
        "\n\n".join([HEAD, f"Source: S | {DATE} | Author: XIE Wanning", *parts]),
        build_page(TITLE, META, *(f"<p>{part}</p>" for part in parts)),
    ):
        parsed = parse_article(body)
        assert (parsed.text.split("\n\n"), len(parsed.teasers)) == (text, teasers)


def test_top_news_with_links_are_teasers_despite_a_later_editor_line() -> None:
    parsed = parse_article(
        build_page(CRUMB, TITLE, META, f"<p>{TEXT}</p>", TOP_NEWS, "<p>Editor: the site's</p>")
    )
    assert (parsed.text, parsed.teasers[: len(TEASERS)]) == (TEXT, TEASERS)


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
def test_editor_line_above_the_text(parts: tuple[str, ...]) -> None:
    parsed = parse_article(build_page(*parts))
    assert (parsed.title, parsed.editors, parsed.text) == ("Ice on the Wires", ("谢晚宁",), TEXT)


def test_editor_line_below_pictures_ends_an_article_without_text() -> None:
    from tests.support.page_factory import parse_response

    other_article = f"<div><a href='/o.html'>An Old Story About Kites</a><p>{MORE}</p></div>"
    for pictures in (f"{PICTURE_A}<p>{CAPTION_A} (PHOTO: VCG)</p>", ""):
        outcome = parse_response(build_page(TITLE, META, pictures, EDITOR, other_article))
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
def test_interview_answer_of_an_editor_is_no_editor_line(line: str, editors: tuple[str, ...]) -> None:
    parsed = parse_article(
        build_page(
            CRUMB, TITLE, META, f"<p>{TEXT}</p>", f"<p>{line}</p>", *[f"<p>{MORE}</p>"] * (not editors)
        )
    )
    assert parsed.editors == editors
    assert (line in parsed.text) is (not editors)


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
def test_linked_paragraph(parts: tuple[str, ...], text: list[str]) -> None:
    assert parse_paragraphs(CRUMB, TITLE, META, *parts, EDITOR) == text


def test_degree_is_no_author() -> None:
    for meta, by in ((META, ""), (BARE_META, "<p>By XIE Wanning, Ph.D. and DU Ruoxi, M.D.</p>")):
        labelled = meta.replace("XIE Wanning", "XIE Wanning, Ph.D. and DU Ruoxi, M.D.")
        parsed = parse_article(build_page(CRUMB, TITLE, labelled, by, f"<p>{TEXT}</p>", EDITOR))
        assert (parsed.authors, parsed.text) == (("XIE Wanning", "DU Ruoxi"), TEXT)


def test_title_before_a_name_is_part_of_the_name() -> None:
    by = "<p>By Dr Marna van der Merwe, Dr Dieter Veldsman, Erik van Vulpen</p>"
    assert parse_article(build_page(CRUMB, TITLE, BARE_META, by, f"<p>{TEXT}</p>", EDITOR)).authors == (
        "Dr Marna van der Merwe",
        "Dr Dieter Veldsman",
        "Erik van Vulpen",
    )


def test_headline_has_at_most_four_lines() -> None:
    head = "<p>" + "<br>".join(f"Notice {n} of the county" for n in range(50)) + "</p>"
    parsed = parse_article(build_page(head, META, f"<p>{TEXT}</p>", EDITOR))
    assert (parsed.title.endswith("Notice 49 of the county"), parsed.title.count("Notice")) == (True, 4)
