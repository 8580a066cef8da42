"""The pictures of docs/layouts.md: each table, read by the form under it, gives the rows under that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from assets.layout import lay_out
from dbt_like_sql.contracts import FileForm
from dbt_like_sql.declarations import build
from dbt_like_sql.periods import parse_period
from pipeline.settings import PROJECT_ROOT
from tests.office_made_files import raw_table
from tests.unit.test_layout import contract, field, values
from tests.unit.test_layout_by_patterns import FIELDS as INDICES
from tests.unit.test_layout_by_patterns import FieldRule

FIELDS = INDICES | {
    one.name: one
    for one in (
        field("part_label"),
        field("section_label"),
        field("unit_label"),
        field("visits", "bigint", "visits"),
        field("value_bn", "decimal(20,6)", "bn VND"),
        field("amount", "decimal(20,6)", "as in unit_label"),
    )
}
RULES = (
    FieldRule("month"),
    FieldRule("part_label"),
    FieldRule("section_label"),
    FieldRule("unit_label"),
    FieldRule("row_label", required=True, wholes=("Tổng số",)),
    FieldRule("index_yoy"),
    FieldRule("visits"),
    FieldRule("value_bn"),
    FieldRule("amount"),
)
_BLOCK = re.compile(r"^```(\w+) ?(.*)\n([\s\S]*?)^```$", re.MULTILINE)


def pictures() -> Iterator[Any]:
    """Each picture: the blocks that stand under its title by kind, each as what its first line adds and its text."""
    for part in (PROJECT_ROOT / "docs" / "layouts.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        blocks = {kind: (said, text) for kind, said, text in _BLOCK.findall(part)}
        if blocks:
            yield pytest.param(blocks, id=part.splitlines()[0])


def cells(text: str) -> list[list[str | None]]:
    rows = [[cell.strip() for cell in line.split(" | ")] for line in text.splitlines()]
    return [[None if cell == "·" else cell.replace("_ ", "  ") for cell in row] for row in rows]


@pytest.mark.parametrize("blocks", list(pictures()))
def test_a_picture_shows_what_comes_of_a_table(blocks):
    name, table = blocks["table"]
    form = build(FileForm, {"reader": "xlsx", "numbers": "vi", **yaml.safe_load(blocks["yaml"][1])}, "the picture")
    result = lay_out(raw_table(cells(table)), contract(*RULES, form=form), form, FIELDS, parse_period(name))
    wrong = [finding.check for finding in result.findings if finding.severity == "critical"]
    if "refused" in blocks:
        assert wrong == blocks["refused"][1].split()
        return
    names, rows = blocks["rows"]
    assert wrong == []
    assert [list(row) for row in values(result, *names.split(", "))] == cells(rows)


def test_there_are_pictures():
    assert len(list(pictures())) >= 6
