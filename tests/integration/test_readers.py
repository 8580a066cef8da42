"""Files from outside, read through the public door: what is good comes whole, what is bad ends in a
sentence.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import resource
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assets.readers import Limits, Reading, ReadingFaultError, ReadingProcess, read_deliveries, reading_process, sandbox
from assets.readers.csv import BLOCK_BYTES, SPACES
from tests.office_made_files import (
    CSV,
    SDMX,
    SHEET_HEAD,
    XLSX,
    cells_of,
    job,
    read_files,
    rows_of,
    saved,
    sdmx,
    with_parts,
    with_sheet_xml,
    workbook,
)

GOOD_CSV = "mã,giá trị\nA,1\nB,2\n".encode()
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def far_cells() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "GRDP"
    book.active["A1"] = 1
    book.active["A2"] = 1
    book.active["XFD1048576"] = 1
    return saved(book)


def hidden_sheet() -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("GRDP").append(["a", "b"])
    book["GRDP"].sheet_state = "hidden"
    return saved(book)


def formulas_alone() -> bytes:
    return workbook([["a", "b"], ["x", "=1+1"]])


def two_sheets_none_named() -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("Hai")
    return saved(book)


BAD: dict[str, tuple[bytes, Mapping[str, Any], tuple[str, ...]]] = {
    # name: (content, form, words of the refusal)
    "empty.csv": (b"", CSV, ("empty (0 bytes)",)),
    "header_only.csv": (b"a,b\n", CSV, ("no data rows",)),
    "blank_lines.csv": (b"\n\n,,\n", CSV, ("only blank lines",)),
    "stray_quote.csv": (b'a,b\nx,1\n"y,2\nz,3\nv,"4"\n', CSV, ("line 3", "opens a quote", "stray quote")),
    "text_after_quote.csv": (b'a,b\nx,"1"1\n', CSV, ("line 2", "after a closing quote")),
    "nul_byte.csv": (b"a,b\nx,1\ny,\x00\n", CSV, ("line 3", "NUL")),
    "tcvn3.csv": (b"m\xb7,gi\xb8 tr\xde\nA,1\n", CSV, ("line 1", "0xB7", "TCVN3", "CSV UTF-8")),
    "utf16.csv": ("a,b\nx,1\n".encode("utf-16"), CSV, ("UTF-16", "CSV UTF-8")),
    "utf8_declared_cp1258.csv": (GOOD_CSV, {**CSV, "encoding": "cp1258"}, ("UTF-8", "cp1258")),
    "workbook.csv": (workbook([["a"], ["b"]]), CSV, ("workbook", "not CSV")),
    "old_macintosh.csv": (b"a,b\rx,1\ry,2\r", CSV, ("carriage return",)),
    "quotes_alone.csv": (b'a,b\nx,1\n"""",\n', CSV, ("line 3", "nothing but quotes")),
    "one_endless_cell.csv": (b"a,b\n" + b"x" * 40_000 + b",1\n", CSV, ("line 2", "characters")),
    "too_many_cells.csv": (b"a,b\n" + b"1," * 3_000 + b"\n", CSV, ("more than 2000 cells",)),
    "empty.xlsx": (b"", XLSX, ("empty (0 bytes)",)),
    "truncated.xlsx": (workbook([["a", "b"], [1, 2]])[:1500], XLSX, ("truncated", "again")),
    "wrong_sheet.xlsx": (workbook([["a"], [1]], "Dân số"), XLSX, ("no sheet 'GRDP'", "'Dân số'")),
    "hidden_sheet.xlsx": (hidden_sheet(), XLSX, ("hidden", "Unhide")),
    "two_sheets_none_named.xlsx": (two_sheets_none_named(), {"reader": "xlsx"}, ("2 visible sheets", "'Hai'")),
    "header_only.xlsx": (workbook([["a", "b"]]), XLSX, ("no data rows",)),
    "far_cells.xlsx": (far_cells(), XLSX, ("XFD1048576", "1,048,576 rows", "Delete")),
    "zip_bomb.xlsx": (with_sheet_xml(SHEET_HEAD + " " * 40_000_000), XLSX, ("times its size",)),
    "entity_bomb.xlsx": (
        with_sheet_xml(SHEET_HEAD.replace("<worksheet", f"{BOMB}<worksheet") + "</worksheet>"),
        XLSX,
        ("DOCTYPE",),
    ),
    "deep_nesting.xlsx": (with_sheet_xml(SHEET_HEAD + "<g>" * 100_000), XLSX, ("deep",)),
    "damaged_xml.xlsx": (with_sheet_xml(SHEET_HEAD + "<sheetData><row"), XLSX, ("damaged", "sheet 'GRDP'")),
    "formulas_without_values.xlsx": (formulas_alone(), XLSX, ("B2", "formula", "save it")),
    "no_workbook.xlsx": (b"PK\x05\x06" + bytes(18), XLSX, ("without a workbook",)),
    "web_page.xlsx": (b"<html><table><tr><td>1</td></tr></table></html>", XLSX, ("web page",)),
    "old_excel.xlsx": (b"\xd0\xcf\x11\xe0" + bytes(600), XLSX, (".xls",)),
    "password.xlsx": (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), XLSX, ("password",)),
    "lost_shared_string.xlsx": (
        with_sheet_xml(
            SHEET_HEAD + '<sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>'
        ),
        XLSX,
        ("damaged", "sheet 'GRDP'", "shared strings"),
    ),
    "entity_bomb.xml": (sdmx("").replace(b"<message:St", BOMB.encode() + b"<message:St", 1), SDMX, ("DOCTYPE",)),
    "file_from_elsewhere.xml": (
        sdmx("<Series A='&x;'/>").replace(
            b"<message:St", b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><message:St', 1
        ),
        SDMX,
        ("DOCTYPE",),
    ),
    "deep_nesting.xml": (sdmx("<g>" * 200_000), SDMX, ("deep",)),
    "truncated.xml": (sdmx('<Series A="1"><Obs TIME_PERIOD="2024" OBS_VALUE="1"/>')[:-60], SDMX, ("truncated",)),
    "not_sdmx.xml": (b"<html><body>busy</body></html>", SDMX, ("'html'", "structure-specific")),
    "no_observations.xml": (sdmx('<Series A="1"></Series>'), SDMX, ("no observations",)),
    "garbage.xml": (os.urandom(2_000), SDMX, ("damaged",)),
    "no_header.xml": (
        re.sub(b"<message:Header>.*</message:Header>", b"", sdmx('<Series A="1"><Obs T="1"/></Series>')),
        SDMX,
        ("not as SDMX-ML has it", "Header"),
    ),
    "lost_observation.xml": (sdmx('<Series A="1"><Obs T="1"/></Series><Obs T="2"/>'), SDMX, ("2 rows", "1 were read")),
    "group_beside_flat_observations.xml": (
        sdmx('<Group A="1" UNIT="bn"/><Obs A="1" T="1" OBS_VALUE="1"/>'),
        SDMX,
        ("sets A, UNIT in more places", "series or observation"),
    ),
    "group_and_one_series_of_two.xml": (
        sdmx(
            '<Group A="1" UNIT="bn"/><Series A="1"><Obs T="1"/></Series><Series A="1" UNIT="bn"><Obs T="2"/></Series>'
        ),
        SDMX,
        ("sets UNIT in more places",),
    ),
    "group_and_observation.xml": (
        sdmx('<Group A="1" UNIT="bn"/><Series A="1"><Obs T="1" UNIT="bn"/><Obs T="2"/></Series>'),
        SDMX,
        ("sets UNIT in more places",),
    ),
    "attribute_and_element.xml": (
        sdmx('<Series A="1"><Obs T="1" OBS_VALUE="1"><OBS_VALUE>2</OBS_VALUE></Obs></Series>'),
        SDMX,
        ("sets OBS_VALUE in more places",),
    ),
    "garbage.xlsx": (b"PK\x03\x04" + os.urandom(5_000), XLSX, ("truncated",)),
}


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    """All bad files and two good ones, at the beginning and at the end, read in one call."""
    files: dict[str, tuple[bytes, Mapping[str, Any]]] = {"first_good.csv": (GOOD_CSV, CSV)}
    files |= {name: (content, form) for name, (content, form, _) in BAD.items()}
    files["last_good.csv"] = (GOOD_CSV, CSV)
    return read_files(tmp_path_factory.mktemp("bad"), files)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_ends_in_one_sentence_that_says_what_to_do(readings, name):
    reading = readings[name]
    assert reading.refusal is not None
    for word in BAD[name][2]:
        assert word in reading.refusal
    assert (reading.path, reading.physical_rows, reading.parsed_rows) == (None, 0, 0)


