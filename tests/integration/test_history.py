"""The history of the scorecard: a past month end is what the night of that day published, whatever came later."""

from __future__ import annotations

import datetime as dt
import logging
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assets import history
from dbt_like_sql.project import load_project
from resources.files import read_sealed
from tests.house import AS_OF, House, Unpublished, csv_text

COLUMNS = (
    "status", "actual", "gap", "evidence_basis", "evidence_period", "evidence_released_on", "evidence_delivery_id",
    "provisional", "within_revision_error", "is_simulated",
)  # fmt: skip
GRDP = ("area_code", "sector_code", "period", "value_constant_bn")
AUGUST, NOVEMBER, DECEMBER = dt.date(2024, 8, 31), dt.date(2024, 11, 30), dt.date(2024, 12, 31)
JANUARY = dt.date(2025, 1, 31)

Row = dict[str, Any]


def at(house: House, day: dt.date, knowledge: str = history.THEN) -> dict[str, Row]:
    """The rows of the history of a day by item."""
    return {
        row["item"]: row
        for row in house.mart("scorecard_history")
        if row["on_date"] == day and row["knowledge"] == knowledge
    }


def construction(house: House, released_on: str, **levels: int) -> Path:
    """Deliver levels of construction in nine months; a name is y and the year."""
    rows = [("94", "CON", f"{year[1:]}-9M", level) for year, level in levels.items()]
    return house.deliver(f"grdp__2024-9M__{released_on}.csv", csv_text(GRDP, *rows))


def revise(house: House) -> None:
    """Tell construction in October, withdraw that in December and tell it anew in January."""
    withdrawn = construction(house, "2024-10-20", y2023=2000, y2024=2600)
    house.deliver(
        "delivery_withdrawals__2024-12__2024-12-10.csv",
        csv_text(
            ("delivery_file", "withdrawn_on", "officer", "reason"),
            (withdrawn.name, "2024-12-10", "Trần Thị B", "Wrong column"),
        ),
    )
    construction(house, "2025-01-20", y2023=2000, y2024=2500, y2025=2700)


def look_back(house: House, day: dt.date = AS_OF) -> None:
    """Do of a night what its histories are made of."""
    house.part_night("scorecard_history", "projection_news", as_of=day)


@pytest.fixture(scope="module")
def revised(province: House, tmp_path_factory: pytest.TempPathFactory) -> Unpublished:
    """A province in which construction was told, withdrawn and told anew."""
    house = Unpublished(province.copied_to(tmp_path_factory.mktemp("revised")).root)
    revise(house)
    house.part_night("dim_directive_item", "directive_scorecard", "scorecard_history", "what_changed")
    return house


@pytest.fixture(scope="module")
def figures(published_only: House, tmp_path_factory: pytest.TempPathFactory) -> Unpublished:
    """The same beside published figures alone: for how past days are computed rather than for what they say."""
    house = Unpublished(published_only.copied_to(tmp_path_factory.mktemp("figures")).root)
    revise(house)
    look_back(house)
    return house


def test_a_past_month_end_is_what_the_night_of_that_day_published(revised: Unpublished, tmp_path: Path) -> None:
    then = revised.copied_to(tmp_path)
    then.part_night("directive_scorecard", as_of=NOVEMBER)
    published = {row["item"]: row for row in then.mart("directive_scorecard")}
    remembered = at(revised, NOVEMBER)
    assert {"KV1", "CON", "COV", "DIS-FY-1"} <= remembered.keys() <= published.keys()
    assert {i: [r[c] for c in COLUMNS] for i, r in remembered.items()} == {
        item: [published[item][c] for c in COLUMNS] for item in remembered
    }


def test_a_directive_has_no_history_before_it_was_issued(revised: Unpublished) -> None:
    issued = {row["item"]: row["issued_on"] for row in revised.mart("dim_directive_item")}
    rows = revised.mart("scorecard_history")
    assert min(row["on_date"] for row in rows) == dt.date(2024, 8, 31)
    assert {row["on_date"] for row in rows} == {*history.month_ends(load_project(), AS_OF), AS_OF}
    assert all(row["on_date"] >= issued[row["item"]] for row in rows if row["item"] in issued)


def test_a_withdrawn_figure_counts_until_its_withdrawal_and_todays_knowledge_knows_better(revised: Unpublished) -> None:
    then, today = at(revised, NOVEMBER)["CON"], at(revised, NOVEMBER, history.TODAY)["CON"]
    assert (then["actual"], then["evidence_period"]) == (Decimal(30), "2024-9M")
    assert (today["actual"], today["evidence_period"]) == (Decimal(25), "2024-9M")
    assert today["evidence_released_on"] == dt.date(2025, 1, 20)


