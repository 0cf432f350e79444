"""Equality of soups built from lxml trees and soups parsed by BeautifulSoup."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement

from newsetl.text.html_tree import build_soup, parse_tree

PAGES = {
    "an article": """<!doctype html><html lang=en><head><title>A &amp; B</title><meta charset="utf-8">
        <style>p { color: red }</style></head><body class="a b"><div id=x hidden><!-- begin --><h1>Title</h1>
        <p>One <b>two</b> <i>three</i>&nbsp;four<br>five<!--mark-->six</p>   <p></p><img src="/a b.png" alt>
        <script>if (a < b) document.write("<p>no</p>")</script>tail</div></body></html>""",
    "blanks": "<body><p>a</p>\n\n\t<p> </p>&nbsp;<span>   </span><i>\n b\n</i>\xa0\xa0<p>\u3000</p></body>",
    "unclosed elements": "<div><p>one<p>two<table><tr><td>a<td>b</table><b><i>wrong</b>order</i><li>x",
    "templates": "<body><template><p>in <b>it</b></p></template><noscript><a href='/x'>y</a></noscript>",
    "odd names": '<body><o:p>word</o:p><svg><path d="m"/></svg><a xlink:href="#" xml:lang="en">b</a>',
    "no body": "<title>only</title>",
    "text": "nothing but words &lt; signs",
}


def describe(soup: Tag | None) -> list[object]:
    """Describe all elements of the tree with their neighbours."""

    def name(element: PageElement | None) -> object:
        if isinstance(element, Tag):
            return element.name, {
                key: value.split() if key == "class" and isinstance(value, str) else value
                for key, value in element.attrs.items()
            }
        return type(element).__name__, element

    assert soup
    return [
        (
            name(each),
            name(each.parent),
            name(each.next_element),
            name(each.previous_element),
            name(each.next_sibling),
            name(each.previous_sibling),
            each.get_text() if isinstance(each, Tag) else None,
        )
        for each in soup.descendants
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_built_soup_equals_the_parsed_soup(name: str) -> None:
    built, expected = build_soup(parse_tree(PAGES[name])), BeautifulSoup(PAGES[name], "lxml")

    assert describe(built.html) == describe(expected.html)
    assert str(built) == str(expected.html)


def test_selectors_find_the_same_elements() -> None:
    markup = '<ul class="list news"><li class="row"><a href="/1" rel="a b">x</a></ul><p class=list>y</p>'
    built, expected = build_soup(parse_tree(markup)), BeautifulSoup(markup, "lxml")

    for selector in ("ul.news > li", ".list", "[class~=news] a[href]", "a[rel~=b]", ":not(.row)"):
        assert list(map(str, built.select(selector))) == list(map(str, expected.select(selector)))


def test_elements_after_the_end_of_the_document_are_included() -> None:
    markup = "<html><body><p>one</p></body></html><p>two</p>"
    root = parse_tree(markup)

    built = build_soup(root, *root.itersiblings("*"))

    assert describe(built) == describe(BeautifulSoup(markup, "lxml"))


def test_an_element_is_built_without_its_tail_and_without_empty_tags() -> None:
    root = parse_tree("<div><p>one<script>no</script> two<nav><b>menu</b></nav></p>tail</div>")

    built = build_soup(root.find(".//p"), empty_tags={"script", "nav"})

    assert str(built) == "<p>one<script></script> two<nav></nav></p>"


def test_a_deeply_nested_page_is_built() -> None:
    depth = 1_500

    built = build_soup(parse_tree("<div>" * depth + "end" + "</div>" * depth))

    assert len(built.find_all("div")) == depth
    assert built.get_text() == "end"
