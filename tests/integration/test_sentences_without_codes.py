"""What people read has no code in it: no period as a machine writes it, no name of a feed, a column or an item.

Held over every text column of every mart of two days, the page, the digest and an answer to a supplier.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_like_sql.project import load_project
from tests.house import House, table

PROJECT = load_project()

PERIODS = r"(?:19|20)[0-9]{2}-(?:Q[1-4]|[0-9]{1,2}M|(?:0[1-9]|1[0-2])(?![0-9-]))"
NAMES = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+"
ITEMS = "|".join(sorted({row["item"] for row in PROJECT.seeds["directive_items"].rows() if "-" in row["item"]}))
CODES = re.compile(rf"(?<![\w./-])(?:{PERIODS}|{NAMES}|{ITEMS})(?![\w/]|-[A-Z])")
"""Codes as they stand in columns: `2024-Q3`, `2024-08`, `treasury_disbursement`, `DIS-Q3-1`."""

ALLOWED = re.compile(r"[a-z_]+__\S+\.[a-z]{3,4}\b|https?://\S+")
"""What a sentence may name as it is: the file that someone sent, and an address."""


def codes_in(text: str) -> list[str]:
    return CODES.findall(ALLOWED.sub("", text))


def sentences(house: House) -> Iterator[tuple[str, str]]:
    """Every text in a language of ours in the marts of a house, with the column that it stands in."""
    for path in sorted((house.home.root / "marts" / "built").glob("*.parquet")):
        for row in table(path):
            for column, text in row.items():
                if column.endswith(("_vi", "_en")) and isinstance(text, str):
                    yield f"{path.stem}.{column}", text


def read_by_people(page: Path) -> str:
    """The text of a page without what only a browser reads."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "\n", text))


@pytest.mark.parametrize(
    "text", ["in 2024-Q3", "of 2024-9M.", "from 2024-08 on", "the form plan_tasks", "see DIS-Q3-1", "3 of grdp_levels"]
)
def test_a_code_is_seen_where_one_stands(text: str) -> None:
    assert codes_in(text)


@pytest.mark.parametrize(
    "text", ["by 2024-09-30", "Plan 32/KH-UBND", "grdp__2024-Q3__2024-10-01.xlsx, row 3", "Q3 2024"]
)
def test_days_acts_and_files_are_no_codes(text: str) -> None:
    assert not codes_in(text)


def test_no_sentence_of_a_mart_has_a_code_in_it(province: House, early_province: House) -> None:
    for house in (province, early_province):
        found = {place: text for place, text in sentences(house) if codes_in(text)}
        assert not found


def test_neither_page_nor_digest_has_a_code_in_it(province: House) -> None:
    page = read_by_people(province.home.marts / "current" / "scorecard.html")
    assert [line for line in page.splitlines() if re.search(PERIODS, ALLOWED.sub("", line))] == []
    for language in ("vi", "en"):
        digest = province.command("digest", "--lang", language)
        assert digest.returncode == 0, digest.stderr
        assert [line for line in digest.stdout.splitlines() if codes_in(line)] == []


def test_an_answer_to_a_supplier_in_vietnamese_names_its_rule_at_the_end_and_has_no_code_else(
    province: House, tmp_path: Path
) -> None:
    """The rule is what an officer writes who waives a finding. English lines below are for whoever keeps the system."""
    wrong = tmp_path / "tourism__2024-08__2024-09-10.csv"
    wrong.write_text("Tháng,Lượt khách\n2024-08,x\n", encoding="utf-8")
    answer = province.command("check", str(wrong), "--lang", "vi").stdout.splitlines()
    sentences = [re.sub(r" \[[a-z_]+\]$", "", line) for line in answer if line.startswith(("Lỗi", "Cảnh báo"))]
    assert sentences
    assert [line for line in sentences if codes_in(line)] == []
