"""Printed formats of sections, metadata lines, captions and bodies."""

from __future__ import annotations

from typing import Literal, NamedTuple

NAME = "Science and Technology Daily"


class Section(NamedTuple):
    """Section with its label, the number of its listing and the folder of its old URLs."""

    label: str
    node: int
    folder: str


SECTIONS = (
    Section("News", 471, "News"),
    Section("Cooperation", 472, "WorldNews"),
    Section("Experts in China", 473, "Service"),
    Section("Innovation China", 474, "ChinaNews"),
    Section("Comment", 475, "BusinessNews"),
    Section("Insight", 476, "Insight"),
    Section("Case", 477, "Case"),
)
# The lists of formats below have coprime lengths, so that every combination of formats occurs.
SECTION_CYCLE = (0, 2, 1, 0, 3, 2, 4, 0, 5, 2, 6)


class LineFormat(NamedTuple):
    """Format of the metadata line and the lines around it.

    {L0} is the first person in Latin letters, {N0} the same with no-break spaces, {C0} in Chinese
    characters. If `editor` is None, the next of EDITORS is printed.
    """

    source: str
    author: str
    by: str = ""
    is_by_first: bool = False
    edited: str = ""
    editor: str | None = None
    colon: str = ": "
    is_lower: bool = False


LINE_FORMATS = (
    LineFormat(NAME, "{L0}"),
    LineFormat(NAME.lower(), "{L0}", is_lower=True),
    LineFormat("科技日报", "{C0}", editor="Editor: {C0}"),
    LineFormat(NAME, "The Editorial Office"),
    LineFormat(NAME, "{L0}", by="By {L0}"),
    LineFormat(NAME, "{N0}", by="By\xa0{N0}"),
    LineFormat(NAME, "{L0} & {L1}", by="By {L0} & {L1}", is_by_first=True),
    LineFormat(NAME, "{L0} and {L1}"),
    LineFormat(NAME, "Staff Reporters", colon=":"),
    LineFormat(NAME, "Staff Reporters", by="By Staff Reporters"),
    LineFormat("", ""),
    LineFormat("", "", by="By Staff Reporters", is_by_first=True),
    LineFormat("", "", by="By {L0}"),
    LineFormat(NAME, "{L0}", by="By {L0}", editor="Editor: {C0}"),
    LineFormat(NAME, "{L0}", edited="Edited\xa0by\xa0{N0}"),
    LineFormat("科技日报", "{C0}、{C1}"),
    LineFormat(NAME, "{L0}, {L1}", colon=":"),
    LineFormat(NAME, "{L0}, {L1} and {L2}", by="By {L0}, {L1} and {L2}", is_by_first=True),
    LineFormat("Science\xa0and Technology\xa0Daily", "", by="By {L0} & {L1}"),
    LineFormat("", "{L0}"),
    LineFormat(NAME.upper(), "{C0}"),
    LineFormat(NAME, "", edited="Edited by {L2}"),
    LineFormat(NAME, "", by="By {N0} and {N1}", is_by_first=True, colon=":"),
)
EDITORS = (
    "Editor: {C3}",
    "Editor:{C3}",
    "Editor: {C3}、{C4}",
    "Editor: {L3} & {L4}",
    "",
    "Editor: {C3}, {C4}",
    "Editor:\xa0{N3}",
)


class PhotoFormat(NamedTuple):
    """Format of a picture: position of the caption, printed credit, separator of the two."""

    place: Literal["below", "alone", "attribute", "two", "bare", "none"]
    mark: str = ""
    joint: str = " "


PHOTO_FORMATS = (
    PhotoFormat("below", "(PHOTO: VCG)"),
    PhotoFormat("below", "(PHOTO:VCG)"),
    PhotoFormat("below", "(PHOTO: XINHUA)", joint=""),
    PhotoFormat("alone", "PHOTO: VCG"),
    PhotoFormat("alone", "(PHOTO: VCG)"),
    PhotoFormat("attribute", "(PHOTO: VCG)"),
    PhotoFormat("none"),
    PhotoFormat("two", "(PHOTO: VCG)"),
    PhotoFormat("below", "(PHOTO: Publicity Office of Lanhe county)"),
    PhotoFormat("below", "(PHOTO:\xa0S&T\xa0Daily)"),
    PhotoFormat("bare"),
    PhotoFormat("below", "(PHOTO: XINHUA)", joint="\xa0"),
    PhotoFormat("attribute", "(PHOTO:VCG)", joint=""),
)
BODY_FORMATS = (
    "plain",
    "subheads",
    "bullets",
    "review",
    "blanks",
    "plain",
    "inner editor",
    "blanks",
    "subheads",
)
TITLE_FORMATS = ("plain", "plain", "no-break", "colon", "plain")
