"""What an officer sees who opens the UI after a night: the graph, a feed with its checks, the scorecard."""

from __future__ import annotations

import html
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import CHROMIUM, QUIET
from tests.house import House
from tests.integration.test_ui import locations
from tests.running_ui import ui_of

PATIENCE_SECONDS = 120
WHEN_LOADED = ("--virtual-time-budget=30000", "--window-size=1600,1200")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed here"),
]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the UI on a home after one night."""
    house = House(tmp_path_factory.mktemp("ui"))
    house.deliver_published_figures()
    assert house.night().failures == ()
    with ui_of(house) as served:
        served.wait_for(lambda: locations(served.port) or None, "the code location")
        yield f"http://127.0.0.1:{served.port}"


def words_on(address: str, profile: Path) -> str:
    """Return what a page shows once it has loaded, as one line of text."""
    page = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page_at(address, profile), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def page_at(address: str, profile: Path) -> str:
    """Return a page as the browser has it once it has loaded."""
    browser = subprocess.Popen(
        [str(CHROMIUM), *QUIET, *WHEN_LOADED, f"--user-data-dir={profile}", "--dump-dom", address],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        page, _ = browser.communicate(timeout=PATIENCE_SECONDS)
    finally:
        if browser.poll() is None:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
    return page


def test_the_asset_graph_shows_subjects(ui: str, tmp_path: Path) -> None:
    shown = words_on(f"{ui}/asset-groups", tmp_path)
    for subject in ("growth", "public_investment", "construction_capture", "services", "directive", "quality"):
        assert subject in shown
    assert "Materialize all" in shown


def test_the_catalogue_shows_plain_sentences_and_no_markdown(ui: str, tmp_path: Path) -> None:
    shown = words_on(f"{ui}/assets?", tmp_path)
    assert "Volume accepted and not yet paid fits into what remained of" in shown
    assert not [word for word in shown.split() if word.startswith(("*", "`", "|", "_"))]


def test_a_register_shows_its_file_its_columns_its_rows_and_its_version(ui: str, tmp_path: Path) -> None:
    shown = words_on(f"{ui}/assets/seeds/agencies", tmp_path)
    assert "Agencies that the directives name, with the days on which each existed" in shown
    for words in ("path", "agencies.csv", "preview", "version", "agency_code", "Row count"):
        assert words in shown


def test_a_feed_shows_its_checks_and_what_became_of_each_rule(ui: str, tmp_path: Path) -> None:
    shown = words_on(f"{ui}/assets/candidates/published_figures?view=checks", tmp_path)
    for dimension in ("schema", "completeness", "validity", "uniqueness", "consistency"):
        assert f"{dimension} Succeeded" in shown
    assert "Nothing that must be there is missing." in shown
    assert "value_is_given (critical): every row must say its value." in shown
    assert "rules hold." in shown


def test_the_scorecard_shows_its_rows_its_columns_with_units_and_its_chart(ui: str, tmp_path: Path) -> None:
    shown = words_on(f"{ui}/assets/marts/directive_scorecard", tmp_path)
    assert "Where each target and task of each directive stands on the day, on what evidence, and why" in shown
    assert "Row count 34" in shown
    assert "within_revision_error" in shown
    assert "growth_2724-UBND-TH" in shown
    assert "Bars: growth reached, %" in shown
    assert "Tình hình từng chỉ tiêu" in shown


def test_the_pictures_of_a_mart_stand_in_their_place_and_only_its_sql_is_behind_a_click(
    ui: str, tmp_path: Path
) -> None:
    page = page_at(f"{ui}/assets/marts/directive_scorecard", tmp_path)
    assert 'src="data:image/svg+xml' in page
    assert page.count("[Show Markdown]") == 1
    assert page.index("[Show Markdown]") > page.index(">sql<")


def test_what_landed_and_its_first_cells_are_tables(ui: str, tmp_path: Path) -> None:
    landed = words_on(f"{ui}/assets/landing/published_figures", tmp_path / "landing")
    assert "released on" in landed
    assert "published_figures__2022..2025__2025-05-15.csv" in landed
    read = words_on(f"{ui}/assets/raw/published_figures", tmp_path / "raw")
    assert "source_row" in read
    assert "cell 1" in read
    assert "published_figures__2022..2025__2025-05-15.csv" in read[read.index("preview_of") :]


def test_a_release_shows_its_marts(ui: str, tmp_path: Path) -> None:
    shown = words_on(f"{ui}/assets/release", tmp_path)
    assert "directive_scorecard 34" in shown
    assert "Where each target and task of each directive stands on the day" in shown
