"""`growth.duckdb`: the marts of a release as tables, and a view for each question over which SUM is right.

The views are declared in `additive_views.yml`: one grain each, no totals beside parts, the newest day, the default
denominator. A code has its words beside it in Vietnamese and English, from `code_words.yml`, `words.yml` and the
seeds. What is internal is left out. Clients from 1.0 on open the file.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.product.marts import Marts
from assets.product.words import with_words, words
from dbt_like_sql.access import public_columns
from dbt_like_sql.declarations import build, read_yaml
from dbt_like_sql.project import Project
from resources.duckdb_file import TableWithRows, View, rows_of, types_of, write_duckdb_file

DATABASE = "growth.duckdb"
_HERE = Path(__file__).parent
_WORDS = "code_words"
"""Name of the table that holds the words of codes."""
_SEEDS_OF_WORDS = {
    "denominators": "denominator",
    "construction_strata": "stratum",
    "omission_reasons": "omission_reason",
}
"""Seeds that have the words of a column's codes although the column does not say that its codes stand there."""


_AS_WRITTEN = frozenset({"unit", "rule"})
"""Columns whose codes stand as they are where they have no words: units of products, rules that fail rarely."""


@dataclass(frozen=True)
class AdditiveView:
    """A view as it is declared: no two rows have one `key`; `sums` add up, but not across the columns of `across`."""

    name: str
    vi: str
    en: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    sums: tuple[str, ...]
    sql: str
    across: tuple[str, ...] = ()
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ViewColumn:
    """A column of a view with what to call it and its unit."""

    name: str
    label_vi: str
    label_en: str
    unit: str


@cache
def additive_views() -> tuple[AdditiveView, ...]:
    """Return the views in the order in which they are declared."""
    declared = read_yaml(_HERE / "additive_views.yml")["views"]
    views = (build(AdditiveView, one, f"additive_views.yml: {one.get('name')}") for one in declared)
    return tuple(dataclasses.replace(view, sql=with_words(view.sql)) for view in views)


@cache
def _left_out() -> frozenset[str]:
    return frozenset(read_yaml(_HERE / "additive_views.yml")["left_out"])


def marts_held(project: Project) -> list[str]:
    """Return the marts that the database holds."""
    return [model.name for model in project.published if model.name not in _left_out()]


@cache
def code_words(project: Project) -> tuple[Mapping[str, str], ...]:
    """Return the words of every code that has any: `column_name`, `code`, `word_vi`, `word_en`.

    They are worked out once for a project: every view asks for them.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for column in project.fields.values():
        seed, _, key = column.codes.partition(".") if isinstance(column.codes, str) else ("", "", "")
        for row in project.seeds[seed].rows() if seed else ():
            for vi, en in (("label_vi", "label_en"), ("name_vi", "name_en")):
                if vi in row and en in row:
                    found[column.name, row[key]] = row[vi], row[en] or row[vi]
    for seed, column_name in _SEEDS_OF_WORDS.items():
        for row in project.seeds[seed].rows():
            found[column_name, row[column_name]] = row["label_vi"], row["label_en"]
    for contract in project.contracts.values():
        found["feed", contract.feed] = contract.title_vi, contract.title_en
    declared = dict(read_yaml(_HERE / "code_words.yml"))
    declared["cause"] = words()["causes"]
    statuses = {**declared.pop("status"), **words()["deliveries"], **words()["statuses"]}
    for name in ("status", "status_before", "status_after"):
        declared[name] = statuses
    for name, of_column in declared.items():
        for code, labels in of_column.items():
            found[name, code] = labels["vi"], labels["en"]
    return tuple(
        {"column_name": name, "code": code, "word_vi": vi, "word_en": en}
        for (name, code), (vi, en) in sorted(found.items())
    )


@cache
def _worded(project: Project) -> frozenset[str]:
    """The columns whose codes have words."""
    return frozenset(row["column_name"] for row in code_words(project))


def columns_of(project: Project, view: AdditiveView) -> list[ViewColumn]:
    """Return the columns of a view, words beside their codes."""
    return list(_columns(project, view))


def _columns(project: Project, view: AdditiveView) -> Iterator[ViewColumn]:
    for name in view.columns:
        if name in view.labels:
            yield ViewColumn(name, *view.labels[name])
            continue
        known = project.fields[name]
        yield ViewColumn(name, known.label_vi, known.label_en, known.unit)
        if name in _worded(project):
            stem = name.removesuffix("_code")
            label = _without_code(known.label_vi)
            yield ViewColumn(f"{stem}_vi", label, f"{known.label_en} (Vietnamese)", "text")
            yield ViewColumn(f"{stem}_en", f"{label} (tiếng Anh)", known.label_en, "text")


def _without_code(label: str) -> str:
    """The label of a code for the words that it stands for: `Mã địa bàn` is that of `Địa bàn`."""
    words_alone = label.removeprefix("Mã ")
    return words_alone[:1].upper() + words_alone[1:]


def view_types(database: Path, view: AdditiveView) -> dict[str, str]:
    """Return the types of a view's columns in a database."""
    return types_of(database, view.name)


