"""A unit wrong by 1,000: what a delivery is compared with, when it is refused, and what is no reason to refuse it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.rules import rules_of_model
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.project import load_project
from expectations.findings import findings_of
from expectations.report import Finding
from expectations.runner import judge
from tests.unit.disbursement_rows import BN, Row, delivered, vouchers
from tests.unit.sql_on_rows import PROJECT, Tables, compute
from tests.unit.test_directives_as_files import copied

AS_OF = "2025-02-10"
MONTHS = ("2024-02-05", "2024-03-05", "2024-04-05", "2024-05-05")


def month(released_on: str, kinds: dict[str, Iterable[int]], unit: int = BN, **extra: Any) -> list[Row]:
    """A month of vouchers: amounts by type of transaction."""
    day = (dt.date.fromisoformat(released_on) - dt.timedelta(days=9)).isoformat()
    lines = "\n".join(f"{day} 2024 {kind} {amount}" for kind, amounts in kinds.items() for amount in amounts)
    return vouchers(lines, released_on[:7], released_on, unit=unit, **extra)


def refused(model: str, feed: str, rows: list[Row]) -> list[Finding]:
    """The critical findings of a delivery rule on candidates."""
    built = Tables(candidates={feed: rows})
    built.build([model], AS_OF)
    suite = rules_of_model(PROJECT, PROJECT.models[model])
    assert suite is not None
    report = judge(suite, built.engine.sql(f'select * from "{model}"').to_arrow_table())
    assert not [r for r in report.results if r.outcome == "errored"], report
    files = {row["delivery_id"]: row["source_file"] for row in rows}
    return [f for f in findings_of(report, feed, files) if f.severity == "critical"]


def refused_months(*deliveries: list[Row]) -> set[str]:
    rows = [row for delivery in deliveries for row in delivery]
    found = refused("treasury_disbursement_magnitude", "treasury_disbursement", rows)
    assert all(f.source_row is None for f in found), "the whole delivery is in the wrong unit, not a row of it"
    return {str(f.source_file).split("__")[2].removesuffix(".csv") for f in found}


PAID = {"payment": (2, 5, 7, 9, 40), "advance_recovery": (1, 1, 2, 3, 9)}


@pytest.mark.parametrize("unit", [BN // 1000, BN // 10**6, BN * 1000, BN * 10**6])
def test_a_month_of_vouchers_in_another_unit_is_refused_and_the_months_after_it_are_not(unit: int) -> None:
    first, wrong, after, last = MONTHS
    months = (month(first, PAID), month(wrong, PAID, unit), month(after, PAID), month(last, PAID))
    assert refused_months(*months) == {wrong}


def test_the_middle_lines_of_two_deliveries_are_compared_by_type() -> None:
    later = {"payment": (7, 1, 14, 28), "advance_recovery": (1, 4, 9, 100, 200), "refund": (5,)}
    rows = [*month(MONTHS[0], PAID), *month(MONTHS[1], later)]
    found = compute("treasury_disbursement_magnitude", AS_OF, candidates={"treasury_disbursement": rows})
    by_kind = {row["line_kind"]: row for row in found if row["delivery_id"] == rows[-1]["delivery_id"]}
    # the lower of the two in the middle, 7, against 7; and 9 against 2
    assert {
        kind: (row["middle_figure"], row["reference_figure"], row["line_count"]) for kind, row in by_kind.items()
    } == {
        "payment": (7 * BN, 7 * BN, 4),
        "advance_recovery": (9 * BN, 2 * BN, 5),
    }
    assert (by_kind["advance_recovery"]["magnitude_factor"], by_kind["payment"]["magnitude_factor"]) == (4.5, 1)
    # fewer than five lines may lie further apart
    assert (by_kind["payment"]["largest_factor"], by_kind["advance_recovery"]["largest_factor"]) == (300, 30)
    assert by_kind["payment"]["reference_file"] == "treasury_disbursement__2024-02__2024-02-05.csv"


def test_the_sentence_names_delivery_ratio_unit_and_the_file_compared_with() -> None:
    rows = [*month(MONTHS[0], PAID), *month(MONTHS[1], PAID, BN // 1000)]
    payment, *_ = (
        f for f in refused("treasury_disbursement_magnitude", "treasury_disbursement", rows) if "payment" in f.sentence
    )
    assert payment.sentence == (
        "treasury_disbursement, delivery treasury_disbursement__2024-03__2024-03-05.csv, figure_name amount_vnd, "
        "line_kind payment, middle_ratio 0.001000000, reference_file treasury_disbursement__2024-02__2024-02-05.csv: "
        "largest_factor is 30.000 and magnitude_factor is 1000.000, but amounts are in dong: the middle line of each "
        "type of transaction has the magnitude that an earlier delivery gave."
    )
    assert "thousand dong" in payment.next_step
    assert "withdrawn" in payment.next_step


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        ({"payment": (90, 120, 150, 180, 200)}, "the last payments of a year are large"),
        ({"payment": (400,)}, "one line may be large"),
        ({"advance_recovery": (30, 31)}, "two lines may be large"),
        ({"refund": (4000, 5000, 6000, 7000, 8000)}, "refunds may be of any size"),
        ({"adjustment": (4000, 5000, 6000, 7000, 8000)}, "adjustments may be of any size"),
        ({"advance": (9, 20, 40, 80, 90)}, "no advance was delivered before"),
    ],
)
def test_a_month_that_is_only_unusual_is_accepted(kinds: dict[str, Iterable[int]], why: str) -> None:
    assert refused_months(month(MONTHS[0], PAID), month(MONTHS[1], kinds)) == set(), why


@pytest.mark.parametrize(("amount", "is_refused"), [(5, False), (5000, True)])
def test_a_month_of_few_vouchers_is_refused_where_they_lie_beyond_what_single_vouchers_differ_by(
    amount: int, is_refused: bool
) -> None:
    few = month(MONTHS[1], {"payment": (amount,), "advance_recovery": (amount // 5,)})
    assert bool(refused_months(month(MONTHS[0], PAID), few)) == is_refused


@pytest.mark.parametrize("unit", [BN // 1000, BN * 1000])
def test_the_very_first_month_in_another_unit_is_refused_by_the_register_and_no_yardstick_for_the_next(
    unit: int,
) -> None:
    months = [month(MONTHS[0], PAID, unit), month(MONTHS[1], PAID), month(MONTHS[2], PAID)]
    assert refused_months(*months) == {MONTHS[0]}
    found = compute(
        "treasury_disbursement_magnitude", AS_OF, candidates={"treasury_disbursement": [r for m in months for r in m]}
    )
    files = {(r["delivery_id"][-10:], r["line_kind"]): r["reference_file"] for r in found}
    assert files[MONTHS[0], "payment"] == files[MONTHS[1], "payment"] == "typical_figures.csv"
    assert files[MONTHS[2], "payment"] == "treasury_disbursement__2024-03__2024-03-05.csv"


def test_a_delivery_of_few_lines_is_no_yardstick() -> None:
    odd = month(MONTHS[0], {"payment": (9000,)})
    assert refused_months(odd, month(MONTHS[1], PAID), month(MONTHS[2], PAID)) == set()


def test_simulated_vouchers_are_no_yardstick_for_real_ones() -> None:
    simulated = month(MONTHS[0], PAID, BN // 50, is_simulated=True)
    assert refused_months(month(MONTHS[0], PAID, BN // 50), month(MONTHS[1], PAID)) == {MONTHS[1]}
    assert refused_months(simulated, month(MONTHS[1], PAID)) == set()


@settings(max_examples=15, deadline=None)
@given(
    first=st.lists(st.integers(10**5, 10**7), min_size=5, max_size=9),
    times=st.lists(st.integers(1, 5), min_size=5, max_size=9),
    unit=st.sampled_from([1, 1000, 10**6]),
)
def test_a_month_up_to_five_times_as_large_is_accepted_and_a_thousand_times_more_or_less_is_not(
    first: list[int], times: list[int], unit: int
) -> None:
    middle = sorted(first)[(len(first) - 1) // 2]
    months = (
        month(MONTHS[0], {"payment": first}, 1000),
        month(MONTHS[1], {"payment": [middle * one for one in times]}, unit),
    )
    _, row = sorted(
        compute(
            "treasury_disbursement_magnitude", AS_OF, candidates={"treasury_disbursement": [*months[0], *months[1]]}
        ),
        key=lambda row: str(row["delivery_id"]),
    )
    assert (row["magnitude_factor"] > row["largest_factor"]) == (unit != 1000)


# ── the other feeds of many lines ─────────────────────────────────────────────────────────────────────────────

LINES: dict[str, tuple[str, str, Row]] = {
    # feed: (field, key, a row)
    "construction_tax": ("turnover_ex_vat_mn", "declaration_id", {"form": "01/GTGT", "tax_period": "2024-Q3"}),
    "construction_survey": ("value_mn", "return_id", {"stratum": "investors", "quarter": "2024-Q3"}),
    "building_permits": ("declared_value_mn", "application_no", {"kind": "Nhà xưởng"}),
    "design_appraisals": ("total_cost_mn", "appraisal_no", {}),
    "investment_plan": ("amount_vnd", "decision_no", {"source": "local", "project_code": "7000001"}),
}


def delivery(feed: str, number: int, factor: Any, field: str | None = None) -> list[Row]:
    name, key, row = LINES[feed]
    unit = Decimal(factor) * (100_000 if feed == "investment_plan" else 1)
    rows = [
        {**row, key: f"{number}-{i}", field or name: Decimal(amount) * unit}
        for i, amount in enumerate((200_000, 500_000, 700_000, 900_000, 4_000_000))
    ]
    return delivered(rows, feed, "2024-Q3", f"2024-{number:02}-15")


@pytest.mark.parametrize("factor", ["1000", "0.001"])
@pytest.mark.parametrize(
    ("feed", "field"),
    [*((feed, field) for feed, (field, _, _) in LINES.items()),
     ("construction_survey", "floor_area_m2"), ("building_permits", "floor_area_m2")],
)  # fmt: skip
def test_lines_in_another_unit_are_refused_and_their_correction_is_not(feed: str, field: str, factor: str) -> None:
    rows = [*delivery(feed, 1, 1, field), *delivery(feed, 2, factor, field), *delivery(feed, 3, "1.7", field)]
    found = refused(f"{feed}_magnitude", feed, rows)
    assert {f.source_file for f in found} == {f"{feed}__2024-Q3__2024-02-15.csv"}
    assert all("unit" in f.next_step or "dong" in f.next_step for f in found)


def test_a_first_plan_in_thousand_dong_does_not_make_the_next_one_look_wrong() -> None:
    rows = [
        {**row, "budget_year": 2024, "plan_component": "pm_assigned", "decided_on": dt.date(2023, 12, 20)}
        for number, factor in ((1, "0.001"), (2, 1), (3, 1))
        for row in delivery("investment_plan", number, factor)
    ]
    found = [
        f for rule in PROJECT.delivery_rules("investment_plan") for f in refused(rule.name, "investment_plan", rows)
    ]
    assert {f.check for f in found} == {"magnitude_matches_earlier_delivery", "plan_keeps_its_magnitude"}
    assert {f.source_file for f in found} == {"investment_plan__2024-Q3__2024-01-15.csv"}


def reports(number: int, *amounts: int) -> list[Row]:
    rows = [
        {"project_code": f"70000{i:02}", "week": f"2024-W{10 + number}", "accepted_unpaid_vnd": amount}
        for i, amount in enumerate(amounts)
    ]
    return delivered(rows, "project_progress", "2024-Q3", f"2024-{number:02}-15")


def test_reports_of_the_same_projects_in_thousand_dong_are_refused_and_a_volume_that_was_paid_is_not() -> None:
    first = reports(1, 5 * BN, 70 * BN, 900 * BN, 40 * BN, BN)
    wrong = reports(2, *(row["accepted_unpaid_vnd"] // 1000 for row in first))
    paid = reports(3, 5 * BN, 90 * BN, BN // 1000, 30 * BN, 2 * BN)
    found = refused("project_progress_magnitude", "project_progress", [*first, *wrong, *paid])
    assert {f.source_file for f in found} == {"project_progress__2024-Q3__2024-02-15.csv"}


def level(period: str, value: Any, said_on: str, indicator: str = "retail_services") -> Row:
    return {
        "indicator": indicator, "area_code": "94", "period": period, "measure": "level", "value": Decimal(value),
        "unit": "billion_vnd", "said_on": dt.date.fromisoformat(said_on), "publisher": "Cục Thống kê",
        "source_url": "https://example.vn",
    }  # fmt: skip


@pytest.mark.parametrize(("value", "is_refused"), [("98000", False), ("98000000", True), ("98", True)])
def test_a_published_level_may_be_that_of_a_year_beside_that_of_a_month_but_of_no_other_unit(
    value: str, is_refused: bool
) -> None:
    rows = [level("2024-01", 8_100, "2024-02-01"), level("2024", value, "2025-01-15")]
    rows.append(level("2024", 5, "2025-01-15", "exports"))
    found = refused(
        "published_figures_magnitude", "published_figures", delivered(rows, "published_figures", "2024", AS_OF)
    )
    assert [f.source_row for f in found] == ([3] if is_refused else [])


# ── feeds of one figure a month ───────────────────────────────────────────────────────────────────────────────


def output(number: int, month: str, **figures: Any) -> list[Row]:
    row = {"enterprise_code": "E1", "product_code": "beer", "month": month, "unit": "thousand_litres"}
    return delivered([{**row, **figures}], "industry_output", month, f"2024-{number:02}-10")


@pytest.mark.parametrize(
    "wrong", [{"quantity": 5, "value_mn": 60_000}, {"quantity": 5000, "value_mn": 60}, {"quantity": "0.005"}]
)
def test_output_a_thousandth_of_the_year_before_is_refused_although_no_capacity_forbids_it(wrong: Row) -> None:
    figures = {"quantity": Decimal(5000), "value_mn": Decimal(59_000), "capacity": Decimal(6000)}
    given = {name: Decimal(value) for name, value in wrong.items()}
    rows = [*output(1, "2023-12", **figures), *output(2, "2024-12", **{**figures, **given})]
    (found,) = refused("industry_output_magnitude", "industry_output", rows)
    assert (found.source_row, str(found.source_file)[:24]) == (2, "industry_output__2024-12")


def test_constant_prices_of_construction_are_compared_as_current_ones_are() -> None:
    row = {"area_code": "94", "district_code": "941", "ownership": "total", "work_type": "total"}
    row |= {"value_current_mn": Decimal(900), "value_constant_mn": Decimal(600)}
    first = delivered([{**row, "period": "2023-Q1"}], "construction_output", "2023-Q1", "2023-04-20")
    later = {**row, "period": "2024-Q1", "value_constant_mn": Decimal(600_000)}
    rows = [*first, *delivered([later], "construction_output", "2024-Q1", "2024-04-20")]
    (found,) = refused("construction_output_magnitude", "construction_output", rows)
    assert "price_basis constant" in found.sentence


def test_a_month_of_retail_in_million_dong_is_no_yardstick_for_the_next() -> None:
    def sold(month: str, value: int, released_on: str) -> list[Row]:
        row = {"area_code": "94", "service_group": "total", "month": month, "value_bn": Decimal(value)}
        return delivered([row], "retail_services", month, released_on)

    rows = [
        *sold("2024-01", 8000, "2024-02-06"), *sold("2024-02", 8_100_000, "2024-03-06"),
        *sold("2024-03", 8200, "2024-04-06"),
    ]  # fmt: skip
    found = refused("retail_services_magnitude", "retail_services", rows)
    assert [str(f.source_file)[:24] for f in found] == ["retail_services__2024-02"]


def test_a_small_harvest_is_no_wrong_unit() -> None:
    def harvest(month: str, tonnes: str, released_on: str) -> list[Row]:
        row = {"district_code": "947", "species": "tom_su", "month": month, "harvest_t": Decimal(tonnes)}
        return delivered([row], "aquaculture", month, released_on)

    rows = [
        *harvest("2023-01", "50", "2023-02-15"), *harvest("2023-02", "0.2", "2023-03-15"),
        *harvest("2023-03", "40000", "2023-04-15"), *harvest("2024-01", "0.3", "2024-02-15"),
        *harvest("2024-02", "90", "2024-03-15"), *harvest("2024-03", "0.04", "2024-04-15"),
    ]  # fmt: skip
    found = refused("aquaculture_magnitude", "aquaculture", rows)
    assert [str(f.source_file)[:20] for f in found] == ["aquaculture__2024-03"]


# ── macros ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_macro_is_put_in_where_it_is_called_and_a_change_of_it_is_a_change_of_the_model(tmp_path: Path) -> None:
    root = copied(tmp_path / "sql", {})
    macro = root / "macros" / "median_against_first_delivery.sql"
    before = load_project(root).models["treasury_disbursement_magnitude"]
    assert before.refs == ("magnitude_limits", "typical_figures")
    assert "yardsticks" in before.source_text
    macro.write_text(macro.read_text(encoding="utf-8").replace("yardsticks", "measures"), encoding="utf-8")
    assert load_project(root).models["treasury_disbursement_magnitude"].digest != before.digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% macro other() %}\nselect 1\n{% endmacro %}\n", r"macros/median_against_first_delivery\.sql"),
        ("{% macro median_against_first_delivery(x) %}\nselect 1\n{% endmacro %}\n", "x stands nowhere in its SQL"),
        (
            "{% macro median_against_first_delivery(x) %}\nselect {{ x }}\n{% endmacro %}\n",
            "median_against_first_delivery takes x",
        ),
        (
            "{% macro median_against_first_delivery() %}\n{% if x %}1{% endif %}\n{% endmacro %}\n",
            "loops, conditionals",
        ),
        (None, "no macro is called 'median_against_first_delivery'"),
    ],
)
def test_a_macro_that_is_misnamed_called_without_its_arguments_or_does_not_exist_is_refused(
    tmp_path: Path, text: str | None, said: str
) -> None:
    root = copied(tmp_path / "sql", {})
    macro = root / "macros" / "median_against_first_delivery.sql"
    macro.unlink()
    if text is not None:
        macro.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=said):
        load_project(root)
