"""Words in bylines and author fields that are no names."""

from __future__ import annotations


def build_alternation(text: str) -> str:
    """Join the words of `text` to the alternatives of a pattern."""
    return "|".join(text.split())


def build_word_set(text: str, separator: str | None = None) -> frozenset[str]:
    """Split `text` at `separator`, or at whitespace, into a set."""
    return frozenset(" ".join(part.split()) for part in text.split(separator))


# Words before `by`: `Written by`, `Report by`. Nouns with a colon: `Author:`.
BYLINE_VERBS = build_alternation(
    r"""
    story article words? text posted written reviewed reported published created contributed report
    review analysis opinion guest\s+post authored submitted uploaded compiled produced
    """
)
BYLINE_NOUNS = build_alternation(
    r"""
    authors? writers? reporters? correspondent contributors? columnist blogger words text from
    author\(s\) about\s+the\s+authors? meet\s+the\s+author posted written von par por di
    """
)
# Words that end the names in a line.
END_WORDS = build_alternation(
    r"""
    published updated posted modified last reviewed edited photographs? photos?
    illustrat(?:ed|ions?) read\s+more follow share comments? minutes? for\s+the special\s+to
    on\s+behalf\s+of is\s+an? has\s+been was\s+an? bio twitter about tags filed\s+under in\s+association
    """
)
# Roles after a name.
ROLE_WORDS = build_alternation(
    r"""
    writer editor reporter correspondent journalist columnist contributor author producer
    photographer analyst director manager officer president founder co-?founder ceo cto cfo cmo
    head\s+of chief specialist strategist consultant engineer developer designer marketer expert
    fellow professor lecturer researcher intern associate assistant executive coordinator blogger
    freelancer? owner advisor adviser therapist dietitian nutritionist physician
    """
)
# Words before a role; together they are no name.
RANK_WORDS = build_alternation(
    r"""
    community senior junior staff web managing associate assistant contributing guest news digital
    chief deputy executive site content freelance our political politics business sports? science
    technology tech health education environment climate foreign local national city crime features
    culture arts travel food money legal diplomatic defen[cs]e economics investigative special world
    """
)
# Words of the interface, beside names and in author fields.
INTERFACE_WORDS = build_alternation(
    r"""
    ago minutes? hours? days? email e-mail subscribe follow sign click views? posts? comments? login
    newsletter cookies? copyright loading advertisement sponsored bookmark tweet whatsapp reply
    profile
    """
)
# Words of prose and menus, which no visible name contains.
PROSE_WORDS = build_alternation(
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
# Words that begin a text of the interface but no name: `Read more`, `View profile`, `Follow Ada`.
OPENING_WORDS = build_alternation(
    r"""
    about advertisement advertising all articles? as at authors? by click comments? contact copyright
    credit disclosure download email e-mail facebook featured filed follow for from get has home how
    image instagram is latest learn linkedin loading log login medically meet menu minutes? more most
    newsletter next not of our photos? pinterest popular posted posts? previous print privacy profile
    published read reads reading recent related reply reviewed save search see share shop sign
    sponsored subscribe tags? that the these this to trending tweet twitter updated us view views? was
    web website we were what when where whatsapp why with written your
    """
)
# Words of the interface and of prose that are names too.
NAME_WORDS = build_alternation(
    r"""
    best bio can click credit days? fact follow free guide hours? last learn log minutes? more next page
    posts? print read reads reply save see share sign story top view will you
    """
)
# Agencies that sign in capitals. Other capitals after a name are a degree.
CAPITAL_AGENCIES = build_word_set(
    """
    aap abc afp ani ansa ap apa bbc cbs cnn dpa efe ians kuna nbc npr pa pti tass upi voa wam
    """
)
# Words of sections and places, which stand beside a date as names do.
SUBJECT_WORDS = build_word_set(
    """
    africa america american analysis art arts asia australia beauty book books business buying canada
    care case center centre charter china choice city climate college community company content cooking
    council county courses crime culture customer data day deals design development digital editorial
    education energy english entertainment environment estate europe event events everything exclusive
    family fashion feature features festival film finance fitness food football games gaming garden
    government growth guides health help history home india industry insights international interview
    interviews investing island islands issue issues job jobs kingdom korea law leadership learning
    legal life lifestyle living local magazine management market marketing markets media medicine mental
    middle mobile money movie movies music national nature net new newsroom north online open opinion
    our parenting park people personal podcast podcasts policy politics press product products project
    property public real recipes region release releases report reports research resources retail review
    reviews room safety sale sales school schools science security series service services sexual
    shopping small social software south sport sports state states status street studies study style
    sustainable tech technology test tips topic topics town trade training travel trends tutorial
    tutorials united university update updates use user video videos war water wellness women work
    working world year zealand
    """
)
# Words that begin the name of a place: New York, San Marino, Hong Kong.
PLACE_WORDS = build_word_set(
    "abu buenos cape costa east el fort great hong kuala las los mexico new north port puerto rio salt san"
    " santa santo sao saint saudi south sri st tel the united west"
)
# Placeholders in author fields.
PLACEHOLDER_NAMES = build_word_set(
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
# Lower-case words within names.
PARTICLES = build_word_set(
    """
    the de da di del della des du van von der den ten ter la le el al bin ibn abu of y e st zu zum
    af av dos das do los las ap san mc o d
    """
)
