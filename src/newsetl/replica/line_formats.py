"""The forms in which the channel prints sections, metadata lines, captions and bodies."""

from __future__ import annotations

from typing import Literal, NamedTuple

NAME = "Science and Technology Daily"


class Section(NamedTuple):
    """A section as readers see it, the number of its listing and the folder of its old addresses."""

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
# The lists of forms below have lengths without a common factor, so that the forms meet in every combination.
SECTION_CYCLE = (0, 2, 1, 0, 3, 2, 4, 0, 5, 2, 6)


class Line(NamedTuple):
    """One form of the metadata line and of the lines around it.

    {L0} stands for the first person in Latin letters, {N0} the same with no-break spaces, {C0} in
    characters. `editor` None takes the next of EDITORS.
    """

    source: str
    author: str
    by: str = ""
    is_by_first: bool = False
    edited: str = ""
    editor: str | None = None
    colon: str = ": "
    is_lower: bool = False


LINES = (
    Line(NAME, "{L0}"),
    Line(NAME.lower(), "{L0}", is_lower=True),
    Line("科技日报", "{C0}", editor="Editor: {C0}"),
    Line(NAME, "The Editorial Office"),
    Line(NAME, "{L0}", by="By {L0}"),
    Line(NAME, "{N0}", by="By\xa0{N0}"),
    Line(NAME, "{L0} & {L1}", by="By {L0} & {L1}", is_by_first=True),
    Line(NAME, "{L0} and {L1}"),
    Line(NAME, "Staff Reporters", colon=":"),
    Line(NAME, "Staff Reporters", by="By Staff Reporters"),
    Line("", ""),
    Line("", "", by="By Staff Reporters", is_by_first=True),
    Line("", "", by="By {L0}"),
    Line(NAME, "{L0}", by="By {L0}", editor="Editor: {C0}"),
    Line(NAME, "{L0}", edited="Edited\xa0by\xa0{N0}"),
    Line("科技日报", "{C0}、{C1}"),
    Line(NAME, "{L0}, {L1}", colon=":"),
    Line(NAME, "{L0}, {L1} and {L2}", by="By {L0}, {L1} and {L2}", is_by_first=True),
    Line("Science\xa0and Technology\xa0Daily", "", by="By {L0} & {L1}"),
    Line("", "{L0}"),
    Line(NAME.upper(), "{C0}"),
    Line(NAME, "", edited="Edited by {L2}"),
    Line(NAME, "", by="By {N0} and {N1}", is_by_first=True, colon=":"),
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


class Photo(NamedTuple):
    """One form of a picture: where its caption stands, the credit as printed, and what joins the two."""

    place: Literal["below", "alone", "attribute", "two", "bare", "none"]
    mark: str = ""
    joint: str = " "


PHOTOS = (
    Photo("below", "(PHOTO: VCG)"),
    Photo("below", "(PHOTO:VCG)"),
    Photo("below", "(PHOTO: XINHUA)", joint=""),
    Photo("alone", "PHOTO: VCG"),
    Photo("alone", "(PHOTO: VCG)"),
    Photo("attribute", "(PHOTO: VCG)"),
    Photo("none"),
    Photo("two", "(PHOTO: VCG)"),
    Photo("below", "(PHOTO: Publicity Office of Lanhe county)"),
    Photo("below", "(PHOTO:\xa0S&T\xa0Daily)"),
    Photo("bare"),
    Photo("below", "(PHOTO: XINHUA)", joint="\xa0"),
    Photo("attribute", "(PHOTO:VCG)", joint=""),
)
BODIES = ("plain", "subheads", "bullets", "review", "blanks", "plain", "inner editor", "blanks", "subheads")
TITLE_FORMS = ("plain", "plain", "no-break", "colon", "plain")
