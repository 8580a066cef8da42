"""A supplier's known error is corrected as declared, visibly, until a file comes that is mended."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from assets.graph import tables_of_feed
from assets.run import run, stores_of
from dbt_like_sql.contracts import feed_names
from dbt_like_sql.corrections import Correction, load_corrections
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.project import load_project
from pipeline.settings import PROJECT_ROOT
from tests.house import AS_OF, House, csv_text
from tests.office_made_files import workbook

HEADER = ("month", "visitors")
NAMES = ("month", "visitors", "revenue_bn")
ERROR = {
    "where": {"month": "2024-03"},
    "field": "visitors",
    "found": 2000,
    "corrected": 200_000,
    "reason": "Typed in thousands in this month alone.",
    "reported_on": dt.date(2024, 8, 1),
}


def night(house: House, **changes: Any) -> None:
    """Decide on deliveries of tourism with one correction declared."""
    project = load_project()
    contract = dataclasses.replace(project.contracts["tourism"], corrections=(Correction(**{**ERROR, **changes}),))
    digests = {**project.contract_digests, "tourism": repr(changes)}
    project = dataclasses.replace(
        project, contracts={**project.contracts, "tourism": contract}, contract_digests=digests
    )
    with stores_of(house.home, project, house.inbox) as stores:
        results = list(run(project, stores, AS_OF, set(tables_of_feed(project, "tourism"))))
    assert all(result.is_good for result in results), results


def visitors(house: House) -> list[int]:
    return [row["visitors"] for row in house.table("validated", "tourism")]


def found(house: House, rule: str) -> list[dict[str, Any]]:
    return [row for row in house.table("rejects", "tourism") if row["rule"] == rule]


def test_a_known_error_is_corrected_named_and_counted(house: House) -> None:
    name = "tourism__2024-Q1__2024-04-10.csv"
    house.deliver(name, csv_text(HEADER, ("2024-02", 210_000), ("2024-03", 2000)))
    night(house)
    assert visitors(house) == [210_000, 200_000]
    (finding,) = found(house, "value_is_corrected")
    assert (finding["severity"], finding["source_row"], finding["value_text"]) == ("info", 3, "2000")
    assert finding["sentence"].endswith(
        "row 3: visitors '2000' is read as '200000' (told its supplier on 2024-08-01: "
        "Typed in thousands in this month alone)."
    )
    assert (house.ledger(name)["status"], house.ledger(name)["cells_corrected"]) == ("accepted", 1)


def test_a_workbook_of_vietnamese_numbers_is_corrected_by_the_same_declaration(house: House) -> None:
    rows = [("Tháng", "Tổng lượt khách (lượt)"), ("2024-02", "210.000"), ("2024-03", "2.000")]
    house.deliver("tourism__2024-Q1__2024-04-10.xlsx", workbook(rows, "Du lịch"))
    night(house)
    assert visitors(house) == [210_000, 200_000]


def test_a_mended_file_is_read_as_it_stands_and_the_correction_asks_for_its_end(house: House) -> None:
    house.deliver("tourism__2024-Q1__2024-04-10.csv", csv_text(HEADER, ("2024-02", 210_000), ("2024-03", 2000)))
    mended = "tourism__2024-Q1__2024-08-10.csv"
    house.deliver(mended, csv_text(HEADER, ("2024-02", 210_000), ("2024-03", 201_000)))
    night(house)
    assert sorted(visitors(house)) == [200_000, 201_000, 210_000, 210_000]
    (warning,) = found(house, "correction_is_still_needed")
    assert (warning["source_file"], warning["severity"]) == (mended, "warning")
    assert "is '201000', no longer '2000', and is read so" in warning["sentence"]
    assert house.ledger(mended)["cells_corrected"] == 0
    night(house, released_until=dt.date(2024, 8, 9))
    assert found(house, "correction_is_still_needed") == []
    assert len(found(house, "value_is_corrected")) == 1


def declared(folder: Path, **changes: Any) -> Path:
    values = {name: value for name, value in {**ERROR, **changes}.items() if value != "left out"}
    path = folder / "tourism.corrections.yml"
    path.write_text(yaml.safe_dump({"corrections": [values]}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"field": "visiters"}, "'visiters' is not a field of the feed: did you mean visitors?"),
        ({"where": {"moth": "2024-03"}}, "'moth' is not a field of the feed: did you mean month?"),
        ({"corrected": 0.1}, "write 0.1 between quotes"),
        ({"where": {}}, "`where` names a row"),
        ({"reason": "wrong"}, "`reason` says it in words"),
        ({"reported_on": "left out"}, "missing reported_on"),
        ({"foud": 1}, "unknown key 'foud'"),
    ],
)
def test_a_correction_that_cannot_be_followed_is_said(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(words)):
        load_corrections(declared(tmp_path, **changes), NAMES)


def test_the_correction_of_the_guide_is_one(tmp_path: Path) -> None:
    guide = (PROJECT_ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Correct a supplier's known error")[1]
    path = tmp_path / "tourism.corrections.yml"
    path.write_text(guide.split("```yaml\n")[1].split("```")[0], "utf-8")
    (correction,) = load_corrections(path, NAMES)
    assert (correction.where, correction.corrected) == ({"month": "2024-03"}, 200_000)


def test_corrections_are_no_feed_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "tourism.yml").touch()
    declared(tmp_path / "services")
    assert feed_names(tmp_path) == {"tourism"}
