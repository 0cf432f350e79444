"""Records of a page as lines: one line per visible block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Picture:
    """An <img>: its URL, absolute if the page's URL is known, and the caption in its attributes."""

    url: str
    caption: str | None


@dataclass(slots=True)
class Line:
    """Text of one block with whitespace collapsed, and properties of its markup.

    `is_link`: the whole line is a link. `is_menu`: most of the line is several links. `is_content`: the line
    is within content markers or a content selector. `box` is the path of boxes from the root.
    """

    text: str
    tag: str = ""
    is_link: bool = False
    is_menu: bool = False
    is_centered: bool = False
    link: Callable[[], str | None] | None = None
    is_content: bool = False
    box: tuple[int, ...] = ()
    pictures: list[Picture] = field(default_factory=list)

    @property
    def href(self) -> str | None:
        """URL of the line's only link, or None; resolved on access because few lines need it."""
        return self.link() if self.link else None


@dataclass(frozen=True, slots=True)
class PageLines:
    """Lines of a page with its <title> and the CMS's record of the article.

    `record` maps field names to values; `record_marker` is the marker of the comment they are from.
    `has_content`: a content marker or selector marks the text, and `content_provenance` says which. `root` is
    the lxml tree of an HTML page.
    """

    lines: list[Line]
    title: str
    record: dict[str, str]
    has_content: bool
    is_html: bool
    record_marker: str = ""
    content_provenance: str = "content markers"
    root: Any = None
