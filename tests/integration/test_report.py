"""`report.docx`: the draft of an office's report says what the marts say, in the form of Decree 30/2020/NĐ-CP."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from assets.product.companions import companions
from assets.product.figures import format_number, format_threshold
from assets.product.marts import Marts
from assets.product.office_report import REPORT, TEMPLATE, report, report_content
from assets.product.words import clause_words
from dbt_like_sql.access import public_columns
from dbt_like_sql.project import load_project
from resources.home import HomeError
from resources.operator import settings_of
from tests.house import AS_OF, House, table


@pytest.fixture(scope="module")
def release(province: House) -> Path:
    return (province.home.marts / "current").resolve()


@pytest.fixture(scope="module")
def content(release: Path) -> dict[str, Any]:
    return report_content(Marts(release, load_project()), day_of(release))


@pytest.fixture(scope="module")
def written(release: Path) -> Any:
    return docx.Document(str(release / REPORT))


def day_of(release: Path) -> dt.date:
    return dt.date.fromisoformat(json.loads((release / "manifest.json").read_text())["as_of"])


def words_of(document: Any) -> str:
    """The words of the body in their order, tables too."""
    cells = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_it_has_the_form_of_the_decree(written: Any) -> None:
    said, page = words_of(written), written.sections[0]
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "/BC-", "BÁO CÁO", "Kính gửi:",
        "tháng 02 năm 2025", "Nơi nhận:", "Lưu: VT", "GIÁM ĐỐC", "./.",
    ):  # fmt: skip
        assert words in said, words
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert 30 <= round(page.left_margin.mm) <= 35
    assert 15 <= round(page.right_margin.mm) <= 20
    assert 20 <= round(page.top_margin.mm) <= 25
    assert (written.styles["Normal"].font.name, written.styles["Normal"].font.size.pt) == ("Times New Roman", 14)


def test_every_item_stands_below_its_clause_with_the_reason_of_the_mart(written: Any, release: Path) -> None:
    paragraphs = [paragraph.text for paragraph in written.paragraphs]
    for row in table(release / "directive_scorecard.parquet"):
        reason = row["status_reason_vi"].removeprefix(f"{row['title_vi']}: ")
        at = paragraphs.index(f"- {row['title_vi']}: {reason[:1].upper()}{reason[1:]}.")
        headings = [text for text in paragraphs[:at] if re.match(r"Khoản|Điểm|Phần mở đầu|Chỉ tiêu giao", text)]
        assert headings[-1] == clause_words(row["clause"])


def test_the_table_of_targets_says_what_the_mart_says(written: Any, release: Path) -> None:
    shown = [[cell.text for cell in row.cells] for row in written.tables[1].rows][1:]
    rows = {row["title_vi"]: row for row in table(release / "directive_scorecard.parquet") if row["threshold"]}
    assert len(rows) > 5
    assert {cells[1] for cells in shown} == rows.keys()
    for _, title, target, actual, *_ in shown:
        row = rows[title]
        assert target.endswith(format_threshold(row["threshold"], row["unit"], "vi"))
        assert actual.startswith(format_number(row["actual"], row["unit"], "vi"))
        assert actual.endswith("*") == row["is_actual_simulated"]
    assert "Dấu “*”: số mô phỏng." in words_of(written)


def test_simulated_figures_are_marked_at_the_head_of_every_page(written: Any) -> None:
    page = written.sections[0]
    assert page.different_first_page_header_footer
    for head in (page.first_page_header, page.header):
        assert "CÓ SỐ LIỆU MÔ PHỎNG" in head.paragraphs[-1].text


def test_there_are_charts_and_no_code_is_left_of_the_template(written: Any) -> None:
    assert len(written.inline_shapes) >= 2
    assert not re.search(r"[{}%]{2}", words_of(written))


def test_a_report_of_the_same_marts_has_the_same_bytes_and_no_hour(release: Path, content: dict[str, Any]) -> None:
    made = report(content)
    assert made == (release / REPORT).read_bytes()
    assert {part.date_time[0] for part in zipfile.ZipFile(io.BytesIO(made)).infolist()} == {1980}


def test_nothing_internal_is_in_it(content: dict[str, Any], release: Path) -> None:
    """No name of an officer who heads nothing, no tax code, no plot: every mart that it reads has them in no column."""
    project = load_project()
    for mart in ("directive_scorecard", "dim_agency", "disbursement_s_curve", "project_disbursement"):
        columns = list(table(release / f"{mart}.parquet")[0])
        assert public_columns(project.fields, columns) == columns
    assert not re.search(r"\b\d{10}\b", json.dumps(content, default=str))


def test_a_deputy_signs_for_the_director_where_the_settings_say_so(published_only_copy: House) -> None:
    house = published_only_copy

    def signature() -> list[str]:
        cell = docx.Document(str(house.home.marts / "current" / REPORT)).tables[-1].rows[0].cells[-1]
        return [paragraph.text for paragraph in cell.paragraphs if paragraph.text]

    assert signature() == ["GIÁM ĐỐC"]
    (house.home.root / "settings.yml").write_text("report_signed_by: deputy\n", encoding="utf-8")
    house.quick_night(AS_OF + dt.timedelta(days=1))
    assert signature() == ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]
    (house.home.root / "settings.yml").write_text("report_signed_by: nobody\n", encoding="utf-8")
    with pytest.raises(HomeError, match="report_signed_by must be director or deputy"):
        settings_of(house.home)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A template that an office has edited: another signature."""
    document = docx.Document(str(TEMPLATE))
    for cell in document.tables[-1].rows[0].cells:
        for paragraph in cell.paragraphs:
            if paragraph.text == "GIÁM ĐỐC":
                paragraph.runs[0].text = "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"
    document.save(str(tmp_path / "report_template.docx"))
    return tmp_path / "report_template.docx"


