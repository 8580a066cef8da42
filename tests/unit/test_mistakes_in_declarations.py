"""An author's mistake in a declaration is refused where the project is read, in a sentence that says where it is.

That commands and the UI end in such a sentence is shown in `tests/contract/test_mistakes_of_authors.py`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import HERE
from dbt_like_sql.project import load_project

TOURISM = "models/marts/services/tourism_monthly.sql"
CONTRACT = "sources/services/tourism.yml"
VISITORS = "sources/national/national_monthly_visitors.yml"
INDUSTRY = "sources/national/national_monthly_industry.yml"
DIRECTIVE = "seeds/directives/25-NQ-CP"
AGENCIES = f"{DIRECTIVE}/directive_item_agencies__25_nq_cp.csv"
ITEMS = f"{DIRECTIVE}/directive_items__25_nq_cp.csv"
ANOTHER_TASK = "\n25-NQ-CP,KV9,2,,task,grdp_growth,94,GRDP,,,,,percent,2025,2025-12-31,,resolution,A,A,A\n25-NQ-CP,"
BOM = "\ufeff"


@dataclass(frozen=True)
class WrongDeclaration:
    """One text of a file replaced by another, and what is then said, word for word from its beginning.

    Where there is no text to replace, the other is put before all, or makes the file.
    """

    file: str
    right: str
    wrong: str
    said: str


MISTAKES = {
    "two statements": WrongDeclaration(
        TOURISM, "\norder by", ";\nselect 1 as one\norder by",
        "marts/services/tourism_monthly.sql: line 67: this is one query, and no semicolon ends it; take it out",
    ),
    "semicolon in a macro": WrongDeclaration(
        "macros/newest_first.sql", "\n{%", ";\n{%",
        "macros/newest_first.sql: line ",
    ),
    "byte order mark in SQL": WrongDeclaration(
        TOURISM, "", BOM,
        "marts/services/tourism_monthly.sql: it begins with a byte order mark; save it as UTF-8 without one",
    ),
    "byte order mark in YAML": WrongDeclaration(
        CONTRACT, "", BOM, "sources/services/tourism.yml: it begins with a byte order mark",
    ),
    "macro that nobody knows": WrongDeclaration(
        "models/staging/services/stg_tourism.sql", "{{ newest_first() }}", "{{ newest_frist() }}",
        "staging/services/stg_tourism.sql: line 7: no macro is called 'newest_frist': did you mean newest_first?",
    ),
    "braces that are not closed": WrongDeclaration(
        "models/staging/services/stg_tourism.sql", "{{ newest_first() }}", "{{ newest_first() }",
        "staging/services/stg_tourism.sql: line 7: {{ newest_first() } is not closed by }} in its line; there are",
    ),
    "rows of a feed in a mart": WrongDeclaration(
        TOURISM, "{{ ref('stg_tourism') }}", "{{ source('validated', 'tourism') }}",
        "marts/services/tourism_monthly.sql: source('validated', 'tourism'): marts reads no rows of feeds (only "
        "staging and audits does): read {{ ref('stg_tourism') }}",
    ),
    "candidates in staging": WrongDeclaration(
        "models/staging/services/stg_tourism.sql", "source('validated', 'tourism')", "source('candidates', 'tourism')",
        "staging/services/stg_tourism.sql: source('candidates', 'tourism'): staging reads ",
    ),
    "audit in a mart": WrongDeclaration(
        TOURISM, "{{ ref('int_periods') }}", "{{ ref('correct__survey_against_tax') }}",
        "marts/services/tourism_monthly.sql: ref('correct__survey_against_tax') is an audit: marts read staging, ",
    ),
    "phrase that nobody wrote": WrongDeclaration(
        TOURISM, "    figures.released_on,", "    message_en('tourism_visit', '{}'),\n    figures.released_on,",
        "marts/services/tourism_monthly.sql: line 61: no phrase has the code 'tourism_visit': did you mean",
    ),
    "values that differ between the languages": WrongDeclaration(
        "phrases/services.yml", "visits in {n_months} months", "visits in {months} months",
        "phrases/services.yml: tourism_visits: en names {months}, and intermediate/services/int_tourism_item_evidence"
        ".sql gives it no such value: did you mean n_months?",
    ),
    "values that differ between the languages of a phrase that nobody says yet": WrongDeclaration(
        "phrases/services.yml", "tourism_visits:\n", "buses:\n  vi: \"{n} xe\"\n  en: \"{m} buses\"\ntourism_visits:\n",
        "phrases/services.yml: buses: vi names {n}, and en {m}: both say the same values; name them alike",
    ),
    "wording that is no message": WrongDeclaration(
        "phrases/services.yml", "visits in {n_months} months", "visits in {n_months months",
        "phrases/services.yml: tourism_visits: en: this is no ICU message; look at braces, each of which is closed",
    ),
    "contract of an ending that nobody reads": WrongDeclaration(
        "sources/services/buses.yaml", "", "feed: buses\n",
        "sources/services/buses.yaml: nobody reads a file that ends so; rename it to buses.yml",
    ),
    "model of an ending that nobody reads": WrongDeclaration(
        "models/marts/services/buses.SQL", "", "select 1\n",
        "models/marts/services/buses.SQL: nobody reads a file that ends so; rename it to buses.sql",
    ),
    "target without a threshold": WrongDeclaration(
        ITEMS, ",>=,8,", ",>=,,",
        f"{ITEMS}: line 2: 25-NQ-CP GRDP: a target has comparator and threshold, and threshold is empty here",
    ),
    "task with a threshold": WrongDeclaration(
        ITEMS, ",target,", ",task,",
        f"{ITEMS}: line 2: 25-NQ-CP GRDP: comparator is '>=', and a task has none: empty it, or make it a target",
    ),
    "item that nobody answers for": WrongDeclaration(
        ITEMS, "\n25-NQ-CP,", ANOTHER_TASK,
        f"{ITEMS}: line 2: 25-NQ-CP KV9: nobody answers for it; give it a line in directive_item_agencies",
    ),
    "item given twice": WrongDeclaration(
        ITEMS, "\n25-NQ-CP,", ANOTHER_TASK.replace("KV9", "GRDP"),
        f"{ITEMS}: line 3: 25-NQ-CP GRDP: given twice, also in {ITEMS}: line 2; one needs another code",
    ),
    "item of a directive that there is not": WrongDeclaration(
        ITEMS, "\n25-NQ-CP,", "\n26-NQ-CP,",
        f"{ITEMS}: line 2: no directive is called '26-NQ-CP': did you mean 25-NQ-CP?",
    ),
    "agency of an item that there is not": WrongDeclaration(
        AGENCIES, "25-NQ-CP,GRDP,", "25-NQ-CP,GRPD,",
        f"{AGENCIES}: line 2: 25-NQ-CP GRPD: the directive has no such item in directive_items: did you mean",
    ),
    "misspelt key of a model": WrongDeclaration(
        "models/staging/services/stg_tourism.yml", "        owner:", "        ownr:",
        "staging/services/stg_tourism.yml: config.meta: unknown key 'ownr': did you mean owner?",
    ),
    "key of a contract given twice": WrongDeclaration(
        CONTRACT, "supplier:", "kind: snapshot\nsupplier:",
        "sources/services/tourism.yml: line 12: the key 'kind' is given twice; take one of them out",
    ),
    "key of a contract that names no field": WrongDeclaration(
        CONTRACT, "key: [", "key: [moth, ",
        "sources/services/tourism.yml: key 'moth' is not a field of it: did you mean month?",
    ),
    "sections within sections without a pattern for each": WrongDeclaration(
        VISITORS, "section: section_label, sections:", "section: [section_label, month], sections:",
        "sources/national/national_monthly_visitors.yml: forms.xlsx: labels: section and sections are lists of",
    ),
    "unit of labels that is no field": WrongDeclaration(
        VISITORS, "labels: {field: row_label,", "labels: {field: row_label, unit: unit,",
        "sources/national/national_monthly_visitors.yml: forms.xlsx: labels: 'unit' is not a field: ",
    ),
    "field of a section that has a column": WrongDeclaration(
        VISITORS, "    numbers: vi", "    by_section: {'^châu': {international_visits: index_yoy}}\n    numbers: vi",
        "sources/national/national_monthly_visitors.yml: forms.xlsx: by_section '^châu': 'index_yoy' has a column",
    ),
    "fields by section without sections": WrongDeclaration(
        INDUSTRY, "    numbers: vi", "    by_section: {'^a': {index_yoy: area_code}}\n    numbers: vi",
        "sources/national/national_monthly_industry.yml: forms.xlsx: by_section needs labels with section and sections",
    ),
    "several tables that begin nowhere": WrongDeclaration(
        VISITORS, "    numbers: vi", "    blocks: {field: section_label}\n    numbers: vi",
        "sources/national/national_monthly_visitors.yml: forms.xlsx: blocks says how tables begin",
    ),
    "one table side by side": WrongDeclaration(
        VISITORS, "    numbers: vi", "    blocks: {begin: '^a', side_by_side: 1}\n    numbers: vi",
        "sources/national/national_monthly_visitors.yml: forms.xlsx: blocks.side_by_side is how many tables",
    ),
    "a key that blocks lack": WrongDeclaration(
        VISITORS, "    numbers: vi", "    blocks: {begin: '^a', sidebyside: 2}\n    numbers: vi",
        "sources/national/national_monthly_visitors.yml: forms.xlsx: blocks.sidebyside: did you mean side_by_side?",
    ),
    "a place in tables side by side": WrongDeclaration(
        VISITORS, "    columns:\n", "    blocks: {begin: '^a', side_by_side: 2}\n    columns:\n      month: 3\n",
        "sources/national/national_monthly_visitors.yml: forms.xlsx: columns.month is a place, and each of the tables",
    ),
    "phrase given a list": WrongDeclaration(
        "phrases/services.yml", "tourism_visits:", "tourism_visits: [",
        "phrases/services.yml: line ",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("declarations") / "sql"
    return shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))


@contextmanager
def mistaken(file: Path, right: str, wrong: str) -> Iterator[None]:
    """Make a mistake in a file, and take it back."""
    before = file.read_text(encoding="utf-8") if file.exists() else None
    assert right in (before or "")
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text((before or "").replace(right, wrong, 1), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink() if before is None else file.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_in_a_sentence_that_says_where_it_is(root: Path, mistake: WrongDeclaration) -> None:
    with mistaken(root / mistake.file, mistake.right, mistake.wrong), pytest.raises(DeclarationError) as refused:
        load_project(root)
    assert str(refused.value).startswith(mistake.said), refused.value


def test_two_contracts_of_one_feed_are_refused_by_both_names(root: Path) -> None:
    again = root / "sources" / "growth" / "tourism.yml"
    with mistaken(again, "", (root / CONTRACT).read_text(encoding="utf-8")), pytest.raises(DeclarationError) as refused:
        load_project(root)
    assert str(refused.value) == (
        "sources/growth/tourism.yml and sources/services/tourism.yml are contracts of one feed; take one out, or name "
        "it after another feed"
    )
