from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.delivery_names import parse_delivery_name
from dbt_like_sql.fields import HERE
from dbt_like_sql.project import Project, compile_sql, load_project
from expectations.suites import Suite, load_suite, suite_files
from pipeline.cli.skeletons import write_skeleton
from pipeline.data_dictionary import describe_models
from pipeline.scaffold.feed import STAGED, new_feed
from pipeline.scaffold.indicator import new_indicator
from pipeline.scaffold.mart import new_mart
from pipeline.scaffold.skeleton import ScaffoldError, own_words
from tests.unit.sql_on_rows import compute


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the real field dictionary and macros and nothing else."""
    root = tmp_path / "dbt_like_sql"
    shutil.copytree(HERE / "macros", root / "macros")
    shutil.copytree(HERE / "fields", root / "fields")
    return tmp_path


def loaded(checkout: Path) -> Project:
    return load_project(checkout / "dbt_like_sql")


def suite_of(checkout: Path, layer: str, table: str) -> Suite | None:
    """The suite that was written for a table."""
    files = suite_files(loaded(checkout).subjects, checkout / "expectations" / "suites")
    return load_suite(layer, table, path=files[layer, table])


def test_a_new_feed_loads_compiles_and_brings_a_well_named_sample(checkout):
    written = new_feed("retail_services", loaded(checkout), checkout)
    project = loaded(checkout)
    assert project.contracts["retail_services"].key == ("area_code", "period")
    columns = describe_models(project)["stg_retail_services"]
    assert list(columns) == [*STAGED, "area_code", "period"]
    assert {name: project.fields[name].type for name in columns} == columns
    assert suite_of(checkout, "validated", "retail_services") is not None
    samples = [path for path in written if path.suffix == ".csv"]
    names = [parse_delivery_name(sample.name, "retail_services") for sample in samples]
    assert [(name.is_simulated, name.period.code) for name in names] == [(True, "2023"), (True, "2024")]
    assert samples[1].read_text(encoding="utf-8") == "area_code,period\n94,2024\n"


def test_a_new_feed_with_amounts_brings_the_rule_that_catches_a_wrong_unit(checkout):
    new_feed("retail_services", loaded(checkout), checkout, fields=("area_code", "period", "value_current_bn"))
    row = {"source_row": 2, "area_code": "94", "is_simulated": True}
    told = [
        row | {"delivery_id": day, "released_on": dt.date.fromisoformat(day), "period": day[:4], "value_current_bn": bn}
        for day, bn in (("2023-12-31", 10), ("2024-12-31", 12000))
    ]
    rows = compute(
        "retail_services_magnitude", "2025-02-10", candidates={"retail_services": told}, project=loaded(checkout)
    )
    assert [(r["delivery_id"], r["figure_name"], int(r["magnitude_ratio"])) for r in rows] == [
        ("2024-12-31", "value_current_bn", 1200)
    ]
    suite = suite_of(checkout, "audits", "retail_services_magnitude")
    assert suite is not None
    assert [e.severity for e in suite.expectations] == ["critical"]


def test_amounts_without_a_period_need_lines_that_a_key_tells_apart(checkout):
    with pytest.raises(ScaffoldError, match="Name a key of the lines"):
        new_feed("retail_services", loaded(checkout), checkout, fields=("area_code", "value_current_bn"))
    new_feed("retail_services", loaded(checkout), checkout, fields=("project_id", "value_current_bn"))
    sql = (checkout / "dbt_like_sql/models/audits/retail_services/retail_services_magnitude.sql").read_text(
        encoding="utf-8"
    )
    assert "{{ median_against_first_delivery() }}" in sql


def test_a_new_mart_on_a_new_feed_loads_compiles_and_is_published_with_its_amounts(checkout):
    new_feed("retail_services", loaded(checkout), checkout, fields=("area_code", "month", "value_bn"))
    new_mart("retail_by_area", loaded(checkout), checkout, reads="stg_retail_services")
    project = loaded(checkout)
    model = project.models["retail_by_area"]
    assert model.publish
    assert model.grain == ("area_code", "month")
    assert describe_models(project)["retail_by_area"] == {
        "area_code": "varchar", "month": "varchar", "value_bn": "decimal(18,4)", "is_simulated": "boolean",
    }  # fmt: skip
    sql = compile_sql(model, lambda _layer, table: table, dt.date(2025, 2, 10))
    assert "from stg_retail_services" in sql
    suite = suite_of(checkout, "marts", "retail_by_area")
    assert suite is not None
    assert suite.row_id == ("area_code", "month")


def test_a_new_mart_adds_up_no_months_and_years(checkout):
    new_feed("visits", loaded(checkout), checkout, fields=("month", "calendar_year", "month_of_year", "visitors"))
    new_mart("visits_by_month", loaded(checkout), checkout, reads="stg_visits")
    assert set(describe_models(loaded(checkout))["visits_by_month"]) >= {"month", "visitors"}
    sql = loaded(checkout).models["visits_by_month"].source_text
    assert [line.strip() for line in sql.splitlines() if "sum(" in line] == [
        "cast(sum(visitors) as bigint) as visitors,"
    ]


def test_a_row_of_a_new_mart_is_simulated_as_soon_as_one_row_behind_it_is(checkout):
    new_feed("retail_services", loaded(checkout), checkout, fields=("area_code", "period", "row_label"))
    staging = checkout / "dbt_like_sql/models/staging/retail_services"
    # a model of a finer grain than the mart, as one is left with after writing on
    text = (staging / "stg_retail_services.yml").read_text(encoding="utf-8")
    (staging / "stg_retail_services.yml").write_text(text.replace(", row_label]", "]"), encoding="utf-8")
    new_mart("retail_by_area", loaded(checkout), checkout, reads="stg_retail_services")
    row = {"delivery_id": "d", "source_file": "retail_services__2024__2025-01-15.csv", "source_row": 2}
    row |= {"released_on": dt.date(2025, 1, 15), "area_code": "94", "period": "2024"}
    validated = [{**row, "row_label": "a", "is_simulated": True}, {**row, "row_label": "b"}]
    validated += [{**row, "row_label": "a", "period": "2023"}]
    rows = compute("retail_by_area", "2025-02-10", validated={"retail_services": validated}, project=loaded(checkout))
    assert [(r["period"], r["is_simulated"]) for r in rows] == [("2023", False), ("2024", True)]


def test_a_mart_of_registers_alone_says_nothing_of_simulation(checkout):
    new_mart("sectors_again", load_project(), checkout, reads="dim_sector")
    sql = (checkout / "dbt_like_sql/models/marts/growth/sectors_again.sql").read_text(encoding="utf-8")
    assert "is_simulated" not in sql


def test_the_lines_that_hold_the_words_of_a_skeleton_are_known_until_they_are_replaced(checkout):
    new_feed("retail_services", loaded(checkout), checkout)
    contract = checkout / "dbt_like_sql" / "sources" / "retail_services" / "retail_services.yml"
    lines = contract.read_text(encoding="utf-8").splitlines()
    assert [lines[line - 1].partition(":")[0] for line in own_words(contract)] == [
        "title_vi", "description_en", "description_vi",
    ]  # fmt: skip
    contract.write_text("title_vi: Bán lẻ\ndescription_en: Shops say what they sold.\n", encoding="utf-8")
    assert own_words(contract) == []


def test_nothing_is_overwritten(checkout):
    project = loaded(checkout)
    contract = checkout / "dbt_like_sql" / "sources" / "retail_services" / "retail_services.yml"
    contract.parent.mkdir(parents=True)
    contract.write_text("mine", encoding="utf-8")
    with pytest.raises(ScaffoldError, match=r"sources/retail_services/retail_services\.yml"):
        new_feed("retail_services", project, checkout)
    assert contract.read_text(encoding="utf-8") == "mine"
    assert not (checkout / "samples").exists()


@pytest.mark.parametrize("name", ["Retail", "retail services", "../retail", "retail__services", ""])
def test_a_name_that_could_not_be_a_stem_is_refused(checkout, name):
    with pytest.raises(ScaffoldError, match="lower-case words"):
        new_feed(name, loaded(checkout), checkout)


def test_a_taken_name_is_refused(checkout):
    new_feed("retail_services", loaded(checkout), checkout)
    with pytest.raises(ScaffoldError, match="taken"):
        new_mart("retail_services", loaded(checkout), checkout, reads="stg_retail_services")


def test_an_unknown_field_is_sent_to_the_dictionary_first(checkout):
    with pytest.raises(ScaffoldError, match=r"fields/services\.yml"):
        new_feed("retail_services", loaded(checkout), checkout, ("area_code", "no_such_column"), subject="services")


def test_a_mart_that_reads_nothing_known_is_told_what_there_is(checkout):
    new_feed("retail_services", loaded(checkout), checkout)
    with pytest.raises(ScaffoldError, match="stg_retail_services"):
        new_mart("retail_by_area", loaded(checkout), checkout, reads="stg_retail")


INDICATOR = {
    "reads": "stg_tourism", "value": "visitors", "directive": "2724-UBND-TH", "item": "KV3-MORE", "lead": "SVHTTDL",
    "period": "2024",
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"reads": "stg_tourisms"}, "no staging model of a feed 'stg_tourisms'.*stg_tourism"),
        ({"value": "visitor"}, "no number in stg_tourism 'visitor'.*visitors"),
        (
            {"directive": "2725"},
            "no directive '2725'.*2724-UBND-TH.*A new one begins with one file, directives__<part>.csv",
        ),
        ({"item": "KV3-TOUR"}, "has an item 'KV3-TOUR' already"),
        ({"lead": "NOBODY"}, "no agency 'NOBODY'.*SVHTTDL"),
        ({"period": "next year"}, "--period: 'next year' is not a period"),
    ],
)
def test_an_indicator_of_something_unknown_is_refused_in_a_sentence(tmp_path, wrong, sentence):
    with pytest.raises(ScaffoldError, match=sentence):
        new_indicator("visits_again", load_project(), tmp_path, **(INDICATOR | wrong))
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_load_is_taken_back_so_that_the_run_can_be_repeated(checkout, monkeypatch, capsys):
    monkeypatch.setattr("pipeline.cli.skeletons.PROJECT_ROOT", checkout)

    def broken(project: Project) -> list[Path]:
        written = new_feed("retail_services", project, checkout)
        written[0].write_text(written[0].read_text(encoding="utf-8") + "  ods: {reader: odd}\n", encoding="utf-8")
        return written

    with pytest.raises(DeclarationError, match="odd"):
        write_skeleton(broken)
    assert "taken back" in capsys.readouterr().err
    assert [path for path in checkout.rglob("*retail_services*") if path.is_file()] == []
    new_feed("retail_services", loaded(checkout), checkout)
