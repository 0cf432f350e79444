"""One box by two readers: lxml's tree as it is, and the tree that BeautifulSoup makes of it."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from lxml import etree
from pages import STDAILY, in_boxes

from newsetl.parse.flat import flat, flat_box
from newsetl.parse.html import container, soup_of, tree
from newsetl.replica import Channel, pages

# What either reader of a box could take otherwise than the other.
ODD = """<html><head><title>A</title><base href="/web/"></head><body>loose words
<p>Source: A | 2025-01-02 | Author: B</p>
<nav>Home <a href="/x y/中文.html?a=b c&amp;d=%20#é">a  link</a></nav><nav>Source: kept <b>here</b></nav>
<aside><ruby>汉<rt>Source</rt></ruby></aside><footer><script>"Editor: none"</script><p>Editor: C</p></footer>
<a href=" /whole.html"><div>a block <i>in</i> a link</div> and behind</a>
<h2>Two<br>lines <img src="a b.jpg"></h2>
<pre>  <a href="1">one </a>
  <a href="2">two</a> <a href="3">  </a></pre>
<pre>words that are no links <a>1</a><a>2</a><a>3</a><a>                         </a></pre><textarea>
  </textarea><table><tr><td align="center"> <img data-src="é.jpg" src="" width="41px"></td>
<td>cell<td>cell</table>
<p> <img src="/1.jpg"></p> <img src="/2.jpg"> tail <!--enpcontent--><o:p>word's own</o:p>
<p style="display : none">no
<div hidden>no</div><p>a<!-- note -->b<?php echo 1 ?>c &nbsp;&#8203;d</p><!--/enpcontent-->
<ul><li>1<li>2 <a>3</a></ul>
<p style="TEXT-ALIGN: center"><a href="javascript:x()">x</a></p><custom-box>own
<template><p>t</p></template></custom-box>
<select><option>no</select><svg><text>no</text></svg><center>mid<p>dle</center></body></html>trailing"""


def test_a_box_is_read_from_lxmls_tree_as_beautifulsoup_reads_it() -> None:
    channel = Channel(articles=36, since=date(2021, 12, 1), until=date(2025, 3, 1))
    channel.relaid_from = date(2025, 1, 1)
    told = [
        pages.article(
            story, path, "", channel.stories[:5], n, channel.attic, is_relaid=channel.is_relaid(story)
        )
        for n, story in enumerate(channel.stories)
        for path in story.paths
    ]
    stories = (Path(__file__).parent / "stories").rglob("*.html")
    told += [file.read_text(encoding="utf-8", errors="replace") for file in stories]
    read, landmarks = STDAILY.read, re.compile("Source|Editor")
    boxes = tried = 0
    for page in (*told, *map(in_boxes, told[:9]), ODD, ODD.replace("<p>", "<td>"), "<p>", "words alone"):
        root = tree(page)
        around = {container(root, read), root, *root.iter("body", "td", "li", "ul", "center", "pre")}
        for box in around:
            fast, plain = (
                (
                    [(line.href, replace(line, link=None)) for line in lines],
                    has_content,
                )
                for lines, has_content in (
                    flat_box(box, read, landmarks, "https://a.example/b/"),
                    flat(soup_of(box), read, landmarks, "https://a.example/b/"),
                )
            )
            assert fast == plain, etree.tostring(box)
            tried += 1
            boxes += len(fast[0]) > 1
    assert boxes > 100
    assert tried > boxes
