"""Words that stand where authors are named, and are no names: data, kept apart from what reads them."""

from __future__ import annotations


def build_alternation(text: str) -> str:
    """The words of `text` as the alternatives of a pattern."""
    return "|".join(text.split())


def build_word_set(text: str, between: str | None = None) -> frozenset[str]:
    """The words of `text`, or what stands between the `between`."""
    return frozenset(" ".join(part.split()) for part in text.split(between))


# `Written by`, `Report by`; and nouns with a colon: `Author:`.
VERBS = build_alternation(
    r"""
    story article words? text posted written reviewed reported published created contributed report
    review analysis opinion guest\s+post authored submitted uploaded compiled produced
    """
)
NOUNS = build_alternation(
    r"""
    authors? writers? reporters? correspondent contributors? columnist blogger words text from
    author\(s\) about\s+the\s+authors? meet\s+the\s+author posted written von par por di
    """
)
# What ends the names in a line.
CLOSING = build_alternation(
    r"""
    published updated posted modified last reviewed edited photographs? photos?
    illustrat(?:ed|ions?) read\s+more follow share comments? minutes? for\s+the special\s+to
    is\s+an? has\s+been was\s+an? bio twitter about tags filed\s+under in\s+association
    """
)
# What a person is, behind the name.
ROLES = build_alternation(
    r"""
    writer editor reporter correspondent journalist columnist contributor author producer
    photographer analyst director manager officer president founder co-?founder ceo cto cfo cmo
    head\s+of chief specialist strategist consultant engineer developer designer marketer expert
    fellow professor lecturer researcher intern associate assistant executive coordinator blogger
    freelancer? owner advisor adviser therapist dietitian nutritionist physician
    """
)
# Before a role: together they are nobody's name.
RANKS = build_alternation(
    r"""
    community senior junior staff web managing associate assistant contributing guest news digital
    chief deputy executive site content freelance our
    """
)
# Words of pages' tools, which stand beside names and in the fields for them.
TOOLS = build_alternation(
    r"""
    ago minutes? hours? days? email e-mail subscribe follow sign click views? posts? comments? login
    newsletter cookies? copyright loading advertisement sponsored bookmark tweet whatsapp reply
    profile
    """
)
# Words of prose and of menus: no reader takes for a name what holds one.
PROSE = build_alternation(
    r"""
    read reads reading share more all home menu search log privacy rights reserved about contact
    advertising print save facebook twitter linkedin instagram pinterest page website web article
    articles author authors written published updated last this these that your you we us our how
    why what when where is are was were has have can will not for to on with at from as by image
    photo photos getty caption credit category categories tags? related latest popular trending next
    previous news archive archives bio biography disclosure reviewed checked fact medically edited
    story stories learn see download free shop buy best top guide
    """
)
# Who is nobody in particular.
NOBODY = build_word_set(
    """
    admin, administrator, author, authors, editor, editors, staff, staff writer, staff writers, staff
    reporter, staff reporters, staff reports, staff report, web staff, guest, guest author, guest
    writer, guest contributor, guest blogger, guest post, contributor, contributors, contributing
    writer, contributed, unknown, anonymous, none, null, undefined, nan, webmaster, web master, user,
    wordpress, root, test, n/a, na, no author, by, written by, name, super admin, superuser, site
    admin, newsroom, online desk, press release, news desk, web desk, default, default author,
    various, various authors, person, organization, author name, reporter, reporters, special
    correspondent, our correspondent, wp admin, wpengine, siteadmin, content, marketing, self, true,
    false, postmaster
    """,
    ",",
)
# Small words of names.
PARTICLES = build_word_set(
    """
    the de da di del della des du van von der den ten ter la le el al bin ibn abu of y e st zu zum
    af av dos das do los las ap san mc o d
    """
)