def test_bad_files_leave_good_ones_alone(readings):
    for name in ("first_good.csv", "last_good.csv"):
        assert cells_of(readings[name]) == [["mã", "giá trị"], ["A", "1"], ["B", "2"]]


def test_a_refused_file_leaves_no_table_behind(readings, tmp_path_factory):
    written = {path.name for folder in tmp_path_factory.getbasetemp().glob("bad*") for path in folder.glob("raw/*")}
    assert written == {"first_good.csv.parquet", "last_good.csv.parquet"}


def test_csv_rows_keep_their_line_numbers_and_every_cell(tmp_path):
    text = '\ufeffTiêu đề,,\n\nmã,giá trị,ghi chú\r\nA, 1 ,"phẩy, ""trích"""\n,,\nB,…\nC,2,x,thừa'
    reading = read_files(tmp_path, {"a.csv": (text.encode(), CSV)})["a.csv"]
    assert [(row["source_row"], row["cells"], row["kinds"]) for row in rows_of(reading)] == [
        (1, ["Tiêu đề", "", ""], "s__"),
        (3, ["mã", "giá trị", "ghi chú"], "sss"),
        (4, ["A", " 1 ", 'phẩy, "trích"'], "sss"),
        (6, ["B", "…"], "ss"),
        (7, ["C", "2", "x", "thừa"], "ssss"),
    ]
    assert (reading.physical_rows, reading.parsed_rows) == (5, 5)


