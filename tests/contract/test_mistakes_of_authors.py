"""An author's mistake ends in one sentence in commands and where the UI loads: where, what is known, what to do."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from subprocess import CompletedProcess

import pytest

from tests.checkout import Checkout, copied_checkout

MODELS = "dbt_like_sql/models"
TOURISM = f"{MODELS}/marts/services/tourism_monthly.sql"
ITEMS = "seeds/directives/25-NQ-CP/directive_items__25_nq_cp.csv"
AGENCIES = "seeds/directives/25-NQ-CP/directive_item_agencies__25_nq_cp.csv"
DIRECTIVE = "dbt_like_sql/seeds/directives/25-NQ-CP"


@dataclass(frozen=True)
class Mistake:
    """One text of a file replaced by another, and the words that a command then says of it.

    A file that is not there is written. `\\udcff` stands for the byte 0xFF.
    """

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
    "two statements": Mistake(
        TOURISM, "\norder by", ";\nselect 1\norder by",
        ("marts/services/tourism_monthly.sql: line ", "this is one query, and no semicolon ends it"), DICTIONARY,
    ),
    "syntax of SQL": Mistake(
        TOURISM, "    figures.revenue_bn,", "    figures.revenue_bn revenue as,",
        ("marts/services/tourism_monthly.sql: line 35: Parser Error", "Correct the SQL"), DICTIONARY,
    ),
    "syntax of SQL behind a macro": Mistake(
        "dbt_like_sql/models/staging/services/stg_tourism.sql", "    revenue_bn,", "    revenue_bn revenue as,",
        ("staging/services/stg_tourism.sql: line 18: Parser Error", "Correct the SQL"), DICTIONARY,
    ),
    "evidence without a column that all evidence has": Mistake(
        f"{MODELS}/intermediate/industry_and_trade/int_wind_item_evidence.sql",
        "(before.is_simulated, false) as is_simulated", "(before.is_simulated, false) as simulated",
        ("intermediate/industry_and_trade/int_wind_item_evidence.sql: ", "asks for the column 'is_simulated'"),
        DICTIONARY,
    ),
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
        ("tourism.yml: field 'visiters' is not in fields/", "did you mean visitors?"), NIGHT,
    ),
    "column described in two files": Mistake(
        "dbt_like_sql/fields/services.yml", "visitors:\n",
        "area_code: {type: varchar, unit: code, access: public, label_en: A, label_vi: A, description_en: A.,\n"
        " description_vi: V.}\nvisitors:\n",
        ("fields/shared.yml: area_code is defined in fields/services.yml too", "take it out of one of the two"), TRY,
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
        f"{MODELS}/intermediate/directive/int_item_spans.sql", "ref('int_periods')", "ref('int_period')",
        ("intermediate/directive/int_item_spans.sql: ref('int_period') is no model and no seed",
         "did you mean int_periods"),
        TRY,
    ),
    "circle": Mistake(
        f"{MODELS}/intermediate/directive/int_periods.sql", "with ", "-- {{ ref('int_item_spans') }}\nwith ",
        ("read each other in a circle",
         "intermediate/directive/int_periods.sql reads int_item_spans", "take one of these refs out"),
        LOAD,
    ),
    "indicator of no feed": Mistake(
        f"{MODELS}/intermediate/industry_and_trade/int_wind_item_evidence.yml", "feeds: [wind_power]", "feeds: [wind]",
        ("int_wind_item_evidence.yml: evidence_of.wind_farms_in_commercial_operation: no feed is called 'wind'",),
        FOR_DBT,
    ),
    "item of no indicator": Mistake(
        f"{DIRECTIVE}/directive_items__25_nq_cp.csv", ",grdp_growth,", ",grdp_grwth,",
        (f"{ITEMS}: line 2: 25-NQ-CP GRDP: no model declares the indicator 'grdp_grwth'", "did you mean grdp_growth?"),
        TRY,
    ),
    "indicator without source rows": Mistake(
        f"{MODELS}/intermediate/industry_and_trade/int_wind_evidence_rows.yml",
        "        source_rows_of: int_wind_item_evidence\n", "",
        ("int_wind_item_evidence.yml: no model names the source rows", "source_rows_of: int_wind_item_evidence"), LOAD,
    ),
    "rule given twice": Mistake(
        "expectations/suites/marts/directive/directive_scorecard.yml", "expectations:\n",
        "expectations:\n  - type: expect_compound_columns_to_be_unique\n"
        "    kwargs: {column_list: [directive, item]}\n    severity: critical\n    description: Once.\n"
        "    meta: {check: grain_is_unique, dimension: uniqueness, next_step: Look.}\n",
        ("directive_scorecard.yml: given twice: grain_is_unique",), LOAD,
    ),
    "column that SQL does not know": Mistake(
        f"{MODELS}/intermediate/directive/int_item_spans.sql", "items.threshold", "items.treshold",
        ("intermediate/directive/int_item_spans.sql: line ", "Binder Error",
         "treshold", "did you mean threshold?", "Correct the SQL"),
        NEW_MART,
    ),
    "column that a part of a query does not have": Mistake(
        TOURISM, "    office.area_code,", "    office.month,",
        ("marts/services/tourism_monthly.sql: line ", "Binder Error", "named \"month\"; ",
         "a table that it reads has the column, and the part of the query that asks for it has not"), DICTIONARY,
    ),
    "table read without ref": Mistake(
        TOURISM, "{{ ref('stg_tourism') }}", "stg_tourism",
        ("marts/services/tourism_monthly.sql: line ", "Catalog Error", "tables are read by {{ ref('…') }}"), DICTIONARY,
    ),
    "ref without quotes": Mistake(
        TOURISM, "{{ ref('stg_tourism') }}", "{{ ref(stg_tourism) }}",
        ("marts/services/tourism_monthly.sql: {{ ref(stg_tourism) }} is not understood",
         "there are {{ ref('x') }}"),
        TRY,
    ),
    "braces that are not closed": Mistake(
        TOURISM, "{{ ref('stg_tourism') }}", "{{ ref('stg_tourism')",
        ("marts/services/tourism_monthly.sql: line ", "{{ ref('stg_tourism')", "is not closed by }}"),
        TRY,
    ),
    "column of a mart that nobody described": Mistake(
        TOURISM, "    figures.revenue_bn,",
        "    figures.revenue_bn as revenue_billion,",
        ("marts/services/tourism_monthly.sql: column 'revenue_billion' is not in fields/",
         "did you mean revenue_bn?"),
        DICTIONARY,
    ),
    "column of an intermediate table that nobody described": Mistake(
        f"{MODELS}/intermediate/growth/int_year_shares.sql", ") as share_of_year,", ") as part_of_year,",
        ("intermediate/growth/int_year_shares.sql: column 'part_of_year' is not in fields/",
         "where a new column is described first"),
        DICTIONARY,
    ),
    "column of a mart with another type": Mistake(
        TOURISM, "    figures.revenue_bn,",
        "    cast(figures.revenue_bn as varchar) as revenue_bn,",
        ("marts/services/tourism_monthly.sql: column 'revenue_bn' is varchar, and decimal", "write cast(… as decimal"),
        DICTIONARY,
    ),
    "column given twice": Mistake(
        TOURISM, "    figures.revenue_bn,",
        "    figures.revenue_bn,\n    figures.revenue_bn,",
        ("marts/services/tourism_monthly.sql: it selects revenue_bn twice", "Correct the SQL"), DICTIONARY,
    ),
    "grain that the model lacks": Mistake(
        f"{MODELS}/marts/services/tourism_monthly.yml", "month]", "moth]",
        ("tourism_monthly.yml: grain: the model has no column 'moth': did you mean month?",), DICTIONARY,
    ),
    "model with nothing in it": Mistake(
        f"{MODELS}/marts/services/visits.yml", "", "version: 2\n",
        ("marts/services/visits.yml: there is no visits.sql beside it", "take this file out"), TRY,
    ),
    "model in no layer": Mistake(
        f"{MODELS}/mart/services/visits.sql", "", "select 1\n",
        ("mart/services/visits.sql: ", "no layer is called 'mart': did you mean marts?"), TRY,
    ),
    "bytes that are no UTF-8 in SQL": Mistake(
        TOURISM, "    figures.revenue_bn,",
        "    figures.revenue_bn, -- \udcff",
        ("marts/services/tourism_monthly.sql: line ", "the byte 0xFF is no UTF-8; save the file as UTF-8"), TRY,
    ),
    "bytes that are no UTF-8 in a seed": Mistake(
        "dbt_like_sql/seeds/tet_days.csv", "\n", "\n\udcff",
        ("seeds/tet_days.csv: line 2: the byte 0xFF is no UTF-8",), TRY,
    ),
    "bound that is no number": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "minimum: 0", "minimum: none",
        ("tourism.yml: field 'visitors' has a bound that is no number: none",), DICTIONARY,
    ),
    "encoding that nobody knows": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "encoding: utf-8", "encoding: utf-9",
        ("tourism.yml: forms.encoding 'utf-9': did you mean utf-8?",), TRY,
    ),
    "delimiter in words": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", 'delimiter: ","', "delimiter: comma",
        ("tourism.yml: forms.csv: delimiter is one character, not 'comma'",), TRY,
    ),
    "pattern that cannot match": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "'(?i)^(ghi", "'(?i)^((ghi",
        ("tourism.yml: forms.xlsx: ends_at", "is no regular expression"), DICTIONARY,
    ),
    "owner that is no team": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "owner: team:services", "owner: services",
        ("tourism.yml: owner: 'team:<name>' or an e-mail address is expected, not 'services'",), LOAD,
    ),
    "option that nothing asks for": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "options: {area_code:", "options: {area_cod:",
        ("tourism.yml: options 'area_cod': did you mean area_code?",), DICTIONARY,
    ),
    "header of two fields": Mistake(
        "dbt_like_sql/sources/services/tourism.yml", "headers: [Tháng, Kỳ]", "headers: [Tháng, Lượt khách]",
        ("tourism.yml: the header 'lượt khách' is that of month and visitors; take it out of one of them",), TRY,
    ),
    "rule on a column that a delivery lacks": Mistake(
        "expectations/suites/validated/services/tourism.yml", "expectations:\n",
        "expectations:\n  - type: expect_column_values_to_not_be_null\n    kwargs: {column: visitor}\n"
        "    severity: critical\n    description: Given.\n"
        "    meta: {check: visitor_is_given, dimension: completeness, next_step: Look.}\n",
        ("validated/services/tourism.yml: visitor_is_given: the table has no column 'visitor'",
         "did you mean visitors?"),
        TRY,
    ),
    "rule with a pattern that cannot match": Mistake(
        "expectations/suites/validated/services/tourism.yml", "expectations:\n",
        "expectations:\n  - type: expect_column_values_to_match_regex\n    kwargs: {column: month, regex: \"((\"}\n"
        "    severity: critical\n    description: Given.\n"
        "    meta: {check: month_matches, dimension: validity, next_step: Look.}\n",
        ("validated/services/tourism.yml: line ", "(month_matches): 'regex' is no regular expression: missing )"), TRY,
    ),
    "rule on a column that an audit lacks": Mistake(
        "expectations/suites/audits/services/tourism_magnitude.yml",
        "column: magnitude_ratio", "column: magnitude_rato",
        ("audits/services/tourism_magnitude.yml: ",
         "the table has no column 'magnitude_rato': did you mean magnitude_ratio?"),
        TRY,
    ),
    "suite of no table": Mistake(
        "expectations/suites/marts/services/tourism_monthy.yml", "", "name: marts__tourism_monthy\n",
        ("suites/marts/services/tourism_monthy.yml: no table of marts is called 'tourism_monthy'",
         "did you mean tourism_monthly?"),
        DICTIONARY,
    ),
    "cell too many": Mistake(
        "dbt_like_sql/seeds/tet_days.csv", "\n2", "\nTết,2",
        ("seeds/tet_days.csv: line 2: ", "cells, and the header names ", "stands in double quotes"), TRY,
    ),
    "quote that is not closed": Mistake(
        f"{DIRECTIVE}/directive_items__25_nq_cp.csv", "25-NQ-CP,", '"25-NQ-CP,',
        (f"{ITEMS}: line ", "look at the quotes"), TRY,
    ),
    "day that is none": Mistake(
        f"{DIRECTIVE}/directive_items__25_nq_cp.csv", ",2025-12-31,", ",31/12/2025,",
        (f"{ITEMS}: line 2: deadline_on: a day such as 2024-10-31 is expected,",
         "not '31/12/2025'"),
        TRY,
    ),
    "code that no seed has": Mistake(
        f"{DIRECTIVE}/directive_item_agencies__25_nq_cp.csv", ",lead,", ",leed,",
        (f"{AGENCIES}: line 2: agency_role: 'leed' is none of the codes",
         "did you mean lead?"),
        TRY,
    ),
    "agency that nobody knows": Mistake(
        f"{DIRECTIVE}/directive_item_agencies__25_nq_cp.csv", ",UBNDT,", ",UBNDTT,",
        (f"{AGENCIES}: line 2: 25-NQ-CP GRDP: no agency of agencies.csv is 'UBNDTT'",
         "did you mean UBNDT?"), TRY,
    ),
    "agency of an item that there is not": Mistake(
        f"{DIRECTIVE}/directive_item_agencies__25_nq_cp.csv", "25-NQ-CP,GRDP,", "25-NQ-CP,GRPD,",
        (f"{AGENCIES}: line 2: 25-NQ-CP GRPD: the directive has no such item in directive_items",
         "did you mean 25-NQ-CP GRDP?"),
        TRY,
    ),
    "item given twice": Mistake(
        f"{DIRECTIVE}/directive_items__25_nq_cp.csv", "\n25-NQ-CP,GRDP,1,",
        "\n25-NQ-CP,GRDP,2,,target,grdp_growth,94,GRDP,,,>=,9,percent,2025,2025-12-31,,resolution,A,A,A\n25-NQ-CP,GRDP,1,",
        ("directive_items__25_nq_cp.csv: line 3: 25-NQ-CP GRDP: given twice, also in ", "one needs another code"), TRY,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Misplaced:
    """A declaration moved to a folder where it does not belong, and the words that a command then says of it.

    A model's two files are moved together.
    """

    file: str
    to: str
    said: tuple[str, ...]
    command: str


SUITES = "expectations/suites"
MISPLACED = {
    "contract beside the subjects": Misplaced(
        "dbt_like_sql/sources/services/tourism.yml", "dbt_like_sql/sources",
        ("tourism.yml: a contract lies in the folder of its subject, <subject>/tourism.yml", "services"), FOR_DBT,
    ),
    "model beside the subjects": Misplaced(
        f"{MODELS}/marts/services/tourism_monthly.sql", f"{MODELS}/marts",
        ("marts/tourism_monthly.sql: a model lies in the folder of its subject, marts/<subject>/tourism_monthly.sql",
         "services"),
        FOR_DBT,
    ),
    "suite beside the subjects": Misplaced(
        f"{SUITES}/marts/services/tourism_monthly.yml", f"{SUITES}/marts",
        ("marts/tourism_monthly.yml: a suite lies in the folder of its subject, marts/<subject>/tourism_monthly.yml",
         "services"),
        TRY,
    ),
    "suite in the folder of another subject": Misplaced(
        f"{SUITES}/validated/services/tourism.yml", f"{SUITES}/validated/growth",
        ("validated/growth/tourism.yml: tourism is of the subject services",
         "move its suite to validated/services/tourism.yml"),
        LOAD,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class TakenOut:
    """A file that is gone, and the words that each of some commands then says of it."""

    file: str
    said: tuple[str, ...]
    commands: tuple[str, ...]


TAKEN_OUT = {
    "suite of an audit": TakenOut(
        f"{SUITES}/audits/services/tourism_magnitude.yml",
        ("suites/audits/services/tourism_magnitude.yml: ",
         "the suite of audits/services/tourism_magnitude.sql is missing"),
        (TRY, DICTIONARY, LOAD, NIGHT),
    ),
    "suite of a mart": TakenOut(
        f"{SUITES}/marts/services/tourism_monthly.yml",
        ("suites/marts/services/tourism_monthly.yml: the suite of marts/services/tourism_monthly.sql is missing",
         "take it back from git"),
        (TRY, LOAD),
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
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert mistake.right in text
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text.replace(mistake.right, mistake.wrong, 1), encoding="utf-8", errors="surrogateescape")
    try:
        done = copy.run(".venv/bin/python", *mistake.command.split(), PYTHONDONTWRITEBYTECODE="1")
    finally:
        path.write_text(text, encoding="utf-8")
        if not text:
            path.unlink()
    assert_one_sentence(done, mistake.said, mistake.command)


@pytest.mark.parametrize("misplaced", MISPLACED.values(), ids=MISPLACED.keys())
def test_a_file_outside_the_folder_of_its_subject_ends_in_one_sentence(copy: Checkout, misplaced: Misplaced) -> None:
    file, to = copy.folder / misplaced.file, copy.folder / misplaced.to
    moved = {path: to / path.name for path in file.parent.glob(f"{file.stem}.*")}
    for right, wrong in moved.items():
        right.rename(wrong)
    try:
        done = copy.run(".venv/bin/python", *misplaced.command.split(), PYTHONDONTWRITEBYTECODE="1")
    finally:
        for right, wrong in moved.items():
            wrong.rename(right)
    assert_one_sentence(done, misplaced.said, misplaced.command)


@pytest.mark.parametrize(
    ("taken_out", "command"),
    [
        pytest.param(gone, command, id=f"{what}-{n}")
        for what, gone in TAKEN_OUT.items()
        for n, command in enumerate(gone.commands)
    ],
)
def test_a_file_that_is_gone_ends_in_one_sentence(copy: Checkout, taken_out: TakenOut, command: str) -> None:
    file = copy.folder / taken_out.file
    text = file.read_text(encoding="utf-8")
    file.unlink()
    try:
        done = copy.run(".venv/bin/python", *command.split(), PYTHONDONTWRITEBYTECODE="1")
    finally:
        file.write_text(text, encoding="utf-8")
    assert_one_sentence(done, taken_out.said, command)


def assert_one_sentence(done: CompletedProcess[str], said: tuple[str, ...], command: str) -> None:
    """Hold that a command said no more than one sentence with all of some words in it."""
    told = [line for line in (done.stdout + done.stderr).splitlines() if said[0] in line]
    assert told, done.stdout + done.stderr
    assert all(word in told[0] for word in said), told[0]
    if command != LOAD:
        assert done.returncode == 2
        assert (done.stdout, len(done.stderr.splitlines())) == ("", 1), done.stdout + done.stderr
    else:
        assert "DeclarationError" in told[0]
        assert "direct cause" not in done.stdout + done.stderr
