"""What changed since yesterday and since a week ago, and by what, against hand-made numbers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.capture_rows import QUARTER, WARD, answer, day, declaration, office_answer, permit, unit
from tests.unit.disbursement_rows import delivered
from tests.unit.sql_on_rows import compute

Row = dict[str, Any]
DAY, YESTERDAY, LAST_WEEK = "2025-01-16", dt.date(2025, 1, 15), dt.date(2025, 1, 9)


def before(on_date: dt.date, actual: str | None, **more: Any) -> Row:
    """KV1 on an earlier day, as it was then known."""
    return {
        "directive": "2724-UBND-TH", "item": "KV1", "issued_on": dt.date(2024, 8, 26), "status": "on_track",
        "actual": None if actual is None else Decimal(actual), "evidence_basis": "published_growth",
        "evidence_period": "2024", "on_date": on_date, "knowledge": "as_then_known", **more,
    }  # fmt: skip


def published(released_on: str, value: str) -> list[Row]:
    said = {
        "indicator": "sector_i_growth", "area_code": "94", "period": "2024", "measure": "growth_yoy",
        "value": Decimal(value), "unit": "percent", "said_on": dt.date(2025, 1, 2), "trust": "press",
        "source_url": "https://example.vn", "publisher": "UBND", "estimate_stage": "estimate_2",
    }  # fmt: skip
    return delivered([said], "published_figures", "2024", released_on)


def changes(past: list[Row], now: list[Row]) -> dict[str, Row]:
    rows = compute("what_changed", DAY, validated={"published_figures": now}, history={"int_item_status": past})
    return {row["span"]: row for row in rows if row["item"] == "KV1"}


def test_another_figure_of_the_same_year_is_a_revision_by_the_delivery_that_brought_it() -> None:
    """3.94 % misses `> 4 %` by 0.06 points, where 4.10 % did not; the day before it was known already."""
    now = published("2025-01-15", "3.94")
    told = changes([before(YESTERDAY, "3.94", status="missed"), before(LAST_WEEK, "4.10", status="achieved")], now)
    assert told.keys() == {"week"}
    row = told["week"]
    assert (row["status_before"], row["status_after"]) == ("achieved", "missed")
    assert (row["actual_before"], row["actual_after"]) == (Decimal("4.10"), Decimal("3.94"))
    assert (row["cause"], row["delivery_id"], row["lead_agency_code"]) == (
        "revision", now[0]["delivery_id"], "SNNPTNT",
    )  # fmt: skip


def test_a_figure_where_there_was_none_is_new_data() -> None:
    now = published("2025-01-16", "3.94")
    told = changes(
        [before(YESTERDAY, None, status="no_data"), before(LAST_WEEK, "3.20", evidence_period="2024-9M")], now
    )
    assert {span: (row["cause"], row["delivery_id"]) for span, row in told.items()} == {
        "day": ("new_data", now[0]["delivery_id"]),
        "week": ("new_data", now[0]["delivery_id"]),
    }


def test_what_no_delivery_changed_the_day_did() -> None:
    (row,) = changes([before(YESTERDAY, "3.94", status="at_risk")], published("2025-01-02", "3.94")).values()
    assert (row["span"], row["cause"], row["delivery_id"]) == ("day", "day", None)


def test_what_was_not_known_then_and_was_not_asked_for_then_is_no_change() -> None:
    as_known_today = before(YESTERDAY, "4.10", knowledge="as_known_today")
    not_issued = before(YESTERDAY, "4.10", issued_on=dt.date(2025, 1, 16))
    month_end = before(dt.date(2024, 12, 31), "4.10")
    assert changes([as_known_today, not_issued, month_end], published("2025-01-02", "3.94")) == {}


def test_a_withdrawn_figure_is_revised_by_nothing() -> None:
    gone = published("2025-01-10", "4.10")
    said = {
        "delivery_file": gone[0]["source_file"], "withdrawn_on": dt.date(2025, 1, 16), "officer": "Trần Thị B",
        "reason": "Wrong column",
    }  # fmt: skip
    rows = compute(
        "what_changed",
        DAY,
        validated={"delivery_withdrawals": delivered([said], "delivery_withdrawals", "2025-01", "2025-01-16")},
        history={
            "int_item_status": [before(YESTERDAY, "4.10", status="achieved", delivery_id=gone[0]["delivery_id"])]
        },
        ledger=[
            {
                "delivery_id": gone[0]["delivery_id"], "feed": "published_figures", "status": "withdrawn",
                "source_file": gone[0]["source_file"], "period": "2024", "released_on": dt.date(2025, 1, 10),
            }
        ],
    )  # fmt: skip
    (row,) = [row for row in rows if row["item"] == "KV1"]
    assert (row["actual_after"], row["cause"], row["delivery_id"]) == (None, "revision", gone[0]["delivery_id"])


# ── full capture: lists, answers of offices and tax declarations are released on days of their own ──────────────


def lists() -> dict[str, list[Row]]:
    """Ten works of the third quarter; the return of the tenth says that there is nothing to build."""
    nothing = {"permit_no": None, "commune_code": None, "funding_source": None, "value_mn": 0}
    return {
        "building_permits": delivered([permit(n) for n in range(1, 11)], "building_permits", "2024-9M", "2024-10-15"),
        "construction_survey": delivered(
            [answer(n, **(nothing if n == 10 else {})) for n in range(1, 11)],
            "construction_survey", "2024-Q3", "2024-10-20",
        ),
        "construction_frame": delivered([unit(n) for n in range(1, 11)], "construction_frame", "2024-9M", "2024-10-01"),
    }  # fmt: skip


def answers_on(released_on: str) -> list[Row]:
    """An office says that the tenth works were never begun."""
    (case,) = [
        row["case_id"]
        for row in compute("int_construction_work_list", DAY, validated=lists())
        if row["list_kind"] == "permit"
    ]
    said = office_answer(case, "not_begun", answered_on=day("2025-01-02"))
    return delivered([said], "omission_answers", "2025-01", released_on)


def declarations_on(released_on: str, *, with_a_site: bool) -> list[Row]:
    """Eight of the ten works, and two in their commune that nobody else tells of; or the same without any site."""
    rows = [declaration(n, permit_no=f"{n}/2024/GPXD-UBND", commune_code=WARD) for n in range(1, 9)]
    rows += [declaration(n, commune_code=WARD) for n in (77, 78)]
    nowhere = {"permit_no": None, "commune_code": None}
    rows = rows if with_a_site else [{**row, **nowhere} for row in rows]
    return delivered(rows, "construction_tax", QUARTER, released_on)


def capture_nights(*nights: tuple[str, dict[str, list[Row]]]) -> list[dict[str, Row]]:
    """What changed of COV on each night but the first, by span; every night remembers what the one before said."""
    known, remembered, told = lists(), [], []
    for number, (as_of, more) in enumerate(nights):
        known = {**known, **more}
        history = {"int_item_status": remembered}
        if number:
            rows = compute("what_changed", as_of, validated=known, history=history)
            told.append({row["span"]: row for row in rows if row["item"] == "COV"})
        statuses = compute("int_item_status", as_of, validated=known)
        remembered = remembered + [
            {**row, "on_date": day(as_of), "knowledge": "as_then_known"} for row in statuses if row["item"] == "COV"
        ]
    return told


def test_what_offices_answered_moves_coverage_and_tax_declarations_that_nothing_rests_on_do_not() -> None:
    """Nine of ten works of one value are recorded; the tenth was never begun, so that nine of nine are."""
    answers, tax = answers_on("2025-01-14"), declarations_on("2025-01-15", with_a_site=False)
    answered, declared = capture_nights(
        ("2025-01-09", {}),
        ("2025-01-15", {"omission_answers": answers}),
        ("2025-01-16", {"omission_answers": answers, "construction_tax": tax}),
    )
    assert answered == {}  # neither a day nor a week after the night before
    assert declared.keys() == {"week"}
    row = declared["week"]
    assert (row["actual_before"], row["actual_after"]) == (90, 100)
    assert (row["cause"], row["delivery_id"]) == ("revision", answers[0]["delivery_id"])


def test_tax_declarations_that_are_the_third_list_move_coverage_and_are_named() -> None:
    """Ten sites are declared, eight of which are known: 11 x 11 / 9 - 1 = 12.4444 works, of which nine are recorded.

    Missing are the tenth of the permits, the two declared alone and 0.4444 that nobody saw, all worth 900 mn.
    """
    tax = declarations_on("2025-01-16", with_a_site=True)
    (row,) = capture_nights(("2025-01-15", {}), (DAY, {"construction_tax": tax}))[0].values()
    assert row["actual_before"] == 90
    assert float(row["actual_after"]) == pytest.approx(100 * 9 / (11 * 11 / 9 - 1), abs=0.01)
    assert (row["cause"], row["delivery_id"]) == ("revision", tax[0]["delivery_id"])


def test_where_both_came_each_night_names_its_own() -> None:
    tax, answers = declarations_on("2025-01-15", with_a_site=True), answers_on("2025-01-16")
    by_tax, by_answers = capture_nights(
        ("2025-01-14", {}),
        ("2025-01-15", {"construction_tax": tax}),
        (DAY, {"construction_tax": tax, "omission_answers": answers}),
    )
    assert by_tax["day"]["delivery_id"] == tax[0]["delivery_id"]
    assert by_answers["day"]["delivery_id"] == answers[0]["delivery_id"]
    # Without the tenth of the permits ten are declared and eight of nine known: 10 x 11 / 9 - 1 = 11.2222.
    assert float(by_answers["day"]["actual_after"]) == pytest.approx(100 * 9 / (10 * 11 / 9 - 1), abs=0.01)
