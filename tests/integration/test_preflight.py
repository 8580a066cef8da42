"""A file tried before it is sent meets what it will meet at night: what landed before it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from dbt_like_sql.project import Model, compile_sql, load_project
from pipeline.cli.commands import cli
from pipeline.settings import PROJECT_ROOT
from resources.phrase_functions import give_phrases
from resources.warehouse import Warehouse
from tests.house import House, csv_text

PROJECT = load_project()
RULES = [rule for feed in PROJECT.contracts for rule in PROJECT.delivery_rules(feed)]
GRDP = ("area_code", "sector_code", "period", "Giá so sánh 2010", "value_current_bn", "estimate_stage")
LEVELS = {"GRDP": 1000, "I": 400, "II": 200, "IND": 150, "CON": 50, "III": 340, "TAX": 60}
VOUCHERS = (
    "voucher_no", "line_no", "posted_on", "budget_year", "project_code", "source", "plan_component",
    "transaction_type", "amount_vnd",
)  # fmt: skip


def grdp(year: int, unit: int = 1) -> str:
    rows = [("94", code, str(year), level * unit, level * unit, "official") for code, level in LEVELS.items()]
    return csv_text(GRDP, *rows)


def voucher(day: str, kind: str) -> str:
    line = (f"V{day}", 1, day, 2024, "7000001", "local", "pm_assigned", kind, 5_000_000_000)
    return csv_text(VOUCHERS, line)


def tried(house: House, file: Path) -> Result:
    return CliRunner().invoke(cli, ["check", str(file)], env={"GROWTH_HOME": str(house.home.root), "COLUMNS": "200"})


def test_a_unit_wrong_by_a_thousand_is_found_beside_what_landed_as_at_night(house: House, tmp_path: Path) -> None:
    house.deliver("grdp__2022__2023-01-10.csv", grdp(2022))
    house.deliver("grdp__2023__2024-01-10.csv", grdp(2023))
    house.intake_night()
    before = house.digests("ledger", "validated", "candidates")
    file = tmp_path / "grdp__2024__2025-01-10.csv"
    file.write_text(grdp(2024, unit=1000), encoding="utf-8")
    result = tried(house, file)
    assert result.exit_code == 1
    assert "[rule " in result.output
    assert f"Judged beside the deliveries of grdp that have landed in {house.home.root}: 2." in result.output
    assert "to compare with" not in result.output
    assert house.digests("ledger", "validated", "candidates") == before
    house.deliver(file.name, file.read_bytes())
    house.intake_night()
    assert f"{file.name}: rejected (0 of 7 rows). {house.ledger(file.name)['reason']}" in result.output


def test_that_earlier_deliveries_are_of_another_kind_is_said(house: House, tmp_path: Path) -> None:
    house.deliver("grdp__2022__2023-01-10__simulated.csv", grdp(2022))
    house.intake_night()
    file = tmp_path / "grdp__2023__2024-01-10.csv"
    file.write_text(grdp(2023), encoding="utf-8")
    assert "Of these 1 are simulated and this file is not" in tried(house, file).output


def test_without_a_home_it_is_said_which_rules_had_nothing_to_compare_with(house: House, tmp_path: Path) -> None:
    file = tmp_path / "grdp__2024__2025-01-10.csv"
    file.write_text(grdp(2024, unit=1000), encoding="utf-8")
    result = tried(house, file)
    assert result.exit_code == 0
    assert "set GROWTH_HOME" in result.output
    compared = "Judged without earlier deliveries to compare with: grdp_cumulative_never_falls, grdp_magnitude."
    assert compared in result.output
    assert not house.home.root.exists()


def test_a_recovery_is_judged_beside_its_advance_or_not_at_all(house: House, tmp_path: Path) -> None:
    file = tmp_path / "treasury_disbursement__2024-04__2024-05-05.csv"
    file.write_text(voucher("2024-04-02", "advance_recovery"), encoding="utf-8")
    alone = tried(house, file)
    assert "Not judged, for want of earlier deliveries: treasury_recoveries_within_advances." in alone.output
    assert "warning: " not in alone.output
    house.deliver("treasury_disbursement__2024-03__2024-04-05.csv", voucher("2024-03-05", "advance"))
    house.intake_night()
    beside = tried(house, file)
    assert "warning: " not in beside.output
    assert "ot judged" not in beside.output
    later = tmp_path / "treasury_disbursement__2024-05__2024-06-05.csv"
    later.write_text(voucher("2024-05-02", "advance_recovery").replace("5000000000", "5000000001"), encoding="utf-8")
    assert "[rule recovery_never_exceeds_open_advance]" in tried(house, later).output


def test_a_file_that_has_landed_already_is_judged_as_it_was(house: House) -> None:
    house.deliver("grdp__2022__2023-01-10.csv", grdp(2022))
    path = house.deliver("grdp__2023__2024-01-10.csv", grdp(2023))
    house.intake_night()
    result = tried(house, path)
    assert result.exit_code == 0
    assert "have landed in" in result.output
    assert ": 1." in result.output


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_that_speaks_otherwise_of_a_delivery_beside_others_declares_it(rule: Model, province: House) -> None:
    feed = rule.judged_feed
    assert feed is not None
    candidates_file = province.home.root / "candidates" / f"{feed}.parquet"
    engine = duckdb.connect()
    give_phrases(engine, PROJECT.phrases)
    warehouse = Warehouse(province.home.root, PROJECT)

    def said(where: str) -> set[tuple[object, ...]]:
        def relation(layer: str, table: str) -> str:
            candidates = f"(select * from '{candidates_file}' where {where})"
            return candidates if layer == "candidates" else warehouse.relation(layer, table)

        sql = compile_sql(rule, relation, "date '2025-02-10'")
        return set(engine.sql(f"select * from ({sql})").fetchall())

    deliveries = [row[0] for row in engine.sql(f"select distinct delivery_id from '{candidates_file}'").fetchall()]
    alone = [said(f"delivery_id = '{delivery}'") for delivery in deliveries]
    if set().union(*alone) != said("true"):
        assert rule.earlier_deliveries


@pytest.mark.parametrize("name", ["tourism__2024-6M__2024-07-10.xlsx", "tourism__2024-6M__2024-07-10.pdf"])
def test_a_file_refused_at_the_door_waits_for_nothing_heavy(house: House, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    heavy = {"dagster", "duckdb", "great_expectations", "jinja2", "numpy", "pandas", "pyarrow", "sqlglot", "xlsxwriter"}
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['pipeline', 'check', {str(tmp_path / name)!r}]\n"
        "try:\n    runpy.run_module('pipeline', run_name='__main__')\n"
        f"finally:\n    print('heavy:', sorted({heavy!r} & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT,
        env={**os.environ, "GROWTH_HOME": str(house.home.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "rejected" in done.stdout
    assert "heavy: []" in done.stdout
