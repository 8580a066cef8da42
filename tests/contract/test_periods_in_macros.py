"""A period is cut, composed and recognised in macros alone, and in the model that makes the calendar.

A model that knows by itself that a year has four characters, or that a quarter is written `-Q1`, is forgotten when a
form is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_like_sql.fields import HERE

CALENDAR = "int_periods"
"""It makes the codes of all periods."""
MODELS = sorted(path for path in (HERE / "models").rglob("*.sql") if path.stem != CALENDAR)

PERIOD = r"(?:cast\()?\s*(?:\w+\.)?\w*(?:period|month|quarter|week|first_part|last_part)\b"
FORMS = {
    "measures a period": re.compile(rf"\blength\(\s*{PERIOD}"),
    "cuts a period": re.compile(rf"\b(?:substr|substring|left|right|split_part|replace)\(\s*{PERIOD}"),
    "composes or compares a period": re.compile(r"'%?-(?:Q[1-4]?|\d{1,2}M|\d\d(?:-\d\d)?)'|\|\|\s*'M'"),
    "matches a period": re.compile(rf"{PERIOD}\s+(?:not\s+)?like\b"),
}


def forms_in(sql: str) -> Iterator[str]:
    """What a model does to periods by itself; what it hands to macros is theirs."""
    own = re.sub(r"--[^\n]*|\{\{.*?\}\}", "", sql)
    for what, form in FORMS.items():
        yield from (f"{what}: {found[0]}" for found in form.finditer(own))


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_a_model_leaves_the_forms_of_periods_to_macros(file: Path) -> None:
    assert list(forms_in(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("select * from items where length(items.period) = 4", "measures"),
        ("select length(first_part) from t", "measures"),
        ("select substr(tax_period, 1, 7) from t", "cuts"),
        ("select right(evidence_period, 2) from t", "cuts"),
        ("select substr(cast(month as varchar), 1, 4) from t", "cuts"),
        ("select cast(substr(week, 7, 2) as integer) from t", "cuts"),
        ("select cast(calendar_year as varchar) || '-Q' || quarter_of_year from t", "composes"),
        ("select cast(calendar_year as varchar) || '-3M' from t", "composes"),
        ("select cast(3 * quarters as varchar) || 'M' from t", "composes"),
        ("select cast(month || '-01' as date) from t", "composes"),
        ("select try_cast(year || '-01-01' as date) from t", "composes"),
        ("select * from t where period like '%-Q1'", "matches"),
    ],
)
def test_a_form_of_a_period_is_noticed(sql: str, what: str) -> None:
    assert any(found.startswith(what) for found in forms_in(sql)), list(forms_in(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "select {{ year_text('items.period') }} from items",
        "select date '2024-01-01', split_part(permit_key, '-', 2) from t",
        "select * from t where period_type = 'quarter'",
        "select replace(digits, '-0', '-') from t -- as 2024-Q1",
    ],
)
def test_other_sql_is_let_through(sql: str) -> None:
    assert list(forms_in(sql)) == []
