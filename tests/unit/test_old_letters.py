"""Vietnamese in letters of old fonts, and letters that a program spoilt."""

from __future__ import annotations

import pytest

from assets.layout import ParsedRows, lay_out
from dbt_like_sql.project import load_project
from tests.office_made_files import raw_table

CONTRACT = load_project().contracts["obstacles"]
HEADER = ("case_id", "agency_code", "raised_on", "due_on", "resolved_on", "kind")


def laid_out(*kinds: str, header: str = "kind") -> ParsedRows:
    rows = [[f"V{n}", "SCT", "2024-08-01", "", "", kind] for n, kind in enumerate(kinds)]
    return lay_out(raw_table([[*HEADER[:5], header], *rows]), CONTRACT, CONTRACT.forms["csv"])


def kinds_of(parsed: ParsedRows) -> list[str]:
    return parsed.rows.column("kind").to_pylist()


# Written by hand after the tables of the two encodings.
TCVN3 = {"S¶n l\xadîng": "Sản lượng", "§Êt ®ai": "Đất đai", "Gi¶i phãng mÆt b»ng": "Giải phóng mặt bằng"}
VNI = {
    "Ñaát ñai": "Đất đai",
    "Saûn löôïng": "Sản lượng",
    "Giaûi phoùng maët baèng": "Giải phóng mặt bằng",
    "THUÛ TUÏC": "THỦ TỤC",
}


@pytest.mark.parametrize(
    ("name", "texts"),
    [("TCVN3", TCVN3), ("VNI", VNI)],
)
def test_a_column_in_old_letters_is_read_and_said(name: str, texts: dict[str, str]) -> None:
    parsed = laid_out(*texts)
    assert kinds_of(parsed) == list(texts.values())
    (finding,) = parsed.findings
    assert (finding.check, finding.severity) == ("text_is_unicode", "info")
    assert name in finding.sentence
    assert next(iter(texts.values())) in finding.sentence


def test_a_header_in_old_letters_is_found() -> None:
    assert kinds_of(laid_out("§Êt ®ai", header="Lo¹i v\xad\xedng m¾c")) == ["Đất đai"]


@pytest.mark.parametrize("written", ["lóa", "tÊn", "l¹nh"])
def test_a_body_in_old_letters_is_read_below_a_header_in_unicode(written: str) -> None:
    read = {"lóa": "lúa", "tÊn": "tấn", "l¹nh": "lạnh"}[written]
    parsed = laid_out(written, "T«m ®«ng l¹nh", "Giải phóng mặt bằng", header="Loại vướng mắc")
    assert kinds_of(parsed) == [read, "Tôm đông lạnh", "Giải phóng mặt bằng"]


def test_a_sheet_in_old_letters_is_read_whole_once_one_column_shows_them() -> None:
    rows = [["V1", "SCT", "2024-08-01", "", "", "lóa"], ["V2", "SCT", "2024-08-02", "", "", "…§Êt ®ai"]]
    header = ["M· vô viÖc", "C¬ quan gi¶i quyÕt", "Ngµy ph¶n ¸nh", "Ngµy ®Õn h¹n", "Ngµy gi¶i quyÕt", "LÜnh vùc"]
    parsed = lay_out(raw_table([header, *rows]), CONTRACT, CONTRACT.forms["csv"])
    assert kinds_of(parsed) == ["lúa", "…Đất đai"]
    assert {finding.check for finding in parsed.findings} == {"text_is_unicode"}


def test_latin_letters_beside_old_ones_are_left_where_the_sheet_is_in_unicode_too() -> None:
    rows = [["V1", "hóa", "2024-08-01", "", "", "T«m ®«ng l¹nh"], ["V2", "hóa", "2024-08-02", "", "", "Đất đai"]]
    parsed = lay_out(raw_table([list(HEADER), *rows]), CONTRACT, CONTRACT.forms["csv"])
    assert parsed.rows.column("agency_code").to_pylist() == ["hóa", "hóa"]
    assert kinds_of(parsed) == ["Tôm đông lạnh", "Đất đai"]


@pytest.mark.parametrize(
    "texts",
    [
        ("Đất đai", "thủ tục"),
        ("Tháng", "hàng hóa", "cà phê", "ô tô"),  # letters of Latin-1 alone
        ("5 µg", "7 µg"),
        ("diện tích m²", "±5 %"),
        ("São Paulo", "Köln", "Malmö", "Ñuñoa"),
        ("cá · tôm", "lúa · màu"),
    ],
)
def test_unicode_is_left_as_it_is(texts: tuple[str, ...]) -> None:
    parsed = laid_out(*texts)
    assert kinds_of(parsed) == list(texts)
    assert parsed.findings == []


@pytest.mark.parametrize(("broken", "meant"), [("thá»§ tá»¥c", "thủ tục"), ("Th\ufffdng", None), ("ThÃ¡ng", "Tháng")])
def test_mojibake_is_named_and_not_mended(broken: str, meant: str | None) -> None:
    parsed = laid_out(broken)
    assert kinds_of(parsed) == [broken]
    (finding,) = parsed.findings
    assert (finding.check, finding.severity, finding.value) == ("text_is_unicode", "warning", broken)
    assert meant is None or meant in finding.sentence