def test_what_was_not_over_by_then_stays_unknown_with_todays_knowledge(revised: Unpublished, province: House) -> None:
    """Levels of 2024 were first told on 1 December, its growth published on the 2nd: nine months of it were over."""
    assert at(revised, NOVEMBER)["KV1"]["actual"] is None
    today = at(revised, NOVEMBER, history.TODAY)["KV1"]
    levels = {row["period"]: row["value_constant_bn"] for row in province.table("validated", "grdp")
              if row["sector_code"] == "I" and row["released_on"] == dt.date(2024, 12, 1)}  # fmt: skip
    growth = 100 * (levels["2024-9M"] / levels["2023-9M"] - 1)
    assert (today["evidence_period"], today["actual"]) == ("2024-9M", pytest.approx(growth, abs=Decimal("0.0001")))
    assert at(revised, JANUARY, history.TODAY)["KV1"]["actual"] == Decimal("3.94")


def test_a_year_is_new_data_at_the_first_month_end_after_it_and_a_forecast_before(revised: Unpublished) -> None:
    """7.0 % was published on 2 December and 7.07 % on 15 January; nine months had grown by 6.55 %."""
    assert [at(revised, day)["GRDP"]["actual"] for day in (DECEMBER, JANUARY)] == [Decimal("6.55"), Decimal("7.07")]
    assert at(revised, DECEMBER, history.TODAY)["GRDP"]["actual"] == Decimal("6.55")
    row = at(revised, JANUARY)["GRDP"]
    assert (row["change_reason"], row["new_data_change"]) == ("new_data", Decimal("0.52"))


def test_todays_knowledge_of_a_past_day_knows_no_fact_dated_after_it(opened_house: House) -> None:
    """One known in August as not begun was begun in November; another had been in May, unsaid till January."""
    header = ("project_id", "approved_on", "started_on", "completed_on", "dwellings")
    opened_house.deliver(
        "social_housing__2024-07__2024-08-05.csv",
        csv_text(header, ("NO1", "2024-01-10", None, None, 100), ("NO2", "2024-01-10", None, None, 100)),
    )
    opened_house.deliver(
        "social_housing__2024-12__2025-01-05.csv",
        csv_text(
            header, ("NO1", "2024-01-10", "2024-11-15", None, 100), ("NO2", "2024-01-10", "2024-05-02", None, 100)
        ),
    )
    house = Unpublished(opened_house.root)
    look_back(house)
    known = at(house, AUGUST, history.TODAY)["CON-HOUSE"]
    assert (known["status"], known["evidence_period"]) != ("missed", "2024-01..2024-12"), "the year is not over"
    assert known["evidence_period"] == "2024-01..2024-08"
    started = {
        (day, knowledge): at(house, day, knowledge)["CON-HOUSE"]["actual"]
        for day in (AUGUST, NOVEMBER)
        for knowledge in (history.THEN, history.TODAY)
    }
    assert started == {
        (AUGUST, history.THEN): 0,
        (AUGUST, history.TODAY): 1,
        (NOVEMBER, history.THEN): 0,
        (NOVEMBER, history.TODAY): 2,
    }


def test_todays_knowledge_of_a_past_day_holds_what_had_come_about_and_was_delivered_later(
    published_only_copy: House,
) -> None:
    """Events held by the end of November and told first in January count for November, not those held in December."""
    header = ("event_id", "item", "kind", "planned_on", "held_on", "district_code")
    house = Unpublished(published_only_copy.root)
    house.deliver(
        "promotion_events__2024-Q4__2025-01-05.csv",
        csv_text(
            header,
            ("E1", "KV3-TRADE", "Hội chợ", "2024-11-10", "2024-11-12", "941"),
            ("E2", "KV3-TRADE", "Hội chợ", "2024-11-20", "2024-12-04", "941"),
        ),
    )
    house.deliver(
        "tourism__2024-11__2024-12-06.csv",
        csv_text(("month", "visitors", "overnight_visitors", "revenue_bn"), ("2024-11", 245000, 61000, 90)),
    )
    look_back(house)
    then, today = at(house, NOVEMBER), at(house, NOVEMBER, history.TODAY)
    assert then["KV3-TOUR"]["actual"] is None
    assert (today["KV3-TOUR"]["actual"], today["KV3-TOUR"]["evidence_period"]) == (245000, "2024-11")
    seen = {(row["on_date"], row["knowledge"]): row for row in house.table("history", "int_item_status")
            if row["item"] == "KV3-TRADE"}  # fmt: skip
    assert "events" not in seen[NOVEMBER, history.THEN]["detail_en"]
    assert "1 of 1 events planned by then were held" in seen[NOVEMBER, history.TODAY]["detail_en"]


def test_on_the_day_itself_both_states_of_knowledge_are_the_scorecard(revised: Unpublished) -> None:
    scorecard = {row["item"]: row for row in revised.mart("directive_scorecard")}
    for knowledge in (history.THEN, history.TODAY):
        rows = at(revised, AS_OF, knowledge)
        assert rows.keys() == scorecard.keys()
        assert all(rows[item]["actual"] == scorecard[item]["actual"] for item in rows)


def computed(log: pytest.LogCaptureFixture, model: str) -> dict[str, int]:
    """What a night says of the history of a model: past days that it looked at, and tables computed for each."""
    line = re.compile(rf"history/{model}: (.*), \d+ of \d+: (\d+) tables computed")
    found = [match for record in log.records if (match := line.match(record.getMessage()))]
    return {match.group(1): int(match.group(2)) for match in found}


