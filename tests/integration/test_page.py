"""The page of a release says what its marts say, asks for nothing and runs nothing."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import shutil
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.product.figures import (
    format_day,
    format_gap,
    format_money,
    format_number,
    format_share,
    format_threshold,
)
from assets.product.marts import Marts
from assets.product.morning import milestones
from assets.product.page import PAGE
from assets.product.page import page as page_of
from assets.product.words import NO_BREAK, cause_words
from dbt_like_sql.project import load_project
from tests.house import House, table


class Figures(HTMLParser):
    """Every `<data>` of a page with the words in it, and every address that the page names."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: list[tuple[dict[str, str | None], list[str]]] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href", "action") and value]
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "data":
            self.figures.append((found, []))
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "data"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.figures[-1][1].append(data)


@pytest.fixture(scope="module")
def release(province: House) -> Path:
    return province.home.marts / "current"


@pytest.fixture(scope="module")
def page(release: Path) -> str:
    return (release / PAGE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read(page: str) -> Figures:
    figures = Figures()
    figures.feed(page)
    return figures


FLAGS = {"contribution_pp": "is_contribution_simulated", "actual": "is_actual_simulated", "gap": "is_actual_simulated"}
"""Columns whose rows say with a flag of their own whether they are simulated."""
NOT_MEASURED = {
    "threshold", "assumed_threshold", "target_growth_pct", "days_left", "working_days_left", "days_late",
    "backtest_years",
}  # fmt: skip
"""What is asked or counted in days or years is no figure of a supplier."""
COUNTED = ("tourism_visitors", "wind_farms_in_commercial_operation", "social_housing_projects_started")
PLACES = {"td", "dd", "li", "p", "figcaption"}


class Marks(HTMLParser):
    """Every `<data>` of a page, and whether a mark stands in its place: its cell, or the head of its row."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: list[tuple[dict[str, str | None], dict[str, bool], dict[str, bool]]] = []
        self._places: list[dict[str, bool]] = [{"marked": False}]
        self._row: dict[str, bool] = {"marked": False}
        self._in_head = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "tr":
            self._row = {"marked": False}
        if tag == "th":
            self._in_head = True
        if tag in PLACES:
            self._places.append({"marked": False})
        if tag == "data":
            self.figures.append((found, self._places[-1], self._row))
        if found.get("class") == "simulated":
            (self._row if self._in_head else self._places[-1])["marked"] = True

    def handle_endtag(self, tag: str) -> None:
        if tag in PLACES and len(self._places) > 1:
            self._places.pop()
        if tag == "tr":
            self._row = {"marked": False}
        if tag == "th":
            self._in_head = False


def test_no_number_stands_without_its_mark_where_the_mart_says_simulated(page: str, release: Path) -> None:
    marks = Marks()
    marks.feed(page)
    marts = {str(told["data-mart"]): rows_by_key(release, str(told["data-mart"])) for told, _, _ in marks.figures}
    checked = 0
    for told, place, row in marks.figures:
        column = str(told["data-column"])
        of_mart = marts[str(told["data-mart"])][str(told["data-row"])]
        flag = FLAGS.get(column, "is_simulated")
        if column in NOT_MEASURED or not of_mart.get(flag, of_mart["is_simulated"]):
            continue
        checked += 1
        assert place["marked"] or row["marked"], told
    assert checked > 50


def test_a_contribution_that_rests_on_a_simulated_share_is_marked_in_its_own_cell(page: str, release: Path) -> None:
    """Growth of 2024 was published; the shares that weigh it are simulated."""
    marks = Marks()
    marks.feed(page)
    rows = rows_by_key(release, "sector_growth_vs_target")
    cells = [
        (rows[str(told["data-row"])], place["marked"])
        for told, place, _ in marks.figures
        if told["data-column"] in ("contribution_pp", "growth_yoy_pct")
        and told["data-mart"] == "sector_growth_vs_target"
    ]
    apart = [marked for row, marked in cells if row["is_contribution_simulated"] and not row["is_simulated"]]
    assert apart
    assert all(apart)


def test_figures_of_charts_say_that_they_are_simulated(page: str, release: Path) -> None:
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", section_as_html(page, "growth"), re.DOTALL)
    assert any(row["is_contribution_simulated"] for row in table(release / "sector_growth_vs_target.parquet"))
    assert all('class="simulated"' in caption for caption in captions)


def test_the_counts_at_the_head_are_those_of_the_targets_and_tasks_stand_apart(page: str, release: Path) -> None:
    said = section(page, "headline")
    rows = table(release / "directive_scorecard.parquet")
    targets = [row for row in rows if row["threshold"] is not None]
    counts = [
        int(number) for number in re.findall(r"(\d+) (?:ước )?(?:không |chưa |chậm |đúng |có |đang |giảm |đạt)", said)
    ]
    assert f"{len(targets)} chỉ tiêu:" in said
    assert sum(counts) == len(targets)
    assumed = [row for row in rows if row["threshold"] is None and row["status"] == "missed"]
    assert (f"{len(assumed)} nhiệm vụ dưới ngưỡng do hệ thống giả định" in said) == bool(assumed)
    for row in assumed:
        assert row["assumed_threshold"] is not None
        assert "dưới ngưỡng giả định" in card(page, f"{row['directive']}-{row['item']}")


def test_the_table_below_the_map_gives_the_shares_of_the_map(release: Path) -> None:
    rows = [r for r in table(release / "nonstate_construction_capture.parquet") if r["capture_rate"] is not None]
    assert rows
    for row in rows:
        assert round(row["n_matched_take_all"] / row["n_permits_take_all"], 4) == float(row["capture_rate"])


def test_a_file_of_published_figures_is_named_by_what_it_is_and_not_by_its_own_day(page: str) -> None:
    assert "2025-05-15" not in section_as_html(page, "targets")


def test_each_file_and_sheet_of_the_evidence_of_an_item_stands_once(page: str, release: Path) -> None:
    for row in table(release / "directive_scorecard.parquet"):
        lines = re.findall(r"<li><span class=\"file\">(.*?)</li>", card(page, f"{row['directive']}-{row['item']}"))
        assert len(lines) == len(set(lines))


def section_as_html(page: str, name: str) -> str:
    part = page[page.index(f'<section id="{name}">') :]
    return part[: part.index("</section>")]


def rows_by_key(release: Path, mart: str) -> dict[str, dict[str, Any]]:
    grain = load_project().models[mart].grain
    rows = table(release / f"{mart}.parquet")
    return {"|".join("" if row[column] is None else str(row[column]) for column in grain): row for row in rows}


def test_every_number_of_the_page_is_that_of_its_mart(read: Figures, release: Path) -> None:
    marts = {str(told["data-mart"]): rows_by_key(release, str(told["data-mart"])) for told, _ in read.figures}
    assert len(read.figures) > 100
    for told, said in read.figures:
        value = marts[str(told["data-mart"])][str(told["data-row"])][str(told["data-column"])]
        assert Decimal(str(told["value"])) == Decimal(str(value)), told
        forms = {
            form(value, unit, language, decimals)
            for form in (format_number, format_gap, format_money, format_share, format_threshold)
            for unit in ("percent", "pp", "count", "billion_vnd", "days left", "working days left", *COUNTED, None)
            for language in ("vi", "en")
            for decimals in (None, 0, 4)
        }
        assert {one.replace(NO_BREAK, " ") for one in said} <= forms, (told, said)


def test_no_line_breaks_between_a_number_and_its_unit(page: str, read: Figures) -> None:
    for language, money in (("vi", f"{NO_BREAK}tỷ{NO_BREAK}đồng"), ("en", f"{NO_BREAK}bn{NO_BREAK}VND")):
        without_charts = re.sub(
            r"<style>.*?</style>|<svg.*?</svg>", "", in_one_language(page, language), flags=re.DOTALL
        )
        words = html.unescape(without_charts)
        assert money in words
        assert re.findall(r">[^<]*\d (?:tỷ đồng|điểm %|%|bn VND|pp)(?!\w)[^<]*<", words) == []
    said = [one for _, texts in read.figures for one in texts if "left" not in one and "lại" not in one]
    assert [one for one in said if " " in one] == []


def test_a_count_says_what_it_counts(page: str, release: Path) -> None:
    for item, words in (("KV3-TOUR", "lượt khách"), ("IND-WIND", "nhà máy"), ("CON-HOUSE", "dự án")):
        (row,) = [row for row in table(release / "directive_scorecard.parquet") if row["item"] == item]
        if row["actual"] is not None:
            said = card(page, f"{row['directive']}-{item}")
            assert f"{format_number(row['actual'], 'count', 'vi')}{NO_BREAK}{words.replace(' ', NO_BREAK)}" in said


def test_the_sign_of_a_narrow_judgement_is_explained_below_the_table(page: str, release: Path) -> None:
    rows = table(release / "directive_scorecard.parquet")
    is_near = any(row["within_revision_error"] for row in rows if row["threshold"] is not None)
    assert ("≈: chênh lệch nhỏ hơn mức điều chỉnh" in section(page, "headline")) == is_near


def test_every_item_of_the_scorecard_stands_on_the_page_with_its_reason(page: str, release: Path) -> None:
    said = html.unescape(page).replace(NO_BREAK, " ")
    for row in table(release / "directive_scorecard.parquet"):
        assert f'id="{row["directive"]}-{row["item"]}"' in page
        for sentence in (row["status_reason_en"], row["status_reason_vi"]):
            assert str(sentence).split(":")[0] in said


def in_one_language(page: str, language: str) -> str:
    other = "en" if language == "vi" else "vi"
    return re.sub(rf'<span class="{other}" lang="{other}">.*?</span>', "", page, flags=re.DOTALL)


def words_of_charts(page: str, name: str, language: str) -> list[str]:
    """The words of the charts of a section, in one language."""
    return re.findall(r">([^<>]+)</text>", html.unescape(in_one_language(section_as_html(page, name), language)))


def section(page: str, name: str) -> str:
    """The text of a section in Vietnamese, as one line."""
    part = page[page.index(f'<section id="{name}">') :]
    part = in_one_language(part[: part.index("</section>")], "vi")
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def test_the_morning_says_what_changed_and_why_and_by_which_file(page: str, release: Path) -> None:
    said = section(page, "morning")
    rows = table(release / "what_changed.parquet")
    assert rows, "the inbox of the province changes something within a week"
    files = {row["delivery_id"]: row["source_file"] for row in table(release / "delivery_quality.parquet")}
    for row in rows:
        assert cause_words(row["cause"], "vi") in said
        assert row["delivery_id"] is None or files[row["delivery_id"]] in said


def test_the_morning_says_who_is_late_and_by_how_many_days(page: str, release: Path) -> None:
    said = section(page, "morning")
    late = [r for r in table(release / "delivery_calendar.parquet") if r["status"] == "late" and r["items_waiting"]]
    assert late, "not every feed of the province has sent what it promised"
    for row in late:
        assert row["supplier"] in said
        assert format_day(row["due_on"], "vi") in said
        assert f": {row['days_late']} " in said


def test_no_code_of_a_feed_and_no_raw_period_stands_in_the_words_of_the_page(page: str) -> None:
    for name in ("growth", "money", "capture", "quality"):
        said = section(page, name)
        assert not re.search(r"\b\d{4}-(Q\d|\d{2})\b|\b[a-z]+_[a-z_]+\b", said), name


def test_in_english_offices_and_districts_bear_their_english_names(page: str, release: Path) -> None:
    english = in_one_language(page, "en")
    offices = {contract.supplier for contract in load_project().contracts.values()}
    rows = table(release / "nonstate_construction_capture.parquet")
    districts = {row["district_name_vi"] for row in rows if row["district_name_vi"]}
    assert "State Treasury" in english
    assert "Chau Thanh district" in english
    assert [name for name in sorted(offices | districts - {"Toàn tỉnh"}) if f">{html.escape(name)}<" in english] == []


def test_charts_speak_the_language_of_the_page(page: str, release: Path) -> None:
    vietnamese, english = (words_of_charts(page, "capture", language) for language in ("vi", "en"))
    assert "Huyện Châu Thành" in vietnamese
    assert "Chau Thanh district" in english
    assert not [word for word in english if not word.isascii() and word not in ("×", "—")]
    assert len(vietnamese) == len(english)
    assert {"% kế hoạch vốn", "T1"} <= set(words_of_charts(page, "money", "vi"))
    assert {"% of the plan", "Jan"} <= set(words_of_charts(page, "money", "en"))
    growth = {language: set(words_of_charts(page, "growth", language)) for language in ("vi", "en")}
    assert "điểm %" in growth["vi"] - growth["en"]
    assert "pp" in growth["en"] - growth["vi"]
    assert not [word for word in growth["en"] if re.fullmatch(r"\d+T/\d{4}", word)]


def test_axes_write_numbers_as_each_language_does(page: str) -> None:
    marks = {language: words_of_charts(page, "targets", language) for language in ("vi", "en")}
    assert [word for word in marks["vi"] if re.fullmatch(r"\d+,\d+", word)]
    assert not [word for word in marks["vi"] if re.fullmatch(r"\d+\.\d+", word)]
    assert [word.replace(",", ".") for word in marks["vi"] if "," in word] == [w for w in marks["en"] if "." in w]


def test_a_course_of_counts_has_whole_marks(page: str) -> None:
    said = in_one_language(card(page, "2724-UBND-TH-CON-HOUSE"), "vi")
    marks = [word for word in re.findall(r">([^<>]+)</text>", said) if "/" not in word]
    assert marks
    assert all(word.isdigit() for word in marks)


def test_what_changed_of_an_item_stands_on_its_card_with_the_cause(page: str, release: Path) -> None:
    for row in table(release / "what_changed.parquet"):
        said = in_one_language(card(page, f"{row['directive']}-{row['item']}"), "vi")
        (line,) = [one for one in re.findall(r'<p class="change">(.*?)</p>', said) if f'|{row["span"]}"' in one]
        assert f"nguyên nhân: {cause_words(row['cause'], 'vi')}" in " ".join(re.sub(r"<[^>]+>", "", line).split())


def test_whoever_leads_is_named_where_the_directive_names_several(page: str, release: Path) -> None:
    names = {row["agency_code"]: row["name_vi"] for row in table(release / "dim_agency.parquet")}
    for row in table(release / "directive_scorecard.parquet"):
        for code in (row["lead_agency_codes"] or "").split(", "):
            assert names.get(code, "") in card(page, f"{row['directive']}-{row['item']}")


def card(page: str, anchor: str) -> str:
    part = page[page.index(f'id="{anchor}"') :]
    return html.unescape(part[: part.index("</article>")])


def test_a_milestone_of_today_is_still_ahead(release: Path) -> None:
    marts = Marts(release, load_project())
    days = {row["deadline_on"] for row in table(release / "directive_scorecard.parquet") if row["threshold"]}
    for day in days:
        assert day in {one.card["deadline_on"] for one in milestones(marts, day)}
        assert day not in {one.card["deadline_on"] for one in milestones(marts, day + dt.timedelta(days=1))}


def test_the_page_asks_for_nothing_and_runs_nothing(page: str, read: Figures) -> None:
    assert all(address.startswith("#") for address in read.addresses)
    assert {address[1:] for address in read.addresses if len(address) > 1} <= set(read.ids)
    assert not read.tags & {"script", "link", "iframe", "img", "object", "embed", "form"}
    assert not re.search(r"url\((?!#)", page)
    assert not re.search(r"\son\w+=", page)


def test_each_address_on_the_page_stands_once(read: Figures) -> None:
    assert len(read.ids) == len(set(read.ids))


def test_the_page_is_small_enough_for_mail(page: str) -> None:
    assert len(page.encode()) <= 3_000_000


def test_a_gap_is_shown_as_a_dash_and_never_as_zero(read: Figures, page: str, release: Path) -> None:
    empty = [row for row in table(release / "directive_scorecard.parquet") if row["actual"] is None]
    assert empty, "the inbox of the province leaves some items without data"
    shown = {told["data-row"] for told, _ in read.figures if told["data-column"] == "actual"}
    assert not shown & {f"{row['directive']}|{row['item']}" for row in empty}


def test_two_pages_of_one_release_are_equal_byte_by_byte(page: str, release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text())
    day = dt.date.fromisoformat(manifest["as_of"])
    assert page_of(Marts(release, load_project()), day, manifest["release_id"]) == page


def test_a_page_that_was_changed_is_found_and_mended(province_copy: House) -> None:
    page = province_copy.home.marts / "current" / PAGE
    good = page.read_bytes()
    page.write_text("<html>", encoding="utf-8")
    assert province_copy.releases.verify() == [
        f"{PAGE}: the bytes are not those that were published; restore the file or roll back"
    ]
    province_copy.quick_night()
    assert page.read_bytes() == good
    assert province_copy.releases.verify() == []


def test_a_published_figure_bears_no_mark_of_what_is_simulated_beside_it(release: Path, page: str) -> None:
    """Visitors of 2024 were published; months and festivals beside them are simulated, and say so."""
    cards = {row["item"]: row for row in table(release / "directive_scorecard.parquet") if row["actual"] is not None}
    marked = {
        item: '<span class="simulated">'
        in card(page, f"2724-UBND-TH-{item}").partition('data-column="actual"')[2].partition("</dd>")[0]
        for item in ("KV3-TOUR", "KV1", "CON-HOUSE")
    }
    assert marked == {item: cards[item]["is_actual_simulated"] for item in marked}
    assert marked == {"KV3-TOUR": False, "KV1": False, "CON-HOUSE": True}
    assert cards["KV3-TOUR"]["is_simulated"] is True


def test_a_district_that_returned_nothing_is_no_district_of_which_nothing_was_found(
    release: Path, tmp_path: Path
) -> None:
    """Of three districts in a quarter one answered and none of its permits was found, one was silent, one has none."""
    copied = tmp_path / "release"
    shutil.copytree(release.resolve(), copied)
    path = copied / "nonstate_construction_capture.parquet"
    whole = pq.read_table(path)
    rows = whole.to_pylist()
    newest = max(row["quarter"] for row in rows)
    first, second, third = [
        row for row in rows
        if row["quarter"] == newest and row["stratum"] == "total" and row["district_name_vi"]
    ][:3]  # fmt: skip
    nothing_found = {"n_permits_take_all": 5, "n_matched_take_all": 0, "capture_rate": Decimal("0.0000")}
    first |= {**nothing_found, "n_units_answered": 1}
    second |= {**nothing_found, "n_matched_take_all": None, "capture_rate": None}
    third |= {"n_permits_take_all": 0, "n_matched_take_all": 0, "capture_rate": None, "n_units_answered": 1}
    pq.write_table(pa.Table.from_pylist([first, second, third], schema=whole.schema), path)
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    made = page_of(Marts(copied, load_project()), dt.date.fromisoformat(manifest["as_of"]), manifest["release_id"])
    section = html.unescape(section_as_html(made, "capture"))
    drawn = re.findall(r">([0-9]+|×|—)</text>", in_one_language(section, "vi"))
    assert sorted(drawn) == ["0", "×", "—"]
    assert "không có phiếu trả lời" in section
    assert "no return" in section
    found = re.findall(r"<tr>.*?</tr>", section)
    told = {name: next(row for row in found if f">{name}" in row) for name in (
        first["district_name_vi"], second["district_name_vi"])}  # fmt: skip
    assert "không có phiếu trả lời" in told[second["district_name_vi"]]
    assert "không có phiếu trả lời" not in told[first["district_name_vi"]]
