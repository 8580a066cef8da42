from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import dbt_like_sql
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.project import Project, load_project
from pipeline.data_dictionary import describe_models, stale_files, write_dictionary
from pipeline.dbt_files import write_dbt_files
from pipeline.scaffold.feed import new_feed
from pipeline.scaffold.mart import new_mart


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One feed and one mart on the real field dictionary and macros."""
    root = tmp_path / "dbt_like_sql"
    for folder in ("fields", "macros"):
        shutil.copytree(Path(dbt_like_sql.__file__).parent / folder, root / folder)
    new_feed("retail_services", load_project(root), tmp_path)
    new_mart("retail_by_area", load_project(root), tmp_path, reads="stg_retail_services")
    return load_project(root)


def test_what_was_written_is_fresh_and_what_was_touched_is_stale(project, tmp_path):
    columns = describe_models(project)
    written = write_dictionary(project, columns, tmp_path)
    assert sorted(written) == ["dbt_like_sql/lineage.json", "docs/dictionary.md"]
    assert stale_files(project, columns, tmp_path) == []
    (tmp_path / "docs" / "dictionary.md").write_text("by hand", encoding="utf-8")
    assert stale_files(project, columns, tmp_path) == ["docs/dictionary.md"]
    assert write_dictionary(project, columns, tmp_path) == ["docs/dictionary.md"]


def test_the_dictionary_says_each_column_in_both_languages(project, tmp_path):
    write_dictionary(project, describe_models(project), tmp_path)
    text = (tmp_path / "docs" / "dictionary.md").read_text(encoding="utf-8")
    field = project.fields["period"]
    assert "### retail_by_area" in text
    assert field.label_en in text
    assert field.label_vi in text


def test_the_sources_for_dbt_name_every_feed_and_what_an_earlier_writing_left_is_gone(project, tmp_path):
    left = tmp_path / "dbt_like_sql" / "for_dbt" / "models" / "once.sql"
    left.parent.mkdir(parents=True)
    left.touch()
    write_dbt_files(project, tmp_path)
    sources = read_yaml(left.parent / "sources.yml")["sources"]
    tables = {source["name"]: [table["name"] for table in source["tables"]] for source in sources}
    assert tables["validated"] == ["retail_services"]
    assert "deliveries" in tables["ledger"]
    assert not left.exists()
