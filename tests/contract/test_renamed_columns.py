"""A renamed column of a mart is found by its old name, in dictionaries and changelog, until the next major step.

`tests/golden/schema_before.json` holds the columns as the last version before the major step had them.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.product.marts import Marts
from assets.product.package import dictionary_csv
from assets.publishing import SCHEMA_VERSION
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import load_fields
from dbt_like_sql.project import load_project
from pipeline.settings import PROJECT_ROOT
from tests.golden.schema import FILE_BEFORE, promised

MAJOR = int(SCHEMA_VERSION.split(".")[0])
_, BEFORE = promised(FILE_BEFORE)
_, NOW = promised()
GONE = {(mart, column) for mart in BEFORE for column in BEFORE[mart] if column not in NOW.get(mart, {})}
NAME = re.compile(r"`([\w…]+)`")
RENAMED = re.compile(r"((?:`\w+`(?:, )?)+) → `([\w…]+)` \(((?:`\w+`(?:, )?)+)\)")
"""Old names, the new name and the marts, as the changelog lists them: "`a`, `b` → `…_en` (`mart`)"."""
FIELD = """
visitors:
  type: bigint
  unit: count
  access: public
  label_en: Visitors
  label_vi: Lượt khách
  description_en: Visitors of the month.
  description_vi: Số lượt khách trong tháng.
"""


@pytest.fixture(scope="module")
def said_in_csv(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """The lines of `dictionary.csv` of a release whose marts have no rows."""
    folder = tmp_path_factory.mktemp("release")
    for mart, columns in NOW.items():
        pq.write_table(pa.table({column: pa.array([], pa.string()) for column in columns}), folder / f"{mart}.parquet")
    return list(csv.DictReader(io.StringIO(dictionary_csv(Marts(folder, load_project())))))


def test_each_column_that_the_last_version_had_is_found_by_its_old_name_in_the_releases_dictionary(said_in_csv) -> None:
    renamed = {(line["mart"], line["renamed_from"]): line for line in said_in_csv if line["renamed_from"]}
    assert renamed.keys() >= GONE
    for (mart, old), line in renamed.items():
        assert old in BEFORE[mart], "a name that no reader of the last version knew"
        assert line["column"] not in BEFORE[mart], "it had this name already"
        assert line["renamed_from_until"] == f"{MAJOR + 1}.0"


def test_the_dictionary_of_the_docs_names_them_too(said_in_csv) -> None:
    text = (PROJECT_ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8")
    marts = {part.split("\n", 1)[0]: part for part in text.split("\n### ")}
    for line in said_in_csv:
        if line["renamed_from"]:
            assert f"\n| `{line['column']}` | `{line['renamed_from']}` | {MAJOR}.0 | " in marts[line["mart"]]


def test_dictionary_and_changelog_name_the_same_columns_of_the_same_marts(said_in_csv) -> None:
    changes = (PROJECT_ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (entry,) = re.findall(rf"`schema_version` {MAJOR}\.0: .*?(?=\n- )", changes, flags=re.DOTALL)
    listed = {
        (mart, old, new.replace("…", old.removesuffix("_en")))
        for olds, new, marts in RENAMED.findall(" ".join(entry.split()))
        for old in NAME.findall(olds)
        for mart in NAME.findall(marts)
    }
    in_dictionary = {(one["mart"], one["renamed_from"], one["column"]) for one in said_in_csv if one["renamed_from"]}
    assert listed == in_dictionary
    assert entry.count("→") == len(RENAMED.findall(" ".join(entry.split()))), "a renamed column without its marts"


def test_only_marts_that_have_the_column_are_named_for_its_old_name() -> None:
    named = {(mart, field.name) for field in load_fields().values() for mart in field.renamed_in_marts}
    assert [f"{mart}.{column}" for mart, column in named if column not in NOW.get(mart, {})] == []


def test_an_old_name_is_taken_out_with_the_next_major_step() -> None:
    renamed_in = {field.name: field.renamed_in for field in load_fields().values() if field.renamed_in is not None}
    stale = [name for name, version in renamed_in.items() if int(version.split(".")[0]) != MAJOR]
    assert not stale, f"take renamed_from and renamed_in out of fields/ for {', '.join(stale)}"
    assert int(promised(FILE_BEFORE)[0].split(".")[0]) == MAJOR - 1


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("  renamed_from: guests\n", "renamed_from and renamed_in .* go together"),
        ('  renamed_in: "2.0"\n', "renamed_from and renamed_in .* go together"),
        ("  renamed_in_marts: [tourism_monthly]\n", "renamed_in_marts needs renamed_from"),
        ('  renamed_from: guests\n  renamed_in: "soon"\n', 'is a version of the schema such as "2.0"'),
    ],
)
def test_an_old_name_without_its_version_is_refused(tmp_path: Path, added: str, said: str) -> None:
    (tmp_path / "services.yml").write_text(FIELD + added, encoding="utf-8")
    with pytest.raises(DeclarationError, match=said):
        load_fields(tmp_path)
