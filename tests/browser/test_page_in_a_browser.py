"""What a person meets who opens the page of a release from a folder: on a desk, on a phone, on paper, by ear."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assets.product.page import PAGE
from dbt_like_sql.project import load_project
from pipeline.settings import PROJECT_ROOT
from tests.browser.chromium import CHROMIUM, Page, browser
from tests.house import House, table

AXE = PROJECT_ROOT / ".axe" / "axe.min.js"
CHARTS_THAT_SCROLL = """[...document.querySelectorAll('figure.scroll')].map(figure => {
  const chart = [...figure.querySelectorAll('svg')].find(one => one.getClientRects().length);
  return {width: figure.scrollWidth, seen: figure.clientWidth, said: figure.innerText,
          right: chart.getBoundingClientRect().right, edge: figure.getBoundingClientRect().right};
})"""
DESK, PHONE = (1280, 900), (390, 844)
AXE_RUN = """axe.run(document).then(found => ({
    broken: found.violations.map(one => [one.impact, one.id, one.nodes.map(node => node.html)]),
    kept: found.passes.map(one => one.id)}))"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed here"),
]


@pytest.fixture(scope="module")
def release(province: House) -> Path:
    return (province.home.marts / "current").resolve()


@pytest.fixture(scope="module")
def page(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page, opened from the disk."""
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        opened.size(*DESK)
        opened.open((release / PAGE).as_uri())
        yield opened


@pytest.fixture(params=["vietnamese", "english"])
def language(page: Page, request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    page.click(f"#{chosen}")
    return chosen


def shown(page: Page, selector: str) -> list[str]:
    """The words of elements that are seen."""
    words: list[str] = page.js(
        f"[...document.querySelectorAll({json.dumps(selector)})].filter(e => e.offsetParent).map(e => e.innerText)"
    )
    return words


def test_opened_from_the_disk_it_asks_for_nothing_else(page: Page, release: Path) -> None:
    assert page.asked_for == [(release / PAGE).as_uri()]


def test_a_click_changes_the_language_of_all_that_is_seen(page: Page) -> None:
    page.click("#english")
    assert shown(page, "h2")[:2] == ["Where each target stands", "This morning"]
    assert shown(page, ".vi") == []
    page.click("#vietnamese")
    assert shown(page, "h2")[:2] == ["Kết quả thực hiện chỉ tiêu", "Sáng nay"]
    assert shown(page, ".en") == []


def test_every_number_in_the_browser_is_that_of_its_mart(page: Page, release: Path, language: str) -> None:
    """As seen: a number in one language alone, the mart's value behind it."""
    figures: list[dict[str, Any]] = page.js(
        "[...document.querySelectorAll('data')].map(e => ({...e.dataset, value: e.value, said: e.innerText.trim(),"
        " seen: e.checkVisibility()}))"
    )
    assert len(figures) > 100
    grains = load_project().models
    marts: dict[str, dict[str, dict[str, Any]]] = {}
    for mart in {figure["mart"] for figure in figures}:
        rows = table(release / f"{mart}.parquet")
        key = grains[mart].grain
        marts[mart] = {"|".join("" if row[one] is None else str(row[one]) for one in key): row for row in rows}
    mark = "," if language == "vietnamese" else "."
    for figure in figures:
        value = Decimal(str(marts[figure["mart"]][figure["row"]][figure["column"]]))
        assert Decimal(figure["value"]) == value, figure
        if figure["seen"] and value % 1 and figure["said"].rstrip("%").lstrip("−+").isascii():
            assert mark in figure["said"] or abs(value) >= 10**6 or value < 1, figure


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here: make axe fetches it with npm")
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_nothing_stands_in_the_way_of_a_screen_reader(page: Page, language: str, size: tuple[int, int]) -> None:
    page.size(*size, phone=size == PHONE)
    page.js(AXE.read_text(encoding="utf-8"))
    judged = page.js(AXE_RUN)
    page.size(*DESK)
    assert len(judged["kept"]) > 20
    assert judged["broken"] == []


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, language: str) -> None:
    page.size(*PHONE, phone=True)
    width = page.js("document.documentElement.scrollWidth")
    page.size(*DESK)
    assert width == PHONE[0]


def test_on_a_phone_a_chart_that_scrolls_begins_with_its_newest_period_and_says_that_it_scrolls(
    page: Page, language: str
) -> None:
    page.size(*PHONE, phone=True)
    charts = page.js(CHARTS_THAT_SCROLL)
    page.size(*DESK)
    assert len(charts) == 2
    for chart in charts:
        assert chart["width"] > chart["seen"], "it is wider than what is seen of it"
        assert abs(chart["right"] - chart["edge"]) <= 1, "its right end is in sight"
        assert {"vietnamese": "Kéo ngang", "english": "Scroll sideways"}[language] in chart["said"]


def test_on_paper_it_is_a4_and_shows_no_switch(page: Page, tmp_path: Path) -> None:
    page.click("#vietnamese")
    page.printed(tmp_path / "page.pdf")
    info = subprocess.run(["pdfinfo", tmp_path / "page.pdf"], capture_output=True, text=True, check=True).stdout
    assert "(A4)" in info
    words = subprocess.run(["pdftotext", tmp_path / "page.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert "Số liệu đến ngày" in words
    assert "English" not in words
