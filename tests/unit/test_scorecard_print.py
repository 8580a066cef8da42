from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from assets.product.figures import format_gap, format_number, format_threshold
from pipeline.scorecard_table import ScorecardError, print_scorecard, status_label

SCHEMA = pa.schema(
    [
        ("directive", pa.string()),
        ("item", pa.string()),
        ("clause", pa.string()),
        ("title_vi", pa.string()),
        ("title_en", pa.string()),
        ("comparator", pa.string()),
        ("threshold", pa.decimal128(12, 4)),
        ("unit", pa.string()),
        ("actual", pa.decimal128(12, 4)),
        ("gap", pa.decimal128(12, 4)),
        ("status", pa.string()),
        ("status_reason_en", pa.string()),
        ("provisional", pa.bool_()),
        ("within_revision_error", pa.bool_()),
        ("evidence_released_on", pa.date32()),
        ("evidence_publisher", pa.string()),
        ("deadline_on", pa.date32()),
        ("lead_agency_code", pa.string()),
        ("is_simulated", pa.bool_()),
    ]
)


def a_row(**values: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(SCHEMA.names)
    row |= {"directive": "2724-UBND-TH", "status": "no_data", "unit": "percent", "lead_agency_code": "SCT"}
    return row | values


KV1 = a_row(
    item="KV1",
    clause="1",
    title_vi="Tăng trưởng khu vực I",
    title_en="Growth of sector I",
    comparator=">",
    threshold=Decimal("4.0000"),
    actual=Decimal("3.9400"),
    gap=Decimal("-0.0600"),
    status="missed",
    status_reason_en="3.94 is below 4",
    provisional=True,
    within_revision_error=True,
    evidence_released_on=dt.date(2024, 12, 6),
    evidence_publisher="Cục Thống kê",
    is_simulated=False,
)
IND = a_row(
    item="IND",
    clause="2.a",
    title_vi="Tăng trưởng công nghiệp",
    title_en="Growth of industry",
    comparator=">",
    threshold=Decimal("10.5"),
)
PLAN = a_row(
    item="INV-DIS",
    clause="2.b-2",
    title_vi="Giải ngân toàn tỉnh",
    title_en="Disbursement of the whole province",
    actual=Decimal("53.4"),
    status="monitored",
    evidence_publisher="Kho bạc",
    is_simulated=True,
)


def a_release(folder: Path, *rows: dict[str, Any]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), folder / "directive_scorecard.parquet")
    return folder


def printed(release: Path, width: int, **options: Any) -> str:
    stream = io.StringIO()
    print_scorecard(release, Console(file=stream, width=width, color_system=None), **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "unit", "lang", "expected"),
    [
        (Decimal("3.9400"), "%", "vi", "3,94%"),
        (Decimal("3.9400"), "percent", "en", "3.94%"),
        (Decimal("7310923"), "count", "vi", "7.310.923"),
        (Decimal("72472.5"), "bn VND", "en", "72,472.5 bn VND"),
        (Decimal("53.4"), "%", "vi", "53,40%"),
        (Decimal("103000"), "billion_vnd", "vi", "103.000 tỷ đồng"),
        (Decimal("2500"), "bn VND", "vi", "2.500,00 tỷ đồng"),
        (Decimal("3120000"), "count", "en", "3,120,000"),
        (Decimal("-0.0041"), "%", "en", "−0.0041%"),
        (Decimal("0"), "%", "en", "0.00%"),
        (None, "%", "vi", "—"),
    ],
)
def test_numbers_are_written_as_readers_of_the_language_write_them(value, unit, lang, expected):
    assert format_number(value, unit, lang) == expected


def test_a_threshold_is_written_as_its_directive_has_it():
    assert format_threshold(Decimal("4.0000"), "percent", "vi") == "4%"
    assert format_threshold(Decimal("25.6100"), "percent", "en") == "25.61%"
    assert format_threshold(None, "percent", "vi") == "—"


def test_a_gap_between_percentages_is_in_percentage_points_and_carries_its_sign():
    assert format_gap(Decimal("0.07"), "percent", "en") == "+0.07 pp"
    assert format_gap(Decimal("-0.06"), "percent", "vi") == "−0,06 điểm %"
    assert format_gap(None, "percent", "vi") == "—"


def test_a_null_is_a_dash_and_never_a_zero(tmp_path):
    line = next(line for line in printed(a_release(tmp_path, IND), 160, lang="en").splitlines() if "IND" in line)
    assert line.count("—") == 4  # actual, gap, evidence, reason
    assert " 0" not in line.replace("> 10.5%", "")


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_target_actual_gap_status_lead_and_evidence_are_whole_at_usual_widths(tmp_path, width, lang, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))  # as a terminal has it; a log is wider
    text = printed(a_release(tmp_path, KV1, IND, PLAN), width, lang=lang)
    assert max(map(len, text.splitlines())) <= width
    expected = ("> 4%", "3,94%", "−0,06 điểm %") if lang == "vi" else ("> 4%", "3.94%", "−0.06 pp")
    evidence = () if width < 100 else ("06/12/2024",) if lang == "vi" else ("2024-12-06",)
    for part in (*expected, *evidence, "KV1", "SCT", "INV-DIS"):
        assert part in text
    assert "…" not in text


