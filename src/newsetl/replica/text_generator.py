"""Generator of invented science news from word lists and sentence patterns."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

# Surnames and given names in Latin letters and in Chinese characters.
SURNAMES = (
    ("BAO", "鲍"), ("CEN", "岑"), ("DENG", "邓"), ("DU", "杜"), ("FANG", "方"), ("GAO", "高"), ("GUO", "郭"),
    ("HONG", "洪"), ("JIANG", "蒋"), ("KANG", "康"), ("LEI", "雷"), ("LUO", "罗"), ("MENG", "孟"),
    ("NIE", "聂"), ("OUYANG", "欧阳"), ("PENG", "彭"), ("QIN", "秦"), ("REN", "任"), ("SHEN", "沈"),
    ("TAN", "谭"), ("XU", "许"), ("YAO", "姚"), ("ZHENG", "郑"),
)  # fmt: skip
GIVEN = (
    ("Anhe", "安禾"), ("Boyuan", "博远"), ("Chenlu", "晨露"), ("Dongqing", "冬青"), ("Fanghua", "芳华"),
    ("Guming", "谷鸣"), ("Haitao", "海涛"), ("Jinglan", "静岚"), ("Kexin", "可馨"), ("Lan", "岚"),
    ("Mingzhe", "明哲"), ("Ning", "宁"), ("Peiran", "沛然"), ("Qiuyue", "秋月"), ("Ruogu", "若谷"),
    ("Songbai", "松柏"), ("Tong", "桐"), ("Wenzhou", "文舟"), ("Xinhe", "新禾"), ("Yuntao", "云涛"),
    ("Zeyu", "泽宇"), ("Zhaoyang", "朝阳"),
)  # fmt: skip
PLACES = (
    "Lanhe", "Qingsha", "Yunmu", "Beitan", "Songwan", "Hemu", "Xiling", "Dongze", "Baiqiao", "Luofeng",
    "Tieshan", "Jinpu", "Nanlu", "Shuikou", "Wulin", "Zhuhe", "Heishui", "Pingchuan", "Yanfeng", "Gaotai",
)  # fmt: skip


class Topic(NamedTuple):
    """Words that occur together in one article."""

    field: str
    things: tuple[str, ...]
    targets: tuple[str, ...]
    gains: tuple[str, ...]
    users: tuple[str, ...]


TOPICS = (
    Topic(
        "soil science", ("soil probe", "seed coating", "drip sensor", "compost reactor"),
        ("salty farmland", "terraced fields", "dry orchards"),
        ("water use", "seed loss", "fertilizer cost"),
        ("growers", "village cooperatives", "seed companies"),
    ),
    Topic(
        "marine research", ("deep-water glider", "tide meter", "coral nursery", "sonar buoy"),
        ("reef slopes", "the outer shelf", "fishing grounds"),
        ("survey time", "battery drain", "background noise"),
        ("fishing crews", "harbor pilots", "coastal stations"),
    ),
    Topic(
        "materials science", ("ceramic membrane", "steel alloy", "glass fiber", "carbon film"),
        ("bridge cables", "furnace walls", "desalination plants"),
        ("wear", "heat loss", "rust"),
        ("bridge builders", "foundry owners", "railway depots"),
    ),
    Topic(
        "photonics", ("laser clock", "light chip", "fiber link", "mirror array"),
        ("data centers", "mountain observatories", "long cables"),
        ("signal noise", "power draw", "drift"),
        ("network operators", "telescope teams", "chip makers"),
    ),
    Topic(
        "medical technology", ("breath test", "bone scaffold", "patch sensor", "robotic splint"),
        ("county clinics", "nursing homes", "mobile wards"),
        ("waiting time", "scar tissue", "dosage error"),
        ("nurses", "rural doctors", "rehabilitation centers"),
    ),
    Topic(
        "clean energy", ("salt battery", "wind tower", "hydrogen valve", "solar tile"),
        ("remote grids", "greenhouse roofs", "high plateaus"),
        ("storage cost", "night loss", "downtime"),
        ("grid engineers", "herding families", "bus companies"),
    ),
    Topic(
        "wetland science", ("bird tracker", "wetland map", "pollen trap", "river camera"),
        ("crane wetlands", "bamboo forests", "sandy corridors"),
        ("survey cost", "road mortality", "counting error"),
        ("rangers", "school clubs", "park managers"),
    ),
    Topic(
        "space engineering", ("lunar drill", "ground antenna", "dust shield", "star tracker"),
        ("low orbits", "the far side", "relay satellites"),
        ("launch mass", "fuel use", "tracking error"),
        ("mission planners", "satellite owners", "weather offices"),
    ),
    Topic(
        "heritage science", ("pigment scanner", "timber model", "moisture alarm", "pottery archive"),
        ("cave murals", "old timber halls", "clay sites"),
        ("salt damage", "repair time", "handling"),
        ("museum staff", "carpenters", "site guards"),
    ),
)  # fmt: skip

LEADS = (
    "Researchers at the {place} Institute of {Field} have built a {thing} that works on {target} "
    "and cuts {gain} by {n} percent.",
    "A {thing} designed in {place} passed its field trial on {target} this season, the project office said.",
    "After {years} years of work, a {field} group from {place} has shown a {thing} that {users} can "
    "run without training.",
    "A small {thing} may change how {users} deal with {target}, according to tests that ended in {place}.",
)
FACTS = (
    "In {m} trials on {target}, the {thing} lowered {gain} by {n} percent compared with the older design.",
    "The team recorded {big} readings over {weeks} weeks before it settled on the final layout.",
    "The first version weighed {kilos} kilograms; the present one fits into a backpack.",
    "Most of the parts are made in {place}, and the drawings are open to {users} free of charge.",
    "Earlier tools worked in the laboratory but failed on {target}, where dust, damp and cold come together.",
    "The group compared {m} samples from {place} with {n} samples from {place2} and found the same pattern.",
    "What limits the method is {gain}, which still rises when the temperature falls below freezing.",
    "A second station in {place2} repeated the measurements and arrived at a difference of less "
    "than {small} percent.",
    "The work began with a simple question from {users}: why is {gain} so much higher in one valley "
    "than in the next?",
    "Costs have fallen to about {kilos} yuan per unit, less than a third of what an imported one costs.",
    "Training takes {weeks} days, and a help desk in {place2} answers questions in three languages.",
    "The results were checked by a panel of {m} reviewers, who asked for longer runs on {target}.",
    "Each {thing} sends a short report every {n} minutes, so that {users} see a fault before it spreads.",
    "Funding came from the {place} science office and from {m} partners abroad.",
)
QUOTES = (
    "“We wanted a {thing} that anyone can repair with three tools,” said {who}, an engineer on the project.",
    "“The numbers surprised us, so we measured {gain} again from the start,” said {who}, who leads "
    "the {field} group.",
    "“What {users} told us about the first {thing} was hard to hear and right,” {who} said.",
    "According to {who}, a visiting scholar in {place}, the next step is a trial on {target} in {m} "
    "countries.",
)
POINTS = (
    "Who may apply: {users} with at least {small} years of practice.",
    "What it takes: one {thing}, a quiet room and {n} minutes.",
    "Where it stands: {m} stations in {place}, more to follow in {place2}.",
    "Next date: a public trial on {target} in {weeks} days.",
)
CLOSINGS = (
    "The next {m} units will be sent to {place2} before the end of the year.",
    "A longer study on {target} is planned for the coming season, and its readings will be "
    "published as they arrive.",
    "The group now looks for {users} who are willing to test the {thing} through a whole winter.",
    "If the trial holds, {place} will open its {field} workshop to {users} from other provinces.",
)
SUBHEADS = (
    "From the Bench to the Field", "A Question of {Gain}", "What {Users} Say", "Lessons from {place}",
    "Testing on {Target}", "Shared Tools, Shared Results", "The Road Ahead for {Field}",
)  # fmt: skip
TITLES = (
    "{place} Team Builds {Thing} for {Target}",
    "New {Thing} from {place} Cuts {Gain} on {Target}",
    "{Field} Group in {place} Opens {Thing} Plans to {Users}",
    "How {place} Brought a {Thing} to {Target}",
    "{Users} Put {place} {Thing} to the Test",
    "{Thing} Trial Links {place} and {place2}",
    "{place} & {place2} Share One {Thing}",
    "{place} {Thing} Passes {m}-Week Trial on {Target}",
    "What {m} Winters Taught {place} about {Gain}",
    "Why {Gain} Falls in {place} and Not in {place2}",
    "Lighter {Thing} Leaves {place} for {Target}",
    "From {place} to {place2}: a {Thing} That {Users} Can Mend",
    "{place} Shows {n} {Users} How to Run a {Thing}",
)
COLON_TITLES = ("{Thing}:Less {Gain} for {Users}", "{Target}:A {Thing} Comes from {place}")
AMENDMENT = (
    "An earlier version of this story named {m} trials; the office in {place} has since "
    "counted {big} readings."
)
CAPTIONS = (
    "{users} try out a {thing} during an open day in {place}.",
    "A {thing} stands ready for a trial on {target} near {place}.",
    "Students from {place2} look at the first {thing} in a workshop in {place}.",
    "Engineers check readings from a {thing} after a night on {target}.",
)


class Person(NamedTuple):
    """Invented person in both spellings."""

    latin: str
    chinese: str


def invent_people(rng: Random, count: int) -> tuple[Person, ...]:
    """Return `count` persons with different surnames."""
    return tuple(
        Person(f"{surname} {given}", surname_c + given_c)
        for surname, surname_c in rng.sample(SURNAMES, count)
        for given, given_c in [rng.choice(GIVEN)]
    )


def _capitalise(words: str) -> str:
    return " ".join(
        word if word in {"of", "the", "and"} else word[:1].upper() + word[1:] for word in words.split()
    )


class TextGenerator:
    """Generator of sentences about one topic; the same random state gives the same sentences."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        topic = rng.choice(TOPICS)
        place, place2 = rng.sample(PLACES, 2)
        words = {
            "field": topic.field,
            "thing": rng.choice(topic.things),
            "target": rng.choice(topic.targets),
            "gain": rng.choice(topic.gains),
            "users": rng.choice(topic.users),
        }
        capitals = {word.capitalize(): _capitalise(value) for word, value in words.items()}
        self.words = words | capitals | {"place": place, "place2": place2}

    def fill(self, pattern: str) -> str:
        """Fill the pattern with the topic's words and random numbers and names."""
        draw = self.rng.randint
        text = pattern.format(
            **self.words,
            n=draw(6, 74),
            m=draw(4, 19),
            big=f"{draw(3, 96)},{draw(100, 999)}",
            small=draw(2, 5),
            weeks=draw(3, 40),
            years=draw(2, 12),
            kilos=draw(21, 480),
            who=invent_people(self.rng, 1)[0].latin if "{who}" in pattern else "",
        )
        return text[:1].upper() + text[1:]

    def write_title(self, patterns: tuple[str, ...] = TITLES) -> str:
        """Generate a headline."""
        return self.fill(self.rng.choice(patterns))

    def write_captions(self, count: int) -> list[str]:
        """Generate `count` different captions."""
        return [self.fill(pattern) for pattern in self.rng.sample(CAPTIONS, count)]

    def write_paragraphs(self, count: int) -> list[str]:
        """Generate a lead, `count` paragraphs of two or three sentences, and a closing paragraph."""
        facts = self.rng.sample(FACTS, min(len(FACTS), 2 * count))
        quotes = self.rng.sample(QUOTES, len(QUOTES))
        body = [self.fill(self.rng.choice(LEADS))]
        for number in range(count):
            pair = facts[2 * number : 2 * number + 2]
            if quotes and self.rng.random() < 0.5:
                pair.insert(1, quotes.pop())
            body.append(" ".join(map(self.fill, pair)))
        return [*body, self.fill(self.rng.choice(CLOSINGS))]

    def write_amendment(self) -> str:
        """Generate a paragraph for an edited article."""
        return self.fill(AMENDMENT)

    def write_subheads(self, count: int) -> list[str]:
        """Generate `count` different subheads."""
        return [self.fill(pattern) for pattern in self.rng.sample(SUBHEADS, count)]

    def write_bullets(self, count: int) -> list[str]:
        """Generate `count` different bullet items."""
        return ["* " + self.fill(pattern) for pattern in self.rng.sample(POINTS, count)]
