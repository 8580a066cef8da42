"""What leads to a householder, a taxpayer, a plot or an officer reaches the offices that need it, and nobody else."""

from __future__ import annotations

import dataclasses
import html
import re
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from assets.rules import refuse_strange_columns
from dbt_like_sql.access import public_columns
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import load_fields
from dbt_like_sql.project import load_project
from pipeline.notifications import notify_of_night
from pipeline.office_lists import folder_of, lists_of
from tests.house import AS_OF, House, csv_text, table

PROJECT = load_project()
WORK_LIST = PROJECT.models["int_construction_work_list"]
OFFICER, APPLICATION = "Nguyễn Văn Ẩn", "HS94-2024-000001"
PERMITS = "building_permits__2024-Q3__2024-10-01.csv"


def test_nothing_internal_stands_in_any_file_of_a_release(province: House) -> None:
    private = _delivered_in_confidence(province.home.root / "validated")
    assert len(private) > 300
    release = (province.home.marts / "current").resolve()
    found = {}
    for path in sorted(release.iterdir()):
        words = _words_of(path)
        assert words, path.name
        found[path.name] = sorted(words & private)[:3]
    assert {name: some for name, some in found.items() if some} == {}


def _words_of(path: Path) -> set[str]:
    """All cells and words that a file says, whatever its form."""
    if path.suffix == ".parquet":
        schema = pq.read_schema(path)
        assert {schema.field(name).metadata[b"access"] for name in schema.names} == {b"public"}, path.name
        cells = [cell for row in table(path) for cell in row.values() if isinstance(cell, str)]
        return {word for cell in (*cells, *schema.names) for word in (cell, *cell.split())}
    if path.suffix in (".xlsx", ".docx"):
        with zipfile.ZipFile(path) as book:
            text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    elif path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as database:
            names = [name for (name,) in database.sql("select table_name from information_schema.tables").fetchall()]
            assert len(names) > 20
            rows = [row for name in names for row in database.sql(f'select * from "{name}"').fetchall()]
        text = " ".join(cell for row in rows for cell in row if isinstance(cell, str))
    else:
        text = path.read_text(encoding="utf-8-sig")
    return set(re.split(r"[\s\"'<>,;|()]+", html.unescape(text)))


def test_an_office_gets_its_own_work_list_whole_and_no_other_user_of_the_machine_reads_it(province_copy: House) -> None:
    notify_of_night(province_copy.home, AS_OF)
    rows = province_copy.table("intermediate", WORK_LIST.name)
    agencies = {row["agency_code"] for row in rows}
    assert len(agencies) > 1
    assert {path.name for path in folder_of(province_copy.home, "").glob("*/")} == agencies
    label = PROJECT.fields["listed_id"].label_vi
    for agency in agencies:
        (path,) = lists_of(province_copy.home, agency)
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o640, 0o750)
        head, *cells = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
        own = [row for row in rows if row["agency_code"] == agency]
        assert [line[head.index(label)] for line in cells] == [row["listed_id"] for row in own]
        assert len(head) == len(own[0])


def _delivered_in_confidence(validated: Path) -> set[str]:
    """Return all that was delivered in internal columns, where it is long enough to be told from other numbers."""
    found: set[str] = set()
    for feed, contract in PROJECT.contracts.items():
        internal = set(contract.columns) - set(public_columns(PROJECT.fields, contract.columns))
        for row in table(validated / f"{feed}.parquet"):
            found |= {str(row[column]) for column in internal if row[column] is not None}
    return {value for value in found if len(value) >= 6}


def test_no_officer_and_no_number_of_an_application_stands_in_the_reasons_that_all_may_read(house: House) -> None:
    house.deliver(
        PERMITS,
        csv_text(
            ("application_no", "owner_type", "funding_source", "district_code", "received_on"),
            *((APPLICATION, "household", "household", district, "2024-07-01") for district in ("941", "942")),
        ),
    )
    withdrawn = house.deliver_published_figures().name
    house.deliver(
        "delivery_withdrawals__2025__2025-02-01.csv",
        csv_text(
            ("delivery_file", "withdrawn_on", "officer", "reason"), (withdrawn, "2025-02-01", OFFICER, "a wrong year")
        ),
    )
    outcome = house.intake_night()
    refused, taken_back = house.ledger(PERMITS), house.ledger(withdrawn)
    assert refused["status"] == "rejected"
    assert "application_no breaks a rule" in refused["reason"]
    assert taken_back["reason"] == "withdrawn on 2025-02-01: a wrong year"
    for words in (refused["reason"], taken_back["reason"], str(outcome)):
        assert OFFICER not in words
        assert APPLICATION not in words
    (own_file,) = (house.home.root / "rejects" / "building_permits").glob("*.csv")
    assert APPLICATION in own_file.read_text(encoding="utf-8-sig"), "its supplier is told"


def test_a_mart_that_would_publish_an_internal_column_is_refused() -> None:
    columns = (*WORK_LIST.grain, "owner_tax_code", "agency_code")
    refuse_strange_columns(PROJECT, WORK_LIST, columns)
    published = dataclasses.replace(WORK_LIST, publish=True)
    with pytest.raises(DeclarationError, match=r"owner_tax_code is internal and would be published: leave it out"):
        refuse_strange_columns(PROJECT, published, columns)
    with pytest.raises(DeclarationError, match=r"audience: the model has no column 'agency'"):
        refuse_strange_columns(PROJECT, dataclasses.replace(WORK_LIST, audience="agency"), columns)


@pytest.mark.parametrize(
    ("access", "said"), [("", "missing access"), ("  access: some\n", "access is public or internal, not 'some'")]
)
def test_a_column_that_does_not_say_who_may_read_it_is_refused(tmp_path: Path, access: str, said: str) -> None:
    rest = "  label_en: A\n  label_vi: A\n  description_en: A.\n  description_vi: A.\n"
    (tmp_path / "one.yml").write_text(f"tax_code:\n  type: varchar\n  unit: code\n{access}{rest}", encoding="utf-8")
    with pytest.raises(DeclarationError, match=said):
        load_fields(tmp_path)


def test_who_may_read_a_column_stands_in_the_file(province: House) -> None:
    schema = pq.read_schema(province.home.root / WORK_LIST.layer / f"{WORK_LIST.name}.parquet")
    said = {name: schema.field(name).metadata[b"access"].decode() for name in schema.names}
    assert (said["owner_tax_code"], said["district_code"]) == ("internal", "public")
    assert load_fields()["name"].is_public, "heads stand in their public post"