def test_simulated_evidence_is_marked_in_its_row(tmp_path):
    text = printed(a_release(tmp_path, KV1, PLAN), 160, lang="vi")
    marked = [line for line in text.splitlines() if "mô phỏng]" in line]
    assert len(marked) == 1
    assert "INV-DIS" in marked[0]


def test_a_judgement_on_provisional_figures_says_so():
    assert status_label(KV1, "vi").plain == "ước không đạt ≈"
    assert status_label(KV1 | {"provisional": False, "within_revision_error": False}, "vi").plain == "không đạt"
    assert status_label(KV1 | {"status": "achieved"}, "en").plain == "achieved (prov.) ≈"


def test_two_decimals_never_hide_on_which_side_of_the_target_a_figure_lies(tmp_path):
    close = KV1 | {"actual": Decimal("3.9961"), "gap": Decimal("-0.0039")}
    text = printed(a_release(tmp_path, close), 160, lang="en")
    assert "3.9961%" in text
    assert "−0.0039 pp" in text


def test_items_come_in_the_order_of_the_clauses(tmp_path):
    later = IND | {"item": "Z", "clause": "2.b-10"}
    earlier = IND | {"item": "A", "clause": "2.b-9"}
    preamble = IND | {"item": "P", "clause": "preamble"}
    text = printed(a_release(tmp_path, later, KV1, earlier, preamble), 160, lang="en")
    items = [line.split()[0] for line in text.splitlines() if "> " in line]
    assert items == ["P", "KV1", "A", "Z"]


def test_directives_come_in_the_order_in_which_they_were_issued(tmp_path):
    rows = [a_row(directive="25-NQ-CP", item="GRDP"), a_row(directive="2724-UBND-TH", item="KV1")]
    release = a_release(tmp_path, *rows)
    days = {"directive": ["25-NQ-CP", "2724-UBND-TH"], "issued_on": [dt.date(2025, 2, 5), dt.date(2024, 8, 26)]}
    pq.write_table(pa.table(days), release / "dim_directive_item.parquet")
    shown = printed(release, width=120, lang="en")
    assert shown.index("2724/UBND-TH") < shown.index("25/NQ-CP")


def test_a_task_says_what_its_figure_measures(tmp_path):
    row = a_row(item="IND-WIND", title_en="Obstacles resolved", unit="count", actual=Decimal(4), status="monitored")
    release = a_release(tmp_path, row)
    table = pq.read_table(release / "directive_scorecard.parquet")
    table = table.append_column("indicator_label_en", pa.array(["wind farms in commercial operation"]))
    pq.write_table(table, release / "directive_scorecard.parquet")
    assert "Obstacles resolved (wind farms in commercial operation)" in " ".join(
        printed(release, 300, lang="en").split()
    )


def test_the_wide_table_gives_the_reason_and_the_narrow_one_can_too(tmp_path):
    release = a_release(tmp_path, KV1)
    assert "3.94 is below 4" in printed(release, 160, lang="en")
    assert "below" not in printed(release, 100, lang="en")
    assert "below" in printed(release, 120, lang="en", wide=True)


@pytest.mark.parametrize("width", [80, 160])
def test_the_day_stands_on_top_and_agencies_are_called_by_their_names(tmp_path, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    release = a_release(tmp_path, KV1 | {"lead_agency_code": None}, PLAN)
    table = pq.read_table(release / "directive_scorecard.parquet")
    table = table.append_column("lead_agency_codes", pa.array(["BQLDA1, BQLDA2", "SKHDT"]))
    pq.write_table(table, release / "directive_scorecard.parquet")
    names = {"BQLDA1": "Ban Quản lý dự án 1", "BQLDA2": "Ban Quản lý dự án 2", "SKHDT": "Sở Kế hoạch và Đầu tư"}
    agencies = {"agency_code": list(names), "name_vi": list(names.values()), "name_en": [None] * 3}
    pq.write_table(pa.table(agencies), release / "dim_agency.parquet")
    (release / "manifest.json").write_text('{"as_of": "2025-02-10"}')
    lines = printed(release, width, lang="vi").splitlines()
    assert lines[0].strip() == "Số liệu đến ngày 10/02/2025"
    assert max(map(len, lines)) <= width
    words = "".join("".join(lines).split())
    if width == 80:
        assert "BanQuảnlýdựán1" in words
    assert not [code for code in names if code in words]


def test_a_folder_without_a_scorecard_says_what_to_do(tmp_path):
    with pytest.raises(ScorecardError, match="python -m pipeline nightly"):
        printed(tmp_path, 100)