def test_an_office_edits_the_template_in_its_word_processor(content: dict[str, Any], own: Path) -> None:
    assert "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC" in words_of(docx.Document(io.BytesIO(report(content, own))))


@pytest.mark.parametrize("fault", ["{{ no_such_thing }}", "{% for one in %}", "{{ ''.__class__.__mro__ }}", None])
def test_a_template_that_cannot_be_filled_harms_nothing_and_is_named(
    content: dict[str, Any], own: Path, fault: str | None
) -> None:
    if fault is None:
        own.write_bytes(b"no document")
    else:
        document = docx.Document(str(own))
        document.add_paragraph(fault)
        document.save(str(own))
    said = words_of(docx.Document(io.BytesIO(report(content, own))))
    assert "Mẫu report_template.docx của đơn vị không dùng được" in said
    assert "Nơi nhận:" in said


def test_a_report_that_would_be_the_same_is_carried_over_and_a_damaged_one_is_not(
    release: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = tmp_path / "earlier"
    shutil.copytree(release, earlier)
    drawn: list[object] = []

    def counted(*content: Any) -> bytes:
        drawn.append(content)
        return report(*content)

    monkeypatch.setattr("assets.product.companions.report", counted)

    def made(name: str, template: Path | None = None) -> bytes:
        folder = tmp_path / name
        folder.mkdir()
        for mart in release.glob("*.parquet"):
            (folder / mart.name).symlink_to(mart)
        companions(load_project(), day_of(release), earlier, template)(folder, release.name)
        return (folder / REPORT).read_bytes()

    assert made("same") == (release / REPORT).read_bytes()
    assert drawn == []
    assert made("other_template", own) != (release / REPORT).read_bytes()
    assert len(drawn) == 1
    (earlier / REPORT).write_bytes(b"damaged")
    assert made("damaged") == (release / REPORT).read_bytes()
    assert len(drawn) == 2


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("1", "Khoản 1"), ("2.b", "Điểm b khoản 2"), ("2.b-3", "Điểm b khoản 2, gạch đầu dòng thứ 3"),
        ("preamble", "Phần mở đầu"), ("targets of provinces", "Chỉ tiêu giao"),
    ],
)  # fmt: skip
def test_a_clause_is_named_as_vietnamese_documents_name_it(clause: str, words: str) -> None:
    assert clause_words(clause) == words
