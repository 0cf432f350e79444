"""What every reader here works on: a page as lines, block by block as a person sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Picture:
    """An <img> of the page: absolute address where the page's own is known, and its attribute's caption."""

    url: str
    caption: str | None


@dataclass(slots=True)
class Line:
    """One block's text, blanks made single, and what its markup says of it.

    `is_link`: all of it is a link; `is_menu`: most of it is several links. `box` leads from the root.
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
        """Where the line's only link leads; found out when it is asked for, as few lines are."""
        return self.link() if self.link else None


@dataclass(frozen=True, slots=True)
class PageLines:
    """A page's lines, its <title>, the CMS's own record, and whether a marker or selector tells its text.

    `record` holds fields of ours, `record_name` the marker of the comment that they were found in. `root` is
    lxml's tree of an HTML page.
    """

    lines: list[Line]
    title: str
    record: dict[str, str]
    has_content: bool
    is_html: bool
    record_name: str = ""
    content_found: str = "content markers"
    root: Any = None