def rows_of_views(database: Path, views: Iterable[AdditiveView]) -> Iterator[pa.Table]:
    """Yield the rows of each of some views in a database, in its order."""
    return rows_of(database, (view.name for view in views))


def database(marts: Marts) -> bytes:
    """Return the database of some marts, as the bytes of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE
        _write(marts, path)
        return path.read_bytes()


def _write(marts: Marts, path: Path) -> None:
    project = marts.project
    models = [project.models[name] for name in marts_held(project)]
    tables = [_table(marts, one.name, _both(one.description_vi, one.description_en)) for one in models]
    tables.append(
        TableWithRows(
            _WORDS,
            "Chữ của các mã: cột, mã, tiếng Việt, tiếng Anh. | Words of codes: column, code, Vietnamese, English.",
            rows=pa.Table.from_pylist(list(code_words(project))),
        )
    )
    write_duckdb_file(path, tables, [_view(project, view) for view in additive_views()])


def _table(marts: Marts, name: str, comment: str) -> TableWithRows:
    fields = marts.project.fields
    with pq.ParquetFile(marts.folder / f"{name}.parquet") as file:
        rows = file.read(public_columns(fields, file.schema_arrow.names))
    comments = {
        column: _both(
            f"{known.label_vi} [{known.unit}]: {known.description_vi}", f"{known.label_en}: {known.description_en}"
        )
        for column in rows.column_names
        for known in [fields[column]]
    }
    return TableWithRows(name, comment, comments, rows=rows)


def _view(project: Project, view: AdditiveView) -> View:
    chosen, joins = [], []
    for name in view.columns:
        chosen.append(f"    rows_of_view.{name}")
        if name in _worded(project):
            stem = name.removesuffix("_code")
            word = (
                f"coalesce(words_of_{name}.{{}}, rows_of_view.{name})"
                if name in _AS_WRITTEN
                else f"words_of_{name}.{{}}"
            )
            chosen += [f"    {word.format(f'word_{lang}')} as {stem}_{lang}" for lang in ("vi", "en")]
            joins.append(
                f"left join {_WORDS} as words_of_{name}\n"
                f"    on words_of_{name}.column_name = '{name}' and words_of_{name}.code = rows_of_view.{name}"
            )
    sql = "select\n" + ",\n".join(chosen) + f"\nfrom (\n{view.sql}) as rows_of_view\n" + "\n".join(joins)
    comments = {
        column.name: _both(f"{column.label_vi} [{column.unit}]", column.label_en) for column in _columns(project, view)
    }
    return View(view.name, _both(_about(view, "vi"), _about(view, "en")), comments, sql=sql)


def _about(view: AdditiveView, lang: str) -> str:
    """What a view says, and what may be added up in it."""
    words_of: dict[str, tuple[str, str, str, str, str]] = {
        "vi": ("Mỗi dòng một ", "Cộng được: ", "; không cộng qua: ", "Không có cột nào cộng được.",
               "Ô trống là chưa biết, không phải bằng 0: SUM bỏ qua ô trống."),
        "en": ("One row for each ", "May be summed: ", "; not across: ", "No column may be summed.",
               "An empty cell is unknown and not 0: SUM passes over it."),
    }  # fmt: skip
    key, sums, across, nothing, empty = words_of[lang]
    about = f"{getattr(view, lang)} {key}{', '.join(view.key)}."
    if not view.sums:
        return f"{about} {nothing}"
    beyond = f"{across}{', '.join(view.across)}" if view.across else ""
    return f"{about} {sums}{', '.join(view.sums)}{beyond}. {empty}"


def _both(vi: str, en: str) -> str:
    """Vietnamese first."""
    return " | ".join(" ".join(text.split()) for text in (vi, en))
