"""What nights are measured against is whole: the dbt project of the peer, and the bare script."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

from benchmarks.measuring import OURS, measure
from benchmarks.night_models import bare_script, models_of_the_step, write_dbt_project
from dbt_like_sql.project import load_project
from tests.house import House

_REF = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")
_SOURCE = re.compile(r"""\bsource\(\s*['"](\w+)['"]\s*,\s*['"](\w+)['"]\s*\)""")


def test_whatever_the_peers_models_and_tests_name_is_in_its_project(opened_house: House, tmp_path: Path) -> None:
    folder = tmp_path / "peer"
    write_dbt_project(opened_house.home.root, folder)
    models = [path for path in (folder / "models").rglob("*.*") if path.suffix in (".sql", ".py")]
    texts = {path: path.read_text(encoding="utf-8") for path in (*models, *(folder / "tests").glob("*.sql"))}
    declared = yaml.safe_load((folder / "models" / "sources.yml").read_text(encoding="utf-8"))["sources"]
    sources = {
        (layer["name"], table["name"]): Path(table["config"]["meta"]["external_location"])
        for layer in declared
        for table in layer["tables"]
    }
    named = {(path.name, ref) for path, text in texts.items() for ref in _REF.findall(text)}
    read = {(path.name, source) for path, text in texts.items() for source in _SOURCE.findall(text)}

    assert any(path.suffix == ".py" for path in models)
    assert len(named) > len(models) / 2
    assert {(file, ref) for file, ref in named if ref not in {path.stem for path in models}} == set()
    assert {(file, source) for file, source in read if source not in sources} == set()
    assert [path for path in sources.values() if not path.is_file()] == []


def test_the_bare_script_makes_every_model_from_wherever_it_lies(opened_house: House, tmp_path: Path) -> None:
    script = tmp_path / "bare.py"
    script.write_text(bare_script(opened_house.home.root, tmp_path, with_python=True), encoding="utf-8")
    measure([sys.executable, str(script)], OURS)
    made = {path.stem for path in tmp_path.glob("*.parquet")}
    assert made == {model.name for model in models_of_the_step(load_project())}
