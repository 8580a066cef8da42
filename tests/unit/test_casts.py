"""Casts from supplier's text to exact types: nothing rounded in silence, five kinds of missing values kept apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.layout import with_missing_values_apart
from dbt_like_sql.casts import cast_findings_sql, rounded_cells_sql, typed_rows_sql
from dbt_like_sql.contracts import Contract, FieldRule, FileForm, Schedule
from dbt_like_sql.fields import Field
from dbt_like_sql.project import load_project
from resources.warehouse import Warehouse

FIELDS = {
    name: Field(name, kind, "unit", "public", name, name, name, name)
    for name, kind in {
        "amount_vnd": "decimal(18,0)",
        "level_bn": "decimal(20,6)",
        "count_of": "integer",
        "day_on": "date",
        "is_so": "boolean",
        "label": "varchar",
    }.items()
}
PLAIN, VIETNAMESE = FileForm(reader="csv"), FileForm(reader="xlsx", numbers="vi", dates=("iso", "dmy"))
NOISY = FileForm(reader="sdmx", source_precision="binary_float", round_to=6)


def contract(*names: str) -> Contract:
    return Contract(
        feed="trial",
        title_en="",
        title_vi="",
        description_en="",
        description_vi="",
        supplier="",
        supplier_en="",
        owner="team:test",
        kind="increment",
        schedule=Schedule("irregular"),
        key=names[:1],
        fields=tuple(FieldRule(name) for name in names),
        forms={"csv": PLAIN},
    )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    store = Warehouse(tmp_path_factory.mktemp("casts"), load_project())
    yield store
    store.close()


def cast(
    warehouse: Warehouse, form: FileForm, name: str, *cells: str | None, kind: str = "s"
) -> tuple[list[Any], list[str]]:
    """Cast cells of one column; return the values, and the rules that some cell broke, in order of rows."""
    trial = contract(name)
    parsed = rows_of(name, *cells, kind=kind)
    typed = warehouse.query(typed_rows_sql(trial, form, FIELDS, "parsed"), parsed=parsed).to_pylist()
    found = warehouse.query(cast_findings_sql(trial, form, FIELDS, "parsed"), parsed=parsed).to_pylist()
    return [row[name] for row in typed], [row["check_name"] for row in found]


def rows_of(name: str, *cells: str | None, kind: str = "s") -> pa.Table:
    """Rows that offer one column of cells, as the casts get them."""
    rows = pa.table(
        {
            "delivery_id": ["d"] * len(cells),
            "delivered_on": pa.array([dt.date(2024, 10, 1)] * len(cells), pa.date32()),
            "revision": pa.array([1] * len(cells), pa.int32()),
            "is_simulated": [False] * len(cells),
            "source_file": ["f"] * len(cells),
            "source_sheet": pa.array([None] * len(cells), pa.string()),
            "source_row": pa.array(range(len(cells)), pa.int64()),
            name: pa.array(cells, pa.string()),
            "kinds": [kind] * len(cells),
        }
    )
    return with_missing_values_apart(rows, [name])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7.310.923", Decimal(7310923)),
        ("19 473 820", Decimal(19473820)),
        ("19\u00a0473\u202f820", Decimal(19473820)),
        ("19,06", Decimal("19.06")),
        ("1.234,5", Decimal("1234.5")),
        ("-4,88", Decimal("-4.88")),
        ("72472", Decimal(72472)),
    ],
)
def test_vietnamese_numbers_are_read_as_they_are_written(warehouse: Warehouse, text: str, value: Decimal) -> None:
    assert cast(warehouse, VIETNAMESE, "level_bn", text) == ([value], [])


@pytest.mark.parametrize("text", ["1,234.5", "12.34", "1.23.456", "12 34", "sixty-four", "1e5", "0x10", "--1", "1,2,3"])
def test_a_number_written_in_another_way_is_a_finding_and_never_a_guess(warehouse: Warehouse, text: str) -> None:
    assert cast(warehouse, VIETNAMESE, "level_bn", text) == ([None], ["is_a_number"])


def test_a_number_that_the_workbook_itself_holds_is_not_read_by_the_offices_habits(warehouse: Warehouse) -> None:
    assert cast(warehouse, VIETNAMESE, "level_bn", "1234.5", kind="n") == ([Decimal("1234.5")], [])
    assert cast(warehouse, VIETNAMESE, "level_bn", "1.234", kind="n") == ([Decimal("1.234")], [])
    assert cast(warehouse, VIETNAMESE, "level_bn", "1.234", kind="s") == ([Decimal(1234)], [])


def test_surplus_decimals_are_a_finding_and_trailing_zeros_are_none(warehouse: Warehouse) -> None:
    values, found = cast(warehouse, PLAIN, "amount_vnd", "5.005", "5.000", "5")
    assert values == [None, Decimal(5), Decimal(5)]
    assert found == ["has_no_surplus_decimals"]


def test_a_number_too_large_for_its_field_is_a_finding(warehouse: Warehouse) -> None:
    assert cast(warehouse, PLAIN, "amount_vnd", "9" * 19) == ([None], ["fits_its_type"])
    assert cast(warehouse, PLAIN, "amount_vnd", "9" * 40) == ([None], ["fits_its_type"])
    assert cast(warehouse, PLAIN, "count_of", "2147483648") == ([None], ["fits_its_type"])


def test_kinds_of_missing_values_stay_apart(warehouse: Warehouse) -> None:
    values, found = cast(warehouse, VIETNAMESE, "level_bn", "-", "…", "..", "", None, "0")
    assert values == [Decimal(0), None, None, None, None, Decimal(0)]
    assert found == []
    sql = typed_rows_sql(contract("level_bn"), VIETNAMESE, FIELDS, "parsed")
    rows = warehouse.query(sql, parsed=rows_of("level_bn", "…", "", "-", "12")).to_pylist()
    assert [row["missing_marks"] for row in rows] == ["level_bn=…", None, None, None]


def test_text_is_kept_as_it_is_and_a_dash_in_it_is_no_nil(warehouse: Warehouse) -> None:
    sql = typed_rows_sql(contract("label"), VIETNAMESE, FIELDS, "parsed")
    rows = warehouse.query(sql, parsed=rows_of("label", " Hà Tiên ", "-", "…", "", None)).to_pylist()
    assert [row["label"] for row in rows] == ["Hà Tiên", "-", None, None, None]


def test_the_marks_of_all_cells_of_a_row_are_kept() -> None:
    cells = {
        "level_bn": ["…", "1", None, " .. "],
        "label": [":", "", "x", "y"],
        "day_on": ["", "2024-10-01", "-", "...."],
    }
    rows = with_missing_values_apart(pa.table(cells), list(cells)).to_pylist()
    assert [row["missing_marks"] for row in rows] == ["level_bn=… label=:", None, None, "level_bn=.. day_on=...."]
    assert [row["level_bn"] for row in rows] == [None, "1", None, None]
    assert [row["label"] for row in rows] == [None, None, "x", "y"]
    assert [row["day_on"] for row in rows] == [None, "2024-10-01", "-", None]


def test_binary_noise_is_rounded_where_it_is_declared_and_counted(warehouse: Warehouse) -> None:
    values, found = cast(warehouse, NOISY, "level_bn", "1477160.8459954923", "67.569999999999993", "12.5")
    assert values == [Decimal("1477160.845995"), Decimal("67.570000"), Decimal("12.500000")]
    assert found == []
    parsed = pa.table(
        {"delivery_id": ["d"] * 3, "level_bn": ["1.12345678", "67.569999999999993", "12.5"], "kinds": ["s"] * 3}
    )
    sql = rounded_cells_sql(contract("level_bn"), NOISY, FIELDS, "parsed")
    assert warehouse.query(sql, parsed=parsed).to_pylist() == [{"delivery_id": "d", "cells_rounded": 2}]


def test_dates_are_read_only_in_the_declared_styles(warehouse: Warehouse) -> None:
    assert cast(warehouse, VIETNAMESE, "day_on", "31/10/2024", "2024-10-31") == ([dt.date(2024, 10, 31)] * 2, [])
    assert cast(warehouse, PLAIN, "day_on", "31/10/2024", "2024-02-30") == ([None, None], ["is_a_date", "is_a_date"])
    assert cast(warehouse, VIETNAMESE, "day_on", "31/02/2024", "10-31-2024") == ([None, None], ["is_a_date"] * 2)


def test_truth_is_written_in_few_ways(warehouse: Warehouse) -> None:
    assert cast(warehouse, PLAIN, "is_so", "true", "FALSE", "1", "yes") == (
        [True, False, True, None],
        ["is_true_or_false"],
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.decimals(min_value=-(10**13), max_value=10**13, places=6, allow_nan=False))
def test_an_exact_number_comes_out_as_it_went_in(warehouse: Warehouse, number: Decimal) -> None:
    plain = f"{number:f}"
    vietnamese = f"{number:,.6f}".translate(str.maketrans(",.", ".,"))
    assert cast(warehouse, PLAIN, "level_bn", plain) == ([number], [])
    assert cast(warehouse, VIETNAMESE, "level_bn", vietnamese) == ([number], [])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=12))
def test_whatever_is_written_becomes_a_value_or_a_finding_or_was_nothing(warehouse: Warehouse, text: str) -> None:
    (value,), found = cast(warehouse, VIETNAMESE, "level_bn", text)
    nothing = rows_of("level_bn", text).column("level_bn").null_count == 1
    assert (value is not None) + bool(found) + nothing == 1


def test_the_declarations_of_this_project_load() -> None:
    project = load_project()
    assert {"grdp", "treasury_disbursement", "published_figures"} <= set(project.contracts)
    assert all(path.exists() for seed in project.seeds.values() for path in seed.paths)
