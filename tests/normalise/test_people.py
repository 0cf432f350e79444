"""Printed names in, people out: who is one person, who is not, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsetl import sources
from newsetl.db import compare
from newsetl.db.connection import open_connection
from newsetl.db.writer import Warehouse
from newsetl.errors import WarehouseError
from newsetl.model import Credit, CreditKind, Role
from newsetl.normalise import chinese_names, people
from newsetl.normalise.people import MatchedPeople, MatchReason, match_people
from newsetl.pipeline import rebuild, recover
from newsetl.replica import text_generator
from newsetl.runtime.data_folder import DataFolder
from tests.support import factories, replica_runs
from tests.support.factories import page, web

SOURCE = sources.load("stdaily")

# Names printed in one source; `|` stands between people.
STORIES = {
    "both scripts": "QIAO Yanlin, 乔砚林",
    "given name first": "QIAO Yanlin, 乔砚林, Yanlin Qiao",
    "surname in capitals, last": "Yanlin QIAO, QIAO Yanlin",
    "one case": "QIAO YANLIN, qiao yanlin, QIAO Yanlin, Qiao Yanlin",
    "a hyphen": "Qiao Yan-lin, QIAO Yanlin, Yan-lin Qiao",
    "given name in two words": "QIAO Yan Lin, Qiao Yan Lin, QIAO Yanlin",
    "an apostrophe": "FU Xi'an, FU Xi’an, FU Xian, 傅西安",
    "marks of tones": "Qiáo Yànlín, QIAO Yanlin",
    "one syllable": "HAO Meng, 郝萌, Meng Hao",
    "two given names": "QIAO Yanlin, 乔砚林 | QIAO Yanling, 乔砚玲",
    "two surnames": "QIAO Yanlin | JIAO Yanlin",
    "traditional": "喬硯林, 乔砚林, QIAO Yanlin",
    "traditional alone": "喬硯林, QIAO Yanlin",
    "a blank between characters": "郝 萌, 郝萌, 郝　萌",
    "traditional only by its company": "於曉嵐, 于晓岚 | 於敏嘉",
    "what both prints have is left alone": "郝乾 | 郝干",
    "a variant of its own": "郝昇 | 郝升",
    "曾 is Zeng": "ZENG Luoshan, 曾洛珊",
    "单 is Shan": "SHAN Qiluo, 单启洛",
    "解 is Xie": "XIE Wenbai, 解文柏",
    "仇 is Qiu": "QIU Lanting, 仇岚庭",
    "区 is Ou": "OU Jingbei, 区景蓓",
    "查 is Zha": "ZHA Mengyuan, 查梦原",
    "翟 is Zhai or Di": "ZHAI Ruolan, 翟若兰",
    "翟 is Di or Zhai": "DI Ruolan, 翟若兰",
    "乐 is Yue": "YUE Songhe, 乐松禾",
    "乐 is Le": "LE Songhe, 乐松禾",
    "朴 is Piao": "PIAO Zhenyu, 朴振宇",
    "a character's common reading, if nobody else's": "DAN Qiluo, 单启洛",
    "but not if it is somebody's": "DAN Qiluo, 但启洛 | 单启洛",
    "a given name with two readings": "GAO Chaoyang, GAO Zhaoyang, 高朝阳",
    "娜 is Na or Nuo": "SU Lina, SU Linuo, 苏丽娜",
    "no reading of old dictionaries": "WANG Meng | 王明",
    "nor of surnames": "YU Bei | 王贝",
    "a compound surname": "OUYANG Tinglu, 欧阳亭鹿, Ouyang Tinglu, Tinglu Ouyang",
    "a compound surname in two words": "OU YANG Tinglu, OU-YANG Tinglu, 欧阳亭鹿, Ou Yang Tinglu",
    "尉迟 is Yuchi": "YUCHI Boheng, 尉迟伯衡",
    "长孙 is Zhangsun": "ZHANGSUN Yi, 长孙弋",
    "only two characters of a compound surname": "OU Yang, 欧阳",
    "four characters": "CHEN Wangxiaoyu, CHEN WANG Xiaoyu, 陈王晓雨",
    "ü": "LYU Qingshu, LÜ Qingshu, LV Qingshu, 吕青树, Lǚ Qīngshù",
    "ü as u": "LU Qingshu, 吕青树",
    "but not if u is somebody's": "LU Qingshu, 陆青树 | LYU Qingshu, 吕青树",
    "two people, one spelling": "张伟 | 章伟 | ZHANG Wei, Zhang Wei, Wei ZHANG, WEI ZHANG",
    "two people, one spelling, and a third": "张雨辰 | 章宇晨 | ZHANG Yuchen | 张雨桐, ZHANG Yutong",
    "two unusual readings": "苏丽娜 | 苏莉娜 | SU Linuo",
    "either order": "Lan Tian | Tian Lan",
    "either order, one known": "Lan Tian, TIAN Lan | 蓝宁",
    "either order, one known in characters": "Lan Tian, 田岚",
    "either order, both known": "Lan Tian, LAN Tian | TIAN Lan",
    "a foreign name": "Ann O'Neal, ANN ONEAL, ann o’neal | Anna Leo",
    "a foreign hyphen": "Jean-Luc Ardent, Jean Luc Ardent",
    "foreign names do not turn": "Morris Wexham | Wexham Morris",
    "with an initial": "J. Wexham, J WEXHAM | Jo Wexham",
    "initials": "W.P.Y. | WPY | wpy | W P Y",
    "one word": "Yanlin | YANLIN | QIAO Yanlin",
    "one word, two cases": "Meridian | meridian",
    "a name from afar in characters": "阿依古丽·萨迪克, 阿依古丽•萨迪克 | AYI Gulisadike",
    "one character": "岚 | LAN",
    "both scripts in one line": "QIAO Yanlin 乔砚林 | 乔砚林",
    "a digit": "QIAO Yanlin2 | QIAO Yanlin",
}  # fmt: skip


def printed(names: str, kind: CreditKind = "person") -> list[tuple[str, CreditKind]]:
    return [(name.strip(" "), kind) for group in names.split("|") for name in group.split(",")]


def groups(found: MatchedPeople) -> set[frozenset[str]]:
    """The names that are one person."""
    made = defaultdict(set)
    for claim in found.matches:
        made[claim.person_id].add(claim.name)
    return set(map(frozenset, made.values()))


def claimed(found: MatchedPeople) -> dict[str, tuple[str, str | None, MatchReason, float]]:
    """Of each printed name who it is, in both scripts, and why."""
    people = {person.person_id: person for person in found.people}
    return {
        claim.name: (
            people[claim.person_id].name,
            people[claim.person_id].chinese_name,
            claim.reason,
            claim.confidence,
        )
        for claim in found.matches
    }


@pytest.mark.parametrize("story", STORIES)
def test_names_in_people_out(story: str) -> None:
    wanted = {frozenset(name for name, _ in printed(group)) for group in STORIES[story].split("|")}
    assert groups(match_people(printed(STORIES[story]), SOURCE)) == wanted


def test_a_claim_has_its_reason_and_its_strength() -> None:
    found = claimed(
        match_people(
            printed("QIAO Yanlin, Yanlin Qiao, 喬硯林, 乔砚林, DAN Ying, 单莹, Zhu Shanshan, Beibei SONG"),
            SOURCE,
        )
    )
    qiao = ("QIAO Yanlin", "乔砚林")
    assert found == {
        "乔砚林": (*qiao, MatchReason.SPELLING, 1.0),
        "喬硯林": (*qiao, MatchReason.TRADITIONAL, 0.95),
        "QIAO Yanlin": (*qiao, MatchReason.PINYIN, 0.9),
        "Yanlin Qiao": (*qiao, MatchReason.PINYIN, 0.81),
        "单莹": ("DAN Ying", "单莹", MatchReason.SPELLING, 1.0),
        "DAN Ying": ("DAN Ying", "单莹", MatchReason.PINYIN, 0.56),
        "Zhu Shanshan": ("ZHU Shanshan", None, MatchReason.SPELLING, 1.0),
        "Beibei SONG": ("SONG Beibei", None, MatchReason.ORDER, 0.9),
    }


def test_a_spelling_of_two_people_is_neither_and_names_both() -> None:
    found = match_people(printed("ZHANG Wei, Wei Zhang, 张伟, 章伟"), SOURCE)
    alternatives = {claim.name: (claim.confidence, claim.alternatives) for claim in found.matches}
    assert alternatives == {
        "ZHANG Wei": (0.5, ("张伟", "章伟")),
        "Wei Zhang": (0.36, ("张伟", "章伟")),
        "张伟": (1.0, ()),
        "章伟": (1.0, ()),
    }
    assert [person.chinese_name for person in found.people if person.name == "ZHANG Wei"].count(None) == 1
    # Where an unusual reading is the rival, the usual one keeps the name, and says so.
    found = match_people(printed("LU Qingshu, 陆青树, 吕青树"), SOURCE)
    assert [(claim.confidence, claim.alternatives) for claim in found.matches if claim.alternatives] == [
        (0.72, ("吕青树",))
    ]


NAMES = {
    "乔砚林": "QIAO Yanlin",
    "吕青树": "LYU Qingshu",
    "欧阳亭鹿": "OUYANG Tinglu",
    "曾洛珊": "ZENG Luoshan",
    "qiao yanlin": "QIAO Yanlin",
    "OU YANG Tinglu": "OU YANG Tinglu",
    "FU Xi'an": "FU Xi'an",
    "Lan Tian": "Lan Tian",
    "morris wexham, MORRIS WEXHAM, Morris Wexham": "Morris Wexham",
    "阿依古丽·萨迪克": "Ayiguli Sadike",
    "LE Songhe, 乐松禾": "LE Songhe",
}


@pytest.mark.parametrize("names", NAMES)
def test_a_person_has_a_name_in_the_channels_form(names: str) -> None:
    (person,) = match_people(printed(names), SOURCE).people
    assert person.name == NAMES[names]


def test_desks_and_organisations_are_never_people() -> None:
    names = [
        *printed("Staff Reporters, STAFF REPORTERS, staff reporters", "desk"),
        *printed("本报记者", "desk"),
        *printed("XINHUA, Xinhua, Lan Tian", "organisation"),
        *printed("Lan Tian, XINHUA, staff reporters"),
    ]
    found = match_people(names, SOURCE)
    assert sorted((person.kind, person.name) for person in found.people) == [
        ("desk", "Staff Reporters"),
        ("desk", "本报记者"),
        ("organisation", "Lan Tian"),
        ("organisation", "Xinhua"),
        ("person", "Lan Tian"),
        ("person", "XINHUA"),
        ("person", "staff reporters"),
    ]


def corrected(names: Iterable[tuple[str, CreditKind]], **people: str) -> MatchedPeople:
    return match_people(
        names, replace(SOURCE, people={key.replace("_", " "): to for key, to in people.items()})
    )


def test_a_correction_joins_parts_and_overrules() -> None:
    found = claimed(corrected(printed("ZHANG Wei, Zhang  wei, 张伟, 章伟"), zhang_wei="章伟"))
    zhang = ("ZHANG Wei", "章伟", MatchReason.CORRECTION, 1.0)
    assert found["ZHANG Wei"] == found["Zhang  wei"] == zhang
    # A name to itself is apart, and others can be sent to it.
    apart = corrected(printed("LI Na, Nancy Li, 李娜, Na LI"), LI_Na="LI Na", Nancy_Li="LI Na")
    assert groups(apart) == {frozenset({"LI Na", "Nancy Li"}), frozenset({"李娜", "Na LI"})}
    apart = corrected(printed("LI Na, 李娜"), 李娜="李娜")
    assert {person.chinese_name for person in apart.people} == {None, "李娜"}
    # The canonical name need not be printed, and then it is as if it were.
    found = claimed(corrected(printed("Bill Q., QIAO Yanlin"), **{"bill_q.": "乔砚林"}))
    assert found["Bill Q."] == ("QIAO Yanlin", "乔砚林", MatchReason.CORRECTION, 1.0)
    assert found["QIAO Yanlin"] == ("QIAO Yanlin", "乔砚林", MatchReason.PINYIN, 0.9)
    # It is what the person is called then.
    found = claimed(corrected(printed("Bill Q., QIAO Yanlin, Yanlin Qiao"), **{"Bill_Q.": "Yanlin Qiao"}))
    assert {name for name, *_ in found.values()} == {"Yanlin Qiao"}


def test_a_correction_may_say_what_kind_it_is() -> None:
    names = [*printed("Staff Reporrters, VCG Pic, Desk of Qiao"), ("VCG", "organisation")]
    found = corrected(names, Staff_Reporrters="Staff Reporters", VCG_Pic="VCG", Desk_of_Qiao="乔砚林")
    assert sorted((person.kind, person.name) for person in found.people) == [
        ("desk", "Staff Reporters"),
        ("organisation", "VCG"),
        ("person", "QIAO Yanlin"),
    ]


POOL = sorted({each for story in STORIES.values() for each in printed(story)})


@given(st.lists(st.sampled_from(POOL), max_size=25), st.randoms(use_true_random=False))
def test_neither_order_nor_number_matters(names: list[tuple[str, CreditKind]], rng: Any) -> None:
    found = match_people(names, SOURCE)
    shuffled = [*names, *names[:3]]
    rng.shuffle(shuffled)
    assert match_people(shuffled, SOURCE) == found
    assert [(claim.name, claim.kind) for claim in found.matches] == sorted(set(names))
    assert {person.person_id for person in found.people} == {claim.person_id for claim in found.matches}
    for group in groups(found):
        simplified = {
            chinese_names.to_simplified(name) for name in group if chinese_names.is_in_characters(name)
        }
        assert len(simplified) <= 1


def credited(**names: str) -> tuple[Credit, ...]:
    """Credits of an article; names of one role are separated by commas."""
    roles: dict[str, Role] = {"by": "author", "edited": "editor", "photo": "photographer"}
    return tuple(
        Credit(name.strip(), roles[role], place, "desk" if "Staff" in name else "person")
        for role, together in names.items()
        for place, name in enumerate(together.split(","), 1)
    )


ARTICLES = (
    ("2026-01-05", "News", credited(by="QIAO Yanlin", edited="郝萌")),
    ("2026-01-06", "News", credited(by="乔砚林, FU Xian", edited="HAO Meng, 郝萌")),
    ("2026-01-06", "Insight", credited(by="Staff Reporters", edited="HAO Meng")),
    ("2026-02-01", "Insight", credited(by="HAO Meng", edited="Meng HAO")),
    ("2026-02-02", "Case", credited(by="FU Xian", edited="QIAO Yanlin", photo="FU Xian")),
    ("2026-02-03", "Case", credited(photo="郝萌")),
)


def pages(numbers: Iterable[int]) -> list[Any]:
    return [
        page(
            number,
            web(number),
            title=f"Title {number}",
            text=f"Text {number} is here.",
            section=ARTICLES[number][1],
            credits=ARTICLES[number][2],
            published_at=datetime.fromisoformat(ARTICLES[number][0]).replace(tzinfo=UTC),
        )
        for number in numbers
    ]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    warehouse, run_id = factories.opened(tmp_path_factory.mktemp("people") / "news.duckdb")
    with warehouse:
        warehouse.load(factories.batch(*pages(range(6))), run_id=run_id)
        warehouse.rebuild_people("stdaily", people.match_people)
        yield warehouse


def rows(warehouse: Warehouse, statement: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = warehouse.connection.execute(statement).fetchall()
    return found


def test_the_views_count_people_and_not_spellings(warehouse: Warehouse) -> None:
    assert rows(
        warehouse,
        "SELECT name, chinese_name, kind, first_on::VARCHAR, last_on::VARCHAR, credits "
        "FROM people ORDER BY name",
    ) == [
        ("FU Xian", None, "person", "2026-01-06", "2026-02-02", 3),
        ("HAO Meng", "郝萌", "person", "2026-01-05", "2026-02-03", 7),
        ("QIAO Yanlin", "乔砚林", "person", "2026-01-05", "2026-02-02", 3),
        ("Staff Reporters", None, "desk", "2026-01-06", "2026-01-06", 1),
    ]
    assert rows(
        warehouse,
        "SELECT editor, month_on::VARCHAR, articles, days, sections, words, authors, own "
        "FROM editor_workload",
    ) == [
        ("HAO Meng", "2026-01-01", 3, 2, 2, 12, 3, 0),
        ("HAO Meng", "2026-02-01", 1, 1, 1, 4, 1, 1),
        ("QIAO Yanlin", "2026-02-01", 1, 1, 1, 4, 1, 0),
    ]
    assert rows(
        warehouse,
        "SELECT author, kind, articles, words, sections, co_authors, editors, first_on::VARCHAR, "
        "last_on::VARCHAR FROM author_output",
    ) == [
        ("FU Xian", "person", 2, 8, 2, 1, 2, "2026-01-06", "2026-02-02"),
        ("QIAO Yanlin", "person", 2, 8, 1, 1, 1, "2026-01-05", "2026-01-06"),
        ("HAO Meng", "person", 1, 4, 1, 0, 1, "2026-02-01", "2026-02-01"),
        ("Staff Reporters", "desk", 1, 4, 1, 0, 1, "2026-01-06", "2026-01-06"),
    ]
    assert rows(
        warehouse,
        "SELECT author, editor, articles, first_on::VARCHAR, last_on::VARCHAR, is_own FROM "
        "author_editor_pairs",
    ) == [
        ("QIAO Yanlin", "HAO Meng", 2, "2026-01-05", "2026-01-06", False),
        ("FU Xian", "HAO Meng", 1, "2026-01-06", "2026-01-06", False),
        ("FU Xian", "QIAO Yanlin", 1, "2026-02-02", "2026-02-02", False),
        ("HAO Meng", "HAO Meng", 1, "2026-02-01", "2026-02-01", True),
        ("Staff Reporters", "HAO Meng", 1, "2026-01-06", "2026-01-06", False),
    ]
    assert rows(warehouse, "SELECT editor, chinese_name, articles FROM editor_counts") == [
        ("HAO Meng", "郝萌", 4),
        ("QIAO Yanlin", "乔砚林", 1),
    ]


def test_people_of_two_sources_are_two(warehouse: Warehouse, tmp_path: Path) -> None:
    both, run_id = factories.opened(tmp_path / "news.duckdb")
    with both:
        both.load(factories.batch(*pages(range(6))), run_id=run_id)
        other = replace(SOURCE, slug="elsewhere")
        both.register_source(other)
        given = factories.batch(*pages([0]))
        ((taken,), (read,)) = given.captures, given.articles
        taken = replace(taken, source="elsewhere", capture_id=factories.UUID(int=99))
        read = replace(read, source="elsewhere", capture_id=taken.capture_id)
        both.load(replace(given, source="elsewhere", captures=(taken,), articles=(read,)), run_id=run_id)
        for slug in ("elsewhere", "stdaily"):
            both.rebuild_people(slug, people.match_people)
        assert rows(both, "FROM people WHERE source = 'stdaily' ORDER BY ALL") == rows(
            warehouse, "FROM people ORDER BY ALL"
        )
        assert rows(both, "SELECT name, credits FROM people WHERE source = 'elsewhere' ORDER BY ALL") == [
            ("HAO Meng", 1),
            ("QIAO Yanlin", 1),
        ]
        assert rows(both, "SELECT count(*), count(DISTINCT person_id) FROM people") == [(6, 6)]
        assert rows(both, "SELECT source, editor, articles FROM editor_counts") == [
            ("elsewhere", "HAO Meng", 1),
            ("stdaily", "HAO Meng", 4),
            ("stdaily", "QIAO Yanlin", 1),
        ]
        with pytest.raises(WarehouseError, match="source 'nowhere' is not registered"):
            both.rebuild_people("nowhere", people.match_people)


def test_the_order_of_loads_does_not_matter(warehouse: Warehouse, tmp_path: Path) -> None:
    other, run_id = factories.opened(tmp_path / "news.duckdb")
    with other:
        for numbers in ([5, 3], [4], [1, 0], [2]):
            other.load(factories.batch(*pages(numbers)), run_id=run_id)
            other.rebuild_people("stdaily", people.match_people)
        for table in ("name_matches", "people"):
            assert rows(other, f"FROM {table} ORDER BY ALL") == rows(warehouse, f"FROM {table} ORDER BY ALL")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs in it."""
    folder = tmp_path_factory.mktemp("filled")
    with replica_runs.served(18, since=date(2024, 4, 12)) as replica:
        replica_runs.ingest(folder, replica_runs.source_of(replica))
        replica.site.add(9)
        replica_runs.ingest(folder, replica_runs.source_of(replica))
    return folder


