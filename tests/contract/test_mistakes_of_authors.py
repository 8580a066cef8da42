"""An author's mistake ends in one sentence in commands and where the UI loads: where, what is known, what to do."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest

from tests.checkout import Checkout, copied_checkout

MODELS = "dbt_like_sql/models"


@dataclass(frozen=True)
class Mistake:
    """One text of a file replaced by another, and the words that a command then says of it."""

    file: str
    right: str
    wrong: str
    said: tuple[str, ...]
    command: str


TRY = "-m pipeline check samples/tourism__2024__2025-01-15.csv"
NIGHT = "-m pipeline nightly --inbox samples --as-of 2025-02-10"
DICTIONARY = "-m pipeline dictionary --check"
FOR_DBT = "-m pipeline for-dbt"
NEW_MART = "-m pipeline new-mart visits --reads stg_tourism"
LOAD = "-m dagster definitions validate -f pipeline/definitions.py"

MISTAKES = {
    "misspelt key of a model": Mistake(
        f"{MODELS}/staging/services/stg_tourism.yml", "        owner:", "        ownr:",
        ("stg_tourism.yml: config.meta: unknown key 'ownr'", "did you mean owner?"), FOR_DBT,
    ),
    "misspelt key of a contract": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "supplier:", "suplier:",
        ("tourism.yml: unknown key 'suplier'", "did you mean supplier?"), TRY,
    ),
    "unknown field": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "name: visitors", "name: visiters",
        ("tourism.yml: field 'visiters' is not in fields.yml", "did you mean visitors?"), NIGHT,
    ),
    "text for a list": Mistake(
        f"{MODELS}/staging/services/stg_tourism.yml", "grain: [month]", "grain: month",
        ("stg_tourism.yml: config.meta: grain: a list in brackets is expected, not 'month'",), NEW_MART,
    ),
    "broken YAML": Mistake(
        f"{MODELS}/staging/services/stg_tourism.yml", "grain: [month]", "grain: [month",
        ("stg_tourism.yml: line ", "this is no YAML", "look at indentation and quotes"), DICTIONARY,
    ),
    "key given twice": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "supplier:", "kind: snapshot\nsupplier:",
        ("tourism.yml: line ", "the key 'kind' is given twice", "take one of them out"), FOR_DBT,
    ),
    "wrong ref": Mistake(
        f"{MODELS}/intermediate/directive/int_item_spans.sql", "ref('dim_period')", "ref('dim_periods')",
        ("intermediate/directive/int_item_spans.sql: ref('dim_periods') is no model and no seed",
         "did you mean dim_period"),
        TRY,
    ),
    "circle": Mistake(
        f"{MODELS}/marts/directive/dim_period.sql", "with ", "-- {{ ref('int_item_spans') }}\nwith ",
        ("read each other in a circle",
         "marts/directive/dim_period.sql reads int_item_spans", "take one of these refs out"),
        LOAD,
    ),
    "indicator of no feed": Mistake(
        f"{MODELS}/intermediate/industry_and_trade/int_wind_item_evidence.yml", "feeds: [wind_power]", "feeds: [wind]",
        ("int_wind_item_evidence.yml: evidence_of.wind_farms_in_commercial_operation: no feed is called 'wind'",),
        FOR_DBT,
    ),
    "item of no indicator": Mistake(
        "dbt_like_sql/seeds/directives/25-NQ-CP/directive_items__25_nq_cp.csv", ",grdp_growth,", ",grdp_grwth,",
        ("directive_items: 25-NQ-CP GRDP: no model declares the indicator 'grdp_grwth'", "did you mean grdp_growth?"),
        TRY,
    ),
    "indicator without source rows": Mistake(
        f"{MODELS}/intermediate/industry_and_trade/int_wind_evidence_rows.yml",
        "        source_rows_of: int_wind_item_evidence\n", "",
        ("int_wind_item_evidence.yml: no model names the source rows", "source_rows_of: int_wind_item_evidence"), LOAD,
    ),
    "rule given twice": Mistake(
        "expectations/suites/marts/directive_scorecard.yml", "expectations:\n",
        "expectations:\n  - type: expect_compound_columns_to_be_unique\n"
        "    kwargs: {column_list: [directive, item]}\n    severity: critical\n    description: Once.\n"
        "    meta: {check: grain_is_unique, dimension: uniqueness, next_step: Look.}\n",
        ("directive_scorecard.yml: given twice: grain_is_unique",), LOAD,
    ),
    "column that SQL does not know": Mistake(
        f"{MODELS}/intermediate/directive/int_item_spans.sql", "items.threshold", "items.treshold",
        ("intermediate/directive/int_item_spans.sql: Binder Error",
         "treshold", "did you mean threshold?", "Correct the SQL"),
        NEW_MART,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the checkout, with an inbox of one delivery."""
    checkout = copied_checkout(tmp_path_factory.mktemp("authors"))
    shutil.rmtree(checkout.folder / "samples")
    (checkout.folder / "samples").mkdir()
    (checkout.folder / "samples" / "tourism__2024__2025-01-15.csv").write_text("month\n2024-01\n", encoding="utf-8")
    return checkout


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_ends_in_one_sentence(copy: Checkout, mistake: Mistake) -> None:
    path = copy.folder / mistake.file
    text = path.read_text(encoding="utf-8")
    assert mistake.right in text
    path.write_text(text.replace(mistake.right, mistake.wrong, 1), encoding="utf-8")
    try:
        done = copy.run(".venv/bin/python", *mistake.command.split(), PYTHONDONTWRITEBYTECODE="1")
    finally:
        path.write_text(text, encoding="utf-8")
    told = [line for line in (done.stdout + done.stderr).splitlines() if mistake.said[0] in line]
    assert told, done.stdout + done.stderr
    assert all(word in told[0] for word in mistake.said), told[0]
    if mistake.command != LOAD:
        assert done.returncode == 2
        assert (done.stdout, len(done.stderr.splitlines())) == ("", 1), done.stdout + done.stderr
    else:
        assert "DeclarationError" in told[0]
        assert "direct cause" not in done.stdout + done.stderr
