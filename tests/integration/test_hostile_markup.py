"""Markup that is legal and meant to keep a parser busy is refused in no time, by the real reading process."""

from __future__ import annotations

import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.office_made_files import SDMX, SHEET_HEAD, XLSX, ods_of, read_files, sdmx, with_sheet_xml

ATTRIBUTES = " ".join(f'a{number}="1"' for number in range(300_000))
LONG = "x" * 20_000_000


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("attributes.xml", sdmx(f"<Series {ATTRIBUTES}/>"), SDMX),
        ("root.xml", f"<StructureSpecificData {ATTRIBUTES}/>".encode(), SDMX),
        ("cell.xlsx", with_sheet_xml(f"{SHEET_HEAD}<sheetData><row {ATTRIBUTES}/></sheetData></worksheet>"), XLSX),
        ("cell.ods", ods_of(f"<table:table {ATTRIBUTES}/>"), XLSX),
        ("comment.xml", sdmx(f"<!--{LONG}"), SDMX),
        ("value.xml", sdmx(f'<Series A="{LONG}'), SDMX),
        ("name.xml", sdmx(f"<{LONG}"), SDMX),
    ],
)
def test_a_bomb_of_attributes_is_refused_within_two_seconds_of_computing(
    tmp_path: Path, name: str, content: bytes, form: Mapping[str, Any]
) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    refusal = read_files(tmp_path, {name: (content, form)})[name].refusal
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert refusal is not None
    assert "tag of more than" in refusal
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.0


@pytest.mark.parametrize("encoding", ["A1", "rot13", "utf-7", "idna", "punycode"])
@pytest.mark.parametrize("kind", ["sdmx", "xlsx"])
def test_an_encoding_that_nobody_knows_is_refused_by_its_name(tmp_path: Path, kind: str, encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    sheet = f"{SHEET_HEAD}<sheetData/></worksheet>"
    content, form = {
        "sdmx": (declared.encode() + sdmx("<Series A='1'><Obs T='0'/></Series>").split(b"?>")[-1], SDMX),
        "xlsx": (with_sheet_xml(declared + sheet.split("?>")[-1]), XLSX),
    }[kind]
    refusal = read_files(tmp_path, {f"a.{kind}": (content, form)})[f"a.{kind}"].refusal
    assert refusal is not None
    assert f"the encoding '{encoding}'" in refusal
    assert "UTF-8" in refusal


def test_text_and_many_small_tags_are_no_bomb(tmp_path: Path) -> None:
    body = "".join(f'<Obs T="{t}" OBS_VALUE="1"/>' for t in range(20_000))
    content = sdmx(f"<!--{'x' * 100_000}--><Series A='{'y' * 100_000}'><Obs T='0'/></Series><Series>{body}</Series>")
    assert read_files(tmp_path, {"a.xml": (content, SDMX)})["a.xml"].refusal is None