def test_the_declared_dialect_is_used_and_nothing_else(tmp_path):
    form = {"reader": "csv", "encoding": "cp1258", "delimiter": ";", "quote": ""}
    reading = read_files(tmp_path, {"a.csv": ('m;"n"\nđ;1,5\n'.encode("cp1258"), form)})["a.csv"]
    assert cells_of(reading) == [["m", '"n"'], ["đ", "1,5"]]


def test_rows_beyond_one_block_keep_their_numbers(tmp_path):
    count = 60_000
    content = b"a,b\n" + b"".join(b"%d,%0150d\n" % (i, i) for i in range(count))
    assert len(content) > 2 * BLOCK_BYTES
    reading = read_files(tmp_path, {"big.csv": (content, CSV)})["big.csv"]
    assert (reading.physical_rows, reading.parsed_rows) == (count + 1, count + 1)
    rows = rows_of(reading)
    assert all(int(row["cells"][0]) == row["source_row"] - 2 for row in rows[1:])


def test_cells_of_a_workbook_become_text_with_their_kinds(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "GRDP"
    sheet["B2"] = "Tổng sản phẩm"
    sheet.merge_cells("B2:D2")
    values = [
        1.5,
        7310923,
        67.569999999999993,
        1e-7,
        1e22,
        True,
        dt.date(2024, 10, 31),
        dt.datetime.fromisoformat("2024-10-31T08:05"),
    ]
    for column, value in enumerate([*values, "  thụt vào", "7.310.923", "#N/A"], start=2):
        sheet.cell(4, column, value)
    sheet["C6"] = "#DIV/0!"
    reading = read_files(tmp_path, {"a.xlsx": (saved(book), XLSX)})["a.xlsx"]
    rows = rows_of(reading)
    assert [row["source_row"] for row in rows] == [2, 4, 6]
    assert rows[1]["cells"] == [
        None, "1.5", "7310923", "67.57", "0.0000001", "10000000000000000000000", "true", "2024-10-31",
        "2024-10-31T08:05:00", "  thụt vào", "7.310.923", "#N/A",
    ]  # fmt: skip
    assert rows[1]["kinds"] == "_nnnnnbddsse"
    assert rows[2]["cells"][2] == "#DIV/0!"
    assert rows[0]["source_sheet"] == "GRDP"


def test_the_same_file_gives_the_same_bytes(tmp_path):
    content = workbook([["mã", "giá trị"], *([f"A{i}", i * 1.5] for i in range(30))])
    first = read_files(tmp_path, {"a.xlsx": (content, XLSX)})["a.xlsx"].path.read_bytes()
    assert read_files(tmp_path, {"a.xlsx": (content, XLSX)})["a.xlsx"].path.read_bytes() == first


def test_only_the_named_sheets_are_read_and_the_others_are_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "grdp "
    book.active.append(["a"])
    book.active.append(["b"])
    book.create_sheet("Phụ lục")
    book.create_sheet("Nháp").sheet_state = "hidden"
    reading = read_files(tmp_path, {"a.xlsx": (saved(book), XLSX)})["a.xlsx"]
    assert [(s["name"], s["visible"], s["read"], s["parsed_rows"]) for s in reading.sheets] == [
        ("grdp ", True, True, 2),
        ("Phụ lục", True, False, 0),
        ("Nháp", False, False, 0),
    ]


def test_a_row_of_blank_texts_is_no_row(tmp_path):
    shared = {
        "xl/worksheets/sheet1.xml": SHEET_HEAD
        + '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" '
        't="s"><v>1</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" '
        't="str"><f>""</f><v></v></c></row></sheetData></worksheet>',
        "xl/sharedStrings.xml": '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><t>x</t></si><si><t> </t></si></sst>",
    }
    book = with_parts(workbook([["x"], ["y"]]), shared)
    reading = read_files(tmp_path, {"a.xlsx": (book, XLSX)})["a.xlsx"]
    assert [row["source_row"] for row in rows_of(reading)] == [1, 3]


def test_observations_keep_their_text_and_take_the_attributes_of_series_and_groups(tmp_path):
    body = (
        '<Group UNIT="bn" REF_AREA="VN"/><Series REF_AREA="VN" INDICATOR="G"><Obs TIME_PERIOD="2023" '
        'OBS_VALUE="1.50"/>'
        '<Obs TIME_PERIOD="2024" OBS_VALUE="1.5E-3" OBS_STATUS="P"></Obs></Series>'
        '<Series REF_AREA="TH" INDICATOR="G"><Obs TIME_PERIOD="2024" OBS_VALUE="NaN"/></Series>'
    )
    reading = read_files(tmp_path, {"a.xml": (sdmx(body), SDMX)})["a.xml"]
    assert [(row["source_row"], row["cells"]) for row in rows_of(reading)] == [
        (0, ["INDICATOR", "OBS_STATUS", "REF_AREA", "TIME_PERIOD", "UNIT", "OBS_VALUE"]),
        (1, ["G", None, "VN", "2023", "bn", "1.50"]),
        (2, ["G", "P", "VN", "2024", "bn", "0.0015"]),
        (3, ["G", None, "TH", "2024", None, "NaN"]),
    ]
    assert (reading.physical_rows, reading.parsed_rows) == (3, 3)


def test_observations_of_all_shapes_are_counted_and_empty_series_are_not(tmp_path):
    series = '<Series A="1"/><Series A="2"><Obs T="1" OBS_VALUE="007"/></Series><Series A="3" NOTE="none"></Series>'
    two_sets = sdmx(series, '<Series A="4"><Obs T="1" OBS_VALUE="TRUE"/><Obs T="2" OBS_VALUE="NA"/></Series>')
    flat = sdmx('<Obs A="1" T="1" OBS_VALUE="1.0"/><Obs A="2" T="1" S="đ &amp; x"/>')
    latin = sdmx('<Obs A="é" OBS_VALUE="1"/>').replace(b"UTF-8", b"windows-1252")
    readings = read_files(
        tmp_path,
        {
            "two_sets.xml": (two_sets, SDMX),
            "flat.xml": (flat, SDMX),
            "latin.xml": (latin.decode().encode("cp1252"), SDMX),
        },
    )
    assert [(row["source_row"], row["cells"], row["kinds"]) for row in rows_of(readings["two_sets.xml"])] == [
        (0, ["A", "NOTE", "T", "OBS_VALUE"], "ssss"),
        (1, ["2", None, "1", "007"], "s_sn"),
        (2, ["4", None, "1", "TRUE"], "s_ss"),
        (3, ["4", None, "2", "NA"], "s_ss"),
    ]
    assert cells_of(readings["flat.xml"]) == [
        ["A", "S", "T", "OBS_VALUE"],
        ["1", None, "1", "1.0"],
        ["2", "đ & x", "1", None],
    ]
    assert cells_of(readings["latin.xml"])[1] == ["é", "1"]


def test_more_observations_than_are_handled_at_once_keep_their_order_and_digits(tmp_path):
    count = 50_500
    observations = "".join(f'<Obs T="{i}" OBS_VALUE="{i}.{i:017d}0"/>' for i in range(count))
    reading = read_files(tmp_path, {"a.xml": (sdmx(f'<Series A="1">{observations}</Series>'), SDMX)})["a.xml"]
    assert (reading.physical_rows, reading.parsed_rows) == (count, count)
    expected = [[i + 1, ["1", str(i), f"{i}.{i:017d}0"]] for i in range(count)]
    assert [[row["source_row"], row["cells"]] for row in rows_of(reading)[1:]] == expected


def test_a_parser_that_aborts_is_said_of_its_file_alone(tmp_path):
    files = {"far.xlsx": (far_cells(), XLSX), "good.csv": (GOOD_CSV, CSV)}
    blind = Limits(sheet_cells=10**15, columns=10**6)
    readings = read_files(tmp_path, files, blind)
    assert "SIGABRT" in str(readings["far.xlsx"].refusal)
    assert readings["good.csv"].refusal is None


def test_what_stands_between_good_files_is_refused_alone(tmp_path):
    files = {
        "1.csv": (GOOD_CSV, CSV),
        "far.xlsx": (far_cells(), XLSX),
        "2.csv": (GOOD_CSV, CSV),
        "empty.csv": (b"", CSV),
        "3.csv": (GOOD_CSV, CSV),
    }
    readings = read_files(tmp_path, files, Limits(sheet_cells=10**15, columns=10**6))
    assert list(readings) == list(files)
    assert "SIGABRT" in str(readings["far.xlsx"].refusal)
    assert "0 bytes" in str(readings["empty.csv"].refusal)
    assert all(rows_of(readings[name]) for name in ("1.csv", "2.csv", "3.csv"))
    assert sorted(path.stem for path in (tmp_path / "raw").iterdir()) == ["1.csv", "2.csv", "3.csv"]


def test_only_a_child_that_has_read_nothing_else_refuses_a_file(monkeypatch):
    children: list[str] = []

    def tires(jobs: list[Any], *_: Any) -> Iterator[dict[str, Any]]:
        """Reads one file, has no memory left for the next, and ends."""
        children.append("".join(job["delivery_id"] for job in jobs))
        yield {"refusal": "bad"} if jobs[0]["delivery_id"] == "c" else {"sheets": []}
        if len(jobs) > 1 and jobs[0]["delivery_id"] != "c":
            yield {"refusal": "no memory left"}

    monkeypatch.setattr(sandbox, "_in_child", tires)
    jobs = deque({"delivery_id": name, "source": "/nowhere", "destination": "/nowhere"} for name in "abcd")
    answers = list(sandbox._answers(jobs, Limits(), 0, BytesIO()))
    assert [(a["delivery_id"], a.get("refusal")) for a in answers] == [
        ("a", None), ("b", None), ("c", "bad"), ("d", None),
    ]  # fmt: skip
    assert children == ["abcd", "bcd", "cd", "d"]


def test_a_large_file_has_a_child_of_its_own(tmp_path):
    jobs = []
    for number, size in enumerate((10, 20, sandbox._BYTES_OF_A_CHILD + 1, 10, sandbox._BYTES_OF_A_CHILD, 5)):
        (tmp_path / str(number)).write_bytes(b"x" * size)
        jobs.append({"delivery_id": str(number), "source": str(tmp_path / str(number))})
    together = []
    while jobs:
        few = sandbox._first_few(jobs)
        together.append("".join(job["delivery_id"] for job in few))
        jobs = jobs[len(few) :]
    assert together == ["01", "2", "3", "4", "5"]


def test_a_file_that_never_ends_is_given_up_in_time(tmp_path):
    os.mkfifo(tmp_path / "endless.csv")
    (tmp_path / "good.csv").write_bytes(GOOD_CSV)
    jobs = [job(tmp_path, "endless.csv", CSV), job(tmp_path, "good.csv", CSV)]
    endless, good = read_deliveries(jobs, Limits(wall_seconds=0.4))
    assert "took longer than 0.4 s" in str(endless.refusal)
    assert good.refusal is None


def test_computing_memory_output_and_size_have_limits(tmp_path):
    long, wide = b"1,2,3,4,5,6,7,8,9\n" * 2_500_000, b"a,b\n" + (b"7," * 1500 + b"\n") * 3_000
    lines = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(50_000))
    for content, limits, words in (
        (long, Limits(cpu_seconds=1), "more than 1 s of computing"),
        (wide, Limits(memory_bytes=230 << 20), "of memory"),
        (lines, Limits(output_bytes=20_000), "to keep"),
        (lines, Limits(file_bytes=20_000), "Split it"),
    ):
        reading = read_files(tmp_path, {"a.csv": (content, CSV)}, limits)["a.csv"]
        assert words in str(reading.refusal)
        assert not list((tmp_path / "raw").iterdir())