def test_an_ingest_has_one_person_for_all_spellings(filled: Path) -> None:
    truth = {
        spelled: (latin, given)
        for latin, chinese in text_generator.SURNAMES
        for given, chinese_given in text_generator.GIVEN
        for spelled in (f"{latin} {given}".lower(), chinese + chinese_given)
    }
    found = replica_runs.rows(filled, "SELECT name, person_id FROM name_matches WHERE kind = 'person'")
    wanted, made = defaultdict(set), defaultdict(set)
    for name, person_id in found:
        wanted[truth[name.lower()]].add(name)
        made[person_id].add(name)
    assert sorted(map(sorted, made.values())) == sorted(map(sorted, wanted.values()))
    assert any(len(names) > 1 for names in made.values())
    # Author in Latin letters, editor in characters, and known to be one.
    own = replica_runs.rows(
        filled,
        "SELECT count(DISTINCT article_id) FROM author_editor_pairs JOIN article_people ON person_id = "
        "author_id "
        "JOIN articles USING (article_id) WHERE is_own AND len(list_intersect(authors, editors)) = 0",
    )
    assert own[0][0] > 0


def test_a_correction_reaches_the_warehouse_and_a_rebuild_gives_the_same(filled: Path) -> None:
    folder = DataFolder(filled)
    ((latin, chinese),) = replica_runs.rows(
        filled,
        "SELECT name, chinese_name FROM people WHERE chinese_name IS NOT NULL AND person_id IN "
        "(SELECT person_id FROM name_matches WHERE reason = 'pinyin') ORDER BY credits DESC, name LIMIT 1",
    )
    (base,) = {
        url.split("/web")[0].split("/English")[0]
        for (url,) in replica_runs.rows(filled, "SELECT url FROM articles")
    }
    source = replace(SOURCE.with_base_url(base), people={latin: latin})
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        before = compare.compute_rebuilt_digests(warehouse.connection)
        warehouse.register_source(source)
        warehouse.rebuild_people("stdaily", people.match_people)
        after = compare.compute_rebuilt_digests(warehouse.connection)
    assert compare.compare_digests(before, after) == ("name_matches", "people")
    assert replica_runs.rows(
        filled, f"SELECT name, chinese_name FROM people WHERE name = '{latin}' ORDER BY ALL"
    ) == [(latin, chinese), (latin, None)]
    # The archive and the source's file give what the runs and the correction gave.
    declared = replace(SOURCE, people={latin: latin})
    assert rebuild.rebuild(folder, clock=replica_runs.now, declared=[declared]).differing_tables == ()
    with open_connection(folder.warehouse, is_read_only=True) as connection:
        assert compare.compute_rebuilt_digests(connection) == after