def history_of(house: House) -> dict[str, list[str]]:
    return {name: sorted(map(repr, house.table("history", name))) for name in load_project().remembered}


def test_a_later_night_looks_only_at_the_month_ends_that_are_new(
    figures: Unpublished, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = figures.copied_to(tmp_path)
    caplog.set_level(logging.INFO, "provincial_growth")
    look_back(house, dt.date(2025, 3, 2))
    assert computed(caplog, "int_item_status").keys() == {
        "2025-02-28 as_then_known", "2025-02-28 as_known_today", "2025-03-01 as_then_known", "2025-02-23 as_then_known",
    }  # fmt: skip


def test_a_new_day_computes_yesterday_alone_once_a_week_has_been_looked_at(
    figures: Unpublished, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What yesterday was made of is kept until it is asked for as the day a week before."""
    house = figures.copied_to(tmp_path)
    caplog.set_level(logging.INFO, "provincial_growth")
    look_back(house, AS_OF + dt.timedelta(days=1))
    tables = computed(caplog, "int_item_status")
    assert tables.keys() == {"2025-02-10 as_then_known", "2025-02-04 as_then_known"}
    # the ledger says more of deliveries on the night itself than a past day asks for
    behind = load_project().behind(["int_item_status"])
    assert tables["2025-02-10 as_then_known"] <= sum(("ledger", "deliveries") in model.sources for model in behind)
    look_back(house, AS_OF + dt.timedelta(days=2))
    caplog.clear()
    look_back(house, AS_OF + dt.timedelta(days=7))
    tables = computed(caplog, "int_item_status")
    assert tables.keys() == {"2025-02-16 as_then_known", "2025-02-10 as_then_known"}
    assert tables["2025-02-10 as_then_known"] < tables["2025-02-16 as_then_known"]


def test_a_week_before_is_what_the_night_of_that_day_published(revised: Unpublished, tmp_path: Path) -> None:
    changed = {row["item"]: row for row in revised.mart("what_changed") if row["span"] == "week"}
    cards = {row["item"]: row for row in revised.mart("directive_scorecard")}
    then = revised.copied_to(tmp_path)
    then.part_night("directive_scorecard", as_of=AS_OF - dt.timedelta(days=7))
    published = then.mart("directive_scorecard")
    assert changed
    told = [(c["item"], c["status"], c["actual"]) for c in published]
    assert told == [
        (row["item"], row["status_before"], row["actual_before"])
        if (row := changed.get(card["item"]))
        else (card["item"], cards[card["item"]]["status"], cards[card["item"]]["actual"])
        for card in published
    ]


def test_a_delivery_makes_anew_only_what_past_days_see_of_it(
    figures: Unpublished, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Construction of 2024 was first told in October and withdrawn since: a later vintage is seen from January on."""
    house = figures.copied_to(tmp_path / "house")
    behind = len(load_project().behind(["int_item_status"]))
    construction(house, "2025-02-10", y2023=2000, y2024=2520)
    caplog.set_level(logging.INFO, "provincial_growth")
    look_back(house)
    looked_at = computed(caplog, "int_item_status")
    assert not [day for day, tables in looked_at.items() if day.endswith(history.THEN) and tables]
    assert 0 < max(looked_at.values()) < behind / 2
    assert at(house, NOVEMBER, history.TODAY)["CON"]["actual"] == Decimal(26)
    anew = house.copied_to(tmp_path / "anew")
    shutil.rmtree(anew.home.root / "history")
    look_back(anew)
    assert history_of(anew) == history_of(house)


def test_kept_tables_of_past_days_are_a_cache_and_no_more(figures: Unpublished, tmp_path: Path) -> None:
    """Gone, cut short or changed, a table is computed again when a past day asks for it."""
    house = figures.copied_to(tmp_path / "house")
    damaged = house.copied_to(tmp_path / "damaged")
    tables = sorted((damaged.home.root / "history" / "tables").glob("*.parquet"))
    for number, path in enumerate(tables):
        if number % 3 == 0:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-20] if number % 3 == 1 else path.read_bytes() + b"PAR1")
    for one in (house, damaged):
        construction(one, "2025-02-09", y2023=2000, y2024=2520)
        look_back(one)
    assert history_of(damaged) == history_of(house)


def test_nothing_is_kept_that_no_past_day_is_made_of(figures: Unpublished, tmp_path: Path) -> None:
    house = figures.copied_to(tmp_path)
    folder = house.home.root / "history" / "tables"
    before = {path.name for path in folder.glob("*.parquet")}
    look_back(house, dt.date(2024, 10, 5))
    look_back(house)
    named = {
        content for note in folder.glob("*.json") for known in read_sealed(note).values() for content in known.values()
    }
    kept = {path.name for path in folder.glob("*.parquet")}
    assert before
    assert {Path(name).stem for name in kept} <= named
