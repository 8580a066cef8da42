"""JSON-stat and PX, small ones made here: every shape comes whole, what contradicts itself is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.office_made_files import cells_of, read_files, rows_of

JSON, PX = {"reader": "jsonstat"}, {"reader": "px"}
VALUES = [1.50, None, 3, "..", 5e2, -6]
SEX = {"label": "Sex", "category": {"index": {"F": 1, "M": 0}, "label": {"M": "Nam", "F": "Nữ"}}}
YEAR = {"label": "Year", "category": {"index": ["2022", "2023", "2024"]}}
OLD = {"dataset": {"dimension": {"id": ["sex", "year"], "size": [2, 3], "sex": SEX, "year": YEAR}, "value": VALUES}}
NEW: dict[str, Any] = {
    "version": "2.0",
    "class": "dataset",
    "id": ["sex", "year"],
    "size": [2, 3],
    "dimension": {"sex": SEX, "year": YEAR},
    "value": VALUES,
}
HEADER = ["sex", "year", "OBS_VALUE"]
CELLS = [
    ["Nam", "2022", "1.5"],
    ["Nam", "2023", None],
    ["Nam", "2024", "3"],
    ["Nữ", "2022", ".."],
    ["Nữ", "2023", "500.0"],
    ["Nữ", "2024", "-6"],
]


def read(tmp_path: Any, content: Any, form: Any = JSON) -> Any:
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else json.dumps(content)).encode()
    return read_files(tmp_path, {"a": (content, form)})["a"]


@pytest.mark.parametrize("table", [OLD, NEW, {"class": "collection", "link": {"item": [NEW]}}])
def test_json_stat_of_each_version_gives_one_row_for_each_cell(tmp_path: Any, table: Any) -> None:
    reading = read(tmp_path, table)
    assert cells_of(reading) == [HEADER, *CELLS]
    assert (reading.physical_rows, reading.parsed_rows) == (6, 6)
    assert [row["kinds"][-1] for row in rows_of(reading)] == ["s", "n", "_", "n", "s", "n", "n"]


def test_cells_that_a_sparse_table_leaves_out_are_gaps_and_keep_their_places(tmp_path: Any) -> None:
    reading = read(tmp_path, {**NEW, "value": {"5": -6, "0": 1.5}, "status": {"5": "p"}})
    assert [(row["source_row"], row["cells"]) for row in rows_of(reading)] == [
        (0, ["sex", "year", "OBS_STATUS", "OBS_VALUE"]),
        (1, ["Nam", "2022", None, "1.5"]),
        (6, ["Nữ", "2024", "p", "-6"]),
    ]


def test_every_digit_is_kept_and_codes_are_read_where_a_form_says_so(tmp_path: Any) -> None:
    text = json.dumps({**NEW, "value": [0] * 6}).replace("[0, 0", "[0.12345678901234567890, 12345678901234567890")
    cells = cells_of(read(tmp_path, text, {**JSON, "codes": ["sex"]}))
    assert cells[1:3] == [["M", "2022", "0.12345678901234567890"], ["M", "2023", "12345678901234567890"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", ("no JSON-stat table", "Export")),
        ("[1, 2", ("truncated", "Export")),
        (b"\xff\xfe{", ("UTF-8",)),
        ("[" * 100_000, ("nests deeper",)),
        ({**NEW, "value": VALUES[:5]}, ("6 cells and 5 values",)),
        ({**NEW, "size": [2, 4]}, ("'year'", "3 categories", "size 4")),
        ({**NEW, "value": {"6": 1}}, ("outside",)),
        ({**NEW, "value": [[1]] * 6}, ("neither number nor text",)),
        ({"a": OLD["dataset"], "b": OLD["dataset"]}, ("2 tables",)),
        (json.dumps(NEW).replace('"value"', '"value": [1], "value"'), ("'value' twice",)),
        ({**NEW, "id": ["sex"]}, ("not described",)),
    ],
)
def test_json_that_contradicts_itself_is_refused_with_what_to_do(tmp_path: Any, content: Any, words: Any) -> None:
    refusal = read(tmp_path, content).refusal
    assert refusal is not None
    for word in words:
        assert word in refusal


GOOD_PX = (
    'CHARSET="ANSI";\nCODEPAGE="utf-8";\nTITLE="a; ""b"" "\n"c";\nSTUB="sex";\nHEADING="year";\n'
    'VALUES("sex")="Nam","Nữ";\nVALUES[en]("sex")="Male","Female";\nCODES("sex")="M","F";\n'
    'VALUES("year")="2022","2023",\n"2024";\nDATA=\n1.5 ".." 3\n"-" 5E2 -6;\n'
)


def test_px_gives_one_row_for_each_cell(tmp_path: Any) -> None:
    cells = cells_of(read(tmp_path, GOOD_PX, PX))
    assert cells == [
        HEADER,
        *[[*row[:2], value] for row, value in zip(CELLS, ["1.5", "..", "3", "-", "500", "-6"], strict=True)],
    ]
    assert cells_of(read(tmp_path, GOOD_PX, {**PX, "codes": ["sex"]}))[4][0] == "F"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('CHARSET="ANSI";\nDATA=\n1 2;\n', ("STUB", "Export")),
        (GOOD_PX.replace("-6;", "-6 7;"), ("6 cells", "holds 7")),
        (GOOD_PX[:-3], ("truncated", "Export")),
        (GOOD_PX.replace('"Nam",', ""), ("1 values and 2 codes",)),
        (GOOD_PX.replace("utf-8", "ascii"), ("CODEPAGE",)),
        (GOOD_PX + "x", ("follows the cells",)),
        (GOOD_PX.replace("DATA=", 'KEYS("sex")=VALUES;DATA='), ("KEYS",)),
        ('A="' + "x" * 1_000_000, ("truncated",)),
        ("A=" + "x\n" * 500_000, ("truncated",)),
        (GOOD_PX.replace('HEADING="year"', 'STUB="year"'), ("STUB twice",)),
    ],
)
def test_px_that_contradicts_itself_is_refused_with_what_to_do(tmp_path: Any, content: str, words: Any) -> None:
    refusal = read(tmp_path, content, PX).refusal
    assert refusal is not None
    for word in words:
        assert word in refusal
