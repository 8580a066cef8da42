"""What makes a result be made anew: the code it follows from is listed, and the day matters only where it is asked."""

from __future__ import annotations

import datetime as dt
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
from sqlglot import exp, parse_one

from assets import code_version
from assets.inputs import sees_by_release
from dbt_like_sql.fields import HERE
from dbt_like_sql.project import Model, compile_sql, load_project
from tests.checkout import copied_checkout

PROJECT = load_project()
PACKAGES = ("pipeline", "assets", "resources", "expectations", "dbt_like_sql")
GRAPH = grimp.build_graph(*PACKAGES, include_external_packages=True)
SQL, READING = code_version.SQL_MODULES, code_version.READING_MODULES
ENTRIES = {
    "a model": (("assets.build",), SQL),
    "a delivery": (("assets.intake", "assets.readers"), READING),
    "a past day": (("assets.history",), (*SQL, *READING, *code_version.HISTORY_MODULES)),
    "a release": (
        ("assets.publishing",),
        (*SQL, *READING, *code_version.HISTORY_MODULES, *code_version.PUBLISHING_MODULES),
    ),
}
LIBRARIES = {
    "a model": (SQL, code_version.SQL_LIBRARIES),
    "a delivery": (READING, code_version.READING_LIBRARIES),
}


def lies_in(module: str, listed: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in listed)


@pytest.mark.parametrize(("entries", "listed"), ENTRIES.values(), ids=ENTRIES.keys())
def test_all_code_that_a_result_follows_from_is_listed(entries: tuple[str, ...], listed: tuple[str, ...]) -> None:
    begun = {module for module in GRAPH.modules if lies_in(module, entries)}
    assert all(any(lies_in(module, (entry,)) for module in begun) for entry in entries), "an entry names no module"
    reached = begun.union(*(GRAPH.find_upstream_modules(module) for module in begun))
    ours = {module for module in reached if lies_in(module, PACKAGES)}
    packages = {module for module in ours if GRAPH.find_children(module)}  # a package that is passed through on the way
    assert {module for module in ours - packages if not lies_in(module, listed)} == set()


@pytest.mark.parametrize(("listed", "libraries"), LIBRARIES.values(), ids=LIBRARIES.keys())
def test_all_libraries_that_a_result_follows_from_are_listed(
    listed: tuple[str, ...], libraries: tuple[str, ...]
) -> None:
    modules = {module for module in GRAPH.modules if lies_in(module, listed)}
    imported = set().union(*(GRAPH.find_modules_directly_imported_by(module) for module in modules))
    foreign = {name for name in imported if not lies_in(name, PACKAGES)} - sys.stdlib_module_names
    distributions = packages_distributions()
    # what only the environment of Spark holds is called here as it is imported
    assert {distributions.get(name, [name])[0].lower().replace("_", "-") for name in foreign} <= set(libraries)


AS_CHANGED = """
import sys
from pathlib import Path
from assets.code_version import declarations_version
versions = [declarations_version()]
for path in map(Path, sys.argv[1:]):
    path.write_bytes(path.read_bytes() + b"\\n")
    declarations_version.cache_clear()
    versions.append(declarations_version())
print(*versions)
"""


def test_a_change_in_any_file_of_columns_or_in_suites_of_any_subject_changes_the_version_of_declarations(
    tmp_path: Path,
) -> None:
    checkout = copied_checkout(tmp_path)
    suites = {path.parent: path for path in checkout.folder.glob("expectations/suites/*/*/*.yml")}
    files = [*checkout.folder.glob("dbt_like_sql/fields/*.yml"), *suites.values()]
    done = checkout.run(".venv/bin/python", "-c", AS_CHANGED, *files)
    assert {path.name for path in files} >= {"services.yml", "shared.yml"}
    assert len(set(done.stdout.split())) == 1 + len(files), done.stderr


def test_the_columns_of_a_file_are_those_of_a_subject_or_shared_by_several() -> None:
    subjects = {*PROJECT.subjects.values(), "shared"}
    assert {path.stem for path in (HERE / "fields").glob("*")} <= subjects


def test_what_shows_or_starts_things_makes_nothing_be_computed_anew() -> None:
    listed = (*SQL, *READING, *code_version.HISTORY_MODULES)
    assert not [module for module in GRAPH.modules if lies_in(module, ("pipeline",)) and lies_in(module, listed)]
    assert not [module for module in GRAPH.modules if lies_in(module, ("assets.dagster",)) and lies_in(module, listed)]


def test_the_working_modules_do_not_import_each_other_in_a_circle() -> None:
    modules = sorted(module for module in GRAPH.modules if lies_in(module, PACKAGES))
    in_a_circle = [
        (module, imported)
        for module in modules
        for imported in GRAPH.find_modules_directly_imported_by(module)
        if lies_in(imported, PACKAGES) and module in GRAPH.find_upstream_modules(imported)
    ]
    assert in_a_circle == []


def reads_deliveries_of_a_day(model: Model) -> bool:
    return model.uses_as_of and any(layer in ("validated", "ledger") for layer, _ in model.sources)


BY_RELEASE = [model for model in PROJECT.models.values() if sees_by_release(PROJECT, model)]


def test_models_that_read_deliveries_depend_on_what_is_visible_and_not_on_the_day() -> None:
    """Withdrawals and waivers count from a day that their rows say, which need not be that of their release."""
    on_the_day = {m.name for m in PROJECT.models.values() if reads_deliveries_of_a_day(m)} - {
        m.name for m in BY_RELEASE
    }
    assert on_the_day == {"int_withdrawal_and_waiver_effects"}


@pytest.mark.parametrize("model", BY_RELEASE, ids=lambda model: model.name)
def test_every_reading_of_deliveries_leaves_out_what_was_released_later(model: Model) -> None:
    """Else the model would depend on more than the rows that are visible on the day."""
    sql = compile_sql(model, lambda layer, table: f"{layer}__{table}", dt.date(2025, 2, 10))
    read = [
        table for table in parse_one(sql, dialect="duckdb").find_all(exp.Table)
        if table.name.startswith(("validated__", "ledger__"))
    ]  # fmt: skip
    assert read
    known = "released_on <= CAST('2025-02-10' AS DATE)"
    for table in read:
        where = table.parent_select.args["where"].this
        terms = where.flatten() if isinstance(where, exp.And) else [where]
        said = {term.unnest().sql(dialect="duckdb").replace(f"{table.alias_or_name}.", "") for term in terms}
        assert said & {known, f"released_on IS NULL OR {known}"}