def remember_processes(monkeypatch) -> list[subprocess.Popen[bytes]]:
    """Every process that is started from now on."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remember(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(reading_process.subprocess, "Popen", remember)
    return started


def test_a_dead_reading_process_costs_one_file_at_most(tmp_path, monkeypatch):
    started = remember_processes(monkeypatch)
    os.mkfifo(tmp_path / "2.csv")
    for name in ("1.csv", "3.csv"):
        (tmp_path / name).write_bytes(GOOD_CSV)
    readings = read_deliveries([job(tmp_path, name, CSV) for name in ("1.csv", "2.csv", "3.csv")], Limits())
    assert next(readings).refusal is None
    os.killpg(started[0].pid, signal.SIGKILL)
    assert "was killed" in str(next(readings).refusal)
    assert next(readings).refusal is None
    readings.close()
    assert all(process.poll() is not None for process in started)


def test_one_process_reads_feed_after_feed_until_it_is_closed(tmp_path, monkeypatch):
    started = remember_processes(monkeypatch)
    (tmp_path / "a.csv").write_bytes(GOOD_CSV)
    with closing(ReadingProcess()) as process:
        assert list(process.read([])) == []
        assert started == []
        for _ in range(3):
            assert [reading.refusal for reading in process.read([job(tmp_path, "a.csv", CSV)])] == [None]
        assert len(started) == 1
        with pytest.raises(ReadingFaultError):
            list(process.read([job(tmp_path, "gone.csv", CSV), job(tmp_path, "a.csv", CSV)]))
        assert [reading.refusal for reading in process.read([job(tmp_path, "a.csv", CSV)])] == [None]
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


def test_a_process_that_died_while_nobody_asked_costs_no_file(tmp_path, monkeypatch):
    started = remember_processes(monkeypatch)
    (tmp_path / "a.csv").write_bytes(GOOD_CSV)
    with closing(ReadingProcess()) as process:
        list(process.read([job(tmp_path, "a.csv", CSV)]))
        os.killpg(started[0].pid, signal.SIGKILL)
        started[0].wait()
        assert [reading.refusal for reading in process.read([job(tmp_path, "a.csv", CSV)])] == [None]
    assert len(started) == 2


def test_the_fault_of_the_machine_is_not_blamed_on_the_file(tmp_path):
    (tmp_path / "a.csv").write_bytes(GOOD_CSV)
    gone = job(tmp_path, "gone.csv", CSV)
    with pytest.raises(ReadingFaultError, match=r"gone\.csv"):
        list(read_deliveries([gone]))
    nowhere = job(tmp_path, "a.csv", CSV)
    (tmp_path / "raw").rmdir()
    with pytest.raises(ReadingFaultError, match=r"a\.csv"):
        list(read_deliveries([nowhere]))


def test_reading_works_from_any_folder_even_beside_a_foreign_package_of_the_same_name(tmp_path, monkeypatch):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "__init__.py").write_text("raise ImportError('foreign')")
    monkeypatch.chdir(tmp_path)
    assert read_files(tmp_path, {"a.csv": (GOOD_CSV, CSV)})["a.csv"].refusal is None


def test_the_reading_process_imports_nothing_heavy():
    code = (
        "import sys; from assets.readers import sandbox; sandbox._import_once(); "
        "print(sorted({'dagster', 'pandas', 'numpy', 'duckdb', 'great_expectations', 'yaml'} & "
        "{name for name, module in sys.modules.items() if module is not None}))"
    )
    project = Path(reading_process.__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_forty_small_files_cost_less_than_two_seconds_of_computing(tmp_path):
    book = workbook([["a", "b"], *([i, i * 1.5] for i in range(50))])
    files: dict[str, tuple[bytes, Mapping[str, Any]]] = {f"{i}.csv": (GOOD_CSV, CSV) for i in range(20)}
    files |= {f"{i}.xlsx": (book, XLSX) for i in range(20)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert all(reading.refusal is None for reading in read_files(tmp_path, files).values())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.0


def test_mutated_workbooks_are_read_or_refused_and_nothing_else(tmp_path):
    good = workbook([["mã", "giá trị"], *([f"A{i}", i * 1.5] for i in range(30))])
    dice = random.Random(20241031)
    files: dict[str, tuple[bytes, Mapping[str, Any]]] = {}
    for number in range(40):
        mutated = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            mutated[dice.randrange(len(mutated))] = dice.randrange(256)
        files[f"{number}.xlsx"] = (bytes(mutated), XLSX)
    readings = read_files(tmp_path, files)
    assert list(readings) == list(files)
    assert all((reading.refusal is None) == (reading.path is not None) for reading in readings.values())


def test_white_space_is_all_that_python_calls_so():
    assert set(SPACES) == {chr(i) for i in range(0x11000) if chr(i).isspace()}


def test_nothing_to_read_starts_no_process(monkeypatch):
    monkeypatch.setattr(reading_process.subprocess, "Popen", None)
    assert list(read_deliveries([])) == []
