"""Pictures of an article: lazy ones, captions in any markup, and credits without their label."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from newsetl import sources
from newsetl.model import Image
from newsetl.parse.caption_credit import clean_credit, split_credit
from newsetl.parse.pictures import is_placeholder, iter_picture_urls
from newsetl.sources.generic import build_generic_source
from tests.support.page_factory import parse_article

SITE = "https://www.mill-lane.example"
URL = f"{SITE}/news/2026/weir"
TEXT = (
    "<p>The millers of the lower valley have agreed to open the weir for salmon on six nights.</p>",
    "<p>Each mill loses about an hour of work a night, and the county pays for it from the licences.</p>",
    "<p>The wardens will count the fish at the upper ladder, and print the figures in the spring.</p>",
)
BOAT = f"{SITE}/weir.jpg"
FIGURE = "<figure>{}<figcaption>{}</figcaption></figure>"
GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def build_page(*parts: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><title>Millers open the weir</title>{head}</head>'
        '<body><header><img src="/logo.png" width="200"></header>'
        f"<article><h1>Millers open the weir</h1>{''.join(parts)}</article>"
        '<aside><figure><img src="/other.jpg"></figure></aside></body></html>'
    )


def parse_images(*parts: str, head: str = "") -> tuple[Image, ...]:
    return parse_article(build_page(*parts, head=head), URL, build_generic_source(URL)).images


def parse_declared(*parts: str) -> tuple[Image, ...]:
    source = sources.load("stdaily")
    parse = replace(
        source.parse,
        content_selectors=("article",),
        content_markers=(),
        keys=frozenset({"content_selectors"}),
    )
    page = build_page("<p>2026-03-04 08:00</p>", *parts, *TEXT)
    return parse_article(page, URL, replace(source, parse=parse)).images


LAZY = [
    f'<img src="{BOAT}">',
    '<img src="/assets/blank.gif" data-src="/weir.jpg">',
    '<img src="/assets/1x1.png" data-lazy="/weir.jpg">',
    f'<img src="{GIF}" data-original="/weir.jpg">',
    '<img src="/img/placeholder-16x9.svg" data-url="/weir.jpg">',
    '<img src="/loading.gif" data-my-script-name="/weir.jpg">',
    f'<img src="{GIF}" srcset="/small.jpg 320w, /weir.jpg 1200w, /mid.jpg 640w">',
    f'<img src="{GIF}" data-srcset="/small.jpg, /weir.jpg 2x">',
    '<img data-srcset="/weir.jpg 720w">',
    '<amp-img src="/weir.jpg" width="16" height="9"></amp-img>',
    f'<picture><source srcset="/weir.jpg 900w" type="image/webp"><img src="{GIF}"></picture>',
    '<picture><source data-srcset="/weir.jpg"><img src="/spacer.gif"></picture>',
    f'<img class="lazy" src="{GIF}"><noscript><img src="/weir.jpg"></noscript>',
    f'<noscript><img src="/weir.jpg"></noscript><img class="lazy" src="{GIF}" alt="">',
    f'<a href="/big"><img src="{GIF}"></a><noscript><img src="/weir.jpg"></noscript>',
    '<img src="/spacer.gif" data-src="/weir.jpg"><noscript><img src="/weir.jpg?w=800"></noscript>',
]


@pytest.mark.parametrize("markup", LAZY)
def test_a_picture_that_a_script_loads(markup: str) -> None:
    for caption in ("", "<figcaption>The weir at dusk.</figcaption>"):
        expected = (Image(BOAT, "The weir at dusk." if caption else None),)
        assert parse_images(f"<figure>{markup}{caption}</figure>", *TEXT) == expected
        if "<a " not in markup:
            assert parse_declared(f"<figure>{markup}{caption}</figure>") == expected


def test_an_image_that_is_never_loaded_is_no_picture() -> None:
    for markup in (
        f'<img src="{GIF}">',
        '<img src="/assets/spacer.png">',
        '<img src="about:blank">',
        "<img>",
    ):
        assert parse_images(f"<figure>{markup}</figure>", *TEXT) == ()
        assert parse_declared(f"<figure>{markup}</figure>") == ()
    head = '<meta property="og:image" content="/img/default-image.png">'
    assert parse_images(*TEXT, head=head) == ()


def test_names_of_real_pictures_are_no_placeholders() -> None:
    for url in (
        "/grey-seal.jpg",
        "/img.jpg",
        "/photo1.jpg",
        "/20260304.jpg",
        "/0.jpg",
        "/pixel-phone-9.png",
        "/image.png?x",
    ):
        assert not is_placeholder(url)
    for url in ("/grey.gif", "/lazy_load.png", "/1x1.gif", "/no-image.jpg", "/transparent.png?v=2", ""):
        assert is_placeholder(url)


def test_commas_in_a_srcset() -> None:
    value = "https://i.example/w_320,h_200/a.jpg 320w,\n https://i.example/w_960,h_600/a.jpg 960w"
    assert next(iter_picture_urls({"srcset": value, "src": GIF})) == "https://i.example/w_960,h_600/a.jpg"


@pytest.mark.parametrize(
    ("markup", "caption", "credit"),
    [
        ("<figure>{}<figcaption>At dusk.</figcaption></figure>", "At dusk.", None),
        ("<figure>{}<p class='image-caption'>At dusk.</p></figure>", "At dusk.", None),
        ("<figure>{}<div class='caption'><p>At dusk.</p></div></figure>", "At dusk.", None),
        ("<div class='wp-caption'>{}<p class='wp-caption-text'>At dusk.</p></div>", "At dusk.", None),
        ("<p>{}</p><p class='photo-caption'>At dusk.</p>", "At dusk.", None),
        ("<div class='image'>{}<span class='caption'>At dusk.</span></div>", "At dusk.", None),
        (FIGURE.format("{}", "At dusk. <span class='credit'>Foto: Bo Quill</span>"), "At dusk.", "Bo Quill"),
        (FIGURE.format("<b class='credit'>Bo Quill/AP</b>{}", "At dusk."), "At dusk.", "Bo Quill"),
        (FIGURE.format("{}", "At dusk. (Image credit: Bo Quill)"), "At dusk.", "Bo Quill"),
        (FIGURE.format("{}", "The <em>un</em>lit weir"), "The unlit weir", None),
        ("<figure>{}</figure>", None, None),
        ("<p>{}</p>", None, None),
    ],
)  # fmt: skip
def test_captions_in_any_markup(markup: str, caption: str | None, credit: str | None) -> None:
    figure = markup.format('<img src="/weir.jpg">')
    for parts in ((figure, *TEXT), (TEXT[0], figure, *TEXT[1:])):
        assert parse_images(*parts) == (Image(BOAT, caption, credit),)


@pytest.mark.parametrize(
    "tag",
    ["<p class='wp-caption-text'>{}</p>", "<div class='img-caption'>{}</div>", "<figcaption>{}</figcaption>"],
)
def test_captions_in_a_declared_source(tag: str) -> None:
    figure = f"<div><img src='/weir.jpg'>{tag.format('At dusk. Image credit: Bo Quill')}</div>"
    assert parse_declared(figure) == (Image(BOAT, "At dusk.", "Bo Quill"),)


def test_a_paragraph_of_the_class_caption_without_a_picture_stays_text() -> None:
    source = sources.load("stdaily")
    parse: Any = replace(
        source.parse,
        content_selectors=("article",),
        content_markers=(),
        keys=frozenset({"content_selectors"}),
    )
    page = build_page(
        "<p>2026-03-04 08:00</p>", TEXT[0], "<p class='caption'>A line of its own.</p>", *TEXT[1:]
    )
    assert "A line of its own." in parse_article(page, URL, replace(source, parse=parse)).text


def test_several_pictures() -> None:
    first, second = '<img src="/a.jpg">', '<img src="/b.jpg">'
    images = parse_images(f"<figure>{first}{second}<figcaption>Both weirs.</figcaption></figure>", *TEXT)
    assert [(image.url, image.caption) for image in images] == [
        (f"{SITE}/a.jpg", "Both weirs."),
        (f"{SITE}/b.jpg", "Both weirs."),
    ]
    one, two = "<figcaption>One.</figcaption>", "<figcaption>Two.</figcaption>"
    for markup in (
        f"<figure>{first}{one}{second}{two}</figure>",
        f"<figure><figure>{first}{one}</figure><figure>{second}{two}</figure></figure>",
        f"<figure>{first}{one}</figure>{TEXT[0]}<figure>{second}{two}</figure>",
    ):
        assert [image.caption for image in parse_images(markup, *TEXT)] == ["One.", "Two."]
    images = parse_images(f"<figure>{first}{one}</figure>", TEXT[0], f"<p>{second}</p>", *TEXT[1:])
    assert [(image.url, image.caption) for image in images] == [
        (f"{SITE}/a.jpg", "One."),
        (f"{SITE}/b.jpg", None),
    ]


@pytest.mark.parametrize(
    "other",
    [
        '<img src="/face.jpg" class="avatar">',
        '<img src="/x.png" width="16" height="16">',
        '<a href="/news/mill"><img src="/mill.jpg"> The mill is sold</a>',
        '<div class="social-share"><img src="/f.png"></div>',
        '<div class="related"><p><img src="/mill.jpg"></p></div>',
    ],
)
def test_pictures_of_something_else(other: str) -> None:
    assert [
        image.url for image in parse_images(TEXT[0], other, '<p><img src="/weir.jpg"></p>', *TEXT[1:])
    ] == [BOAT]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://cdn.example/a/", "https://cdn.example/a/weir.jpg"),
        ("/media/", f"{SITE}/media/weir.jpg"),
        ("", f"{SITE}/news/2026/weir.jpg"),
    ],
)
def test_base_href_holds_for_pictures(base: str, url: str) -> None:
    figure = '<figure><img src="weir.jpg"></figure>'
    assert parse_images(figure, *TEXT, head=f'<base href="{base}">')[0].url == url


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Image credit: Bo Quill", "Bo Quill"),
        ("(Photo: Bo Quill)", "Bo Quill"),
        ("Photo by Bo Quill.", "Bo Quill"),
        ("Foto: Bo Quill", "Bo Quill"),
        ("Crédit photo : Bo Quill", "Bo Quill"),
        ("© 2026 Bo Quill", "Bo Quill"),
        ("Bo Quill/AP", "Bo Quill"),
        ("AP Photo/Bo Quill", "Bo Quill"),
        ("Photograph: Bo Quill/Getty Images", "Bo Quill"),
        ("Bo Quill / Mill Lane News", "Bo Quill"),
        ("AFP/Getty Images", "AFP/Getty Images"),
        ("NASA/JPL-Caltech", "NASA/JPL-Caltech"),
        ("Photo: Jo Quill Jr.", "Jo Quill Jr."),
        ("图片来源：新华社", "新华社"),
        ("Reuters", "Reuters"),
    ],
)
def test_a_credit_is_the_name_alone(printed: str, name: str) -> None:
    assert clean_credit(printed) == name
    assert split_credit(f"At dusk. {printed}", printed) == ("At dusk.", name)


@pytest.mark.parametrize(
    "caption",
    [
        "The source: a well by the mill",
        "A photo by an unknown hand hangs there",
        "She took the photo. Credit goes to Bo.",
    ],
)
def test_a_caption_without_a_credit(caption: str) -> None:
    assert split_credit(caption) == (caption, "")
