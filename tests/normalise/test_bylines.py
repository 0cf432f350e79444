"""Names in bylines: lists are split, names that contain `and` are not."""

import pytest

from newsetl.normalise.bylines import build_credits, resolve_agency, split_names
from tests.support.page_factory import STDAILY

NAMES = [
    ("LONG Yun & CHEN Chunyou", [("LONG Yun", "person"), ("CHEN Chunyou", "person")]),
    ("LONG Yun&CHEN Chunyou", [("LONG Yun", "person"), ("CHEN Chunyou", "person")]),
    ("LONG Yun &amp; CHEN Chunyou", [("LONG Yun", "person"), ("CHEN Chunyou", "person")]),
    ("LONG Yun and BI Weizi", [("LONG Yun", "person"), ("BI Weizi", "person")]),
    (
        "LONG Yun, BI Weizi, and TAO Jin",
        [("LONG Yun", "person"), ("BI Weizi", "person"), ("TAO Jin", "person")],
    ),
    ("宗诗涵、王晓夏", [("宗诗涵", "person"), ("王晓夏", "person")]),
    ("宗诗涵 王晓夏", [("宗诗涵", "person"), ("王晓夏", "person")]),
    ("Staff Reporters", [("Staff Reporters", "desk")]),
    ("staff reporters", [("staff reporters", "desk")]),
    ("The Editorial Office", [("The Editorial Office", "desk")]),
    ("LI Ming and Staff Reporters", [("LI Ming", "person"), ("Staff Reporters", "desk")]),
    ("Science and Technology Daily", [("Science and Technology Daily", "organisation")]),
    ("science and  technology daily", [("Science and Technology Daily", "organisation")]),
    ("S&T Daily", [("S&T Daily", "organisation")]),
    ("LI Ming & S&T Daily", [("LI Ming", "person"), ("S&T Daily", "organisation")]),
    ("Ministry of Science and Technology", [("Ministry of Science and Technology", "organisation")]),
    ("LI Ming, LI Ming", [("LI Ming", "person")]),
    ("XIE Wanning, Ph.D.", [("XIE Wanning", "person")]),
    ("XIE Wanning, PhD, Prof. & DU Ruoxi, M.D.", [("XIE Wanning", "person"), ("DU Ruoxi", "person")]),
    ("谢晚宁 教授、杜若溪", [("谢晚宁", "person"), ("杜若溪", "person")]),
    ("Prof. XIE Wanning", [("Prof. XIE Wanning", "person")]),
    ("MA Lin, LI Ming, Jr.", [("MA Lin", "person"), ("LI Ming Jr.", "person")]),
    ("LI Ming.", [("LI Ming", "person")]),
    ("Anna K.", [("Anna K.", "person")]),
    (" , | ", []),
    ("", []),
]


@pytest.mark.parametrize(("printed", "names"), NAMES, ids=[printed for printed, _ in NAMES])
def test_names(printed: str, names: list[tuple[str, str]]) -> None:
    assert list(split_names(printed, STDAILY)) == names


def test_agency_names_are_resolved() -> None:
    publication = "Science and Technology Daily"
    for printed in (
        "科技日报",
        "science and technology daily",
        "Science and\u00a0Technology  Daily",
        publication,
    ):
        assert resolve_agency(printed, STDAILY) == publication
    assert resolve_agency("Xinhua", STDAILY) == "Xinhua"


def test_credits_keep_their_order_and_kind() -> None:
    credits = build_credits("photographer", ("VCG", "LONG Yun", "VCG"), STDAILY)
    assert [(credit.position, credit.name, credit.kind) for credit in credits] == [
        (1, "VCG", "organisation"),
        (2, "LONG Yun", "person"),
    ]
