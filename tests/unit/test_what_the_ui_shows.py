"""What the asset page shows: text without Markdown, tables that can be read, pictures short enough to be in place."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.dagster.metadata import PREVIEW_ROWS, description_of, preview
from assets.dagster.pictures import LINE, SHOWN_IN_PLACE, in_lines, wide_table
from assets.dagster.scorecard_views import BARS_SHOWN, COLOURS, scorecard_views
from pipeline.definitions import build_defs
from pipeline.settings import PROJECT_ROOT

SPECS = {
    spec.key.to_user_string(): spec
    for spec in sorted(build_defs().resolve_all_asset_specs(), key=lambda spec: spec.key)
}
EDGES = {(dep.asset_key.path[0], spec.key.path[0]) for spec in SPECS.values() for dep in spec.deps}
"""From layer to layer."""
MARKDOWN = re.compile(r"[`*|]|(?<!\w)_|_(?!\w)|^#|^- ", re.MULTILINE)
VIETNAMESE = re.compile(r"[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđĐ]")


# ── descriptions ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", SPECS)
def test_a_description_is_plain_text_in_both_languages(key: str) -> None:
    description = SPECS[key].description
    assert description
    assert not MARKDOWN.search(description)
    assert VIETNAMESE.search(description)


def test_a_description_loses_its_markdown_and_begins_with_a_sentence() -> None:
    assert description_of("It reads `x`. **More** of it.", "Đọc `x`.") == "It reads x.\n\nMore of it.\n\nĐọc x."


def test_the_code_of_a_model_stands_in_its_metadata() -> None:
    shown = SPECS["marts/directive_scorecard"].metadata["sql"]
    assert str(shown.value).startswith("```sql\n")


# ── the graph ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("document", ["README.md", "README.vi.md"])
def test_the_path_of_the_readme_is_made_of_edges_that_are_there(document: str) -> None:
    (path,) = re.findall(r"`inbox → ([^`]*)`", (PROJECT_ROOT / document).read_text(encoding="utf-8"))
    layers = path.split(" → ")
    assert set(pairwise(layers)) <= EDGES
    assert {"landing", "release"} <= set(layers)


def test_what_the_readme_says_of_seeds_history_and_audits_is_what_the_graph_holds() -> None:
    assert {reader for source, reader in EDGES if source == "seeds"} == {"audits", "intermediate", "marts"}
    assert {source for source, reader in EDGES if reader == "history"} == {"intermediate"}
    assert {reader for source, reader in EDGES if source == "history"} == {"marts"}
    assert {("staging", "audits"), ("intermediate", "audits"), ("marts", "audits"), ("audits", "release")} <= EDGES


# ── seeds ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", [key for key in SPECS if key.startswith("seeds/")])
def test_a_seed_shows_its_files_the_meaning_of_each_column_a_preview_and_a_version(key: str) -> None:
    metadata = SPECS[key].metadata
    assert {"preview", "version", "dagster/row_count"} <= set(metadata)
    files = [Path(str(value.path)) for value in metadata.values() if isinstance(value, dg.PathMetadataValue)]
    assert files
    assert all(file.is_file() for file in files)
    assert all(column.description and column.tags["unit"] for column in metadata["dagster/column_schema"].columns)


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_header_is_as_wide_as_the_longest_value_and_values_stay_as_they_are() -> None:
    shown: Any = wide_table([{"title": "Tăng trưởng ngành xây dựng", "n": 1}, {"title": None, "n": 2}])
    title, n = (column.name for column in shown.schema.columns)
    assert title.rstrip("\u00a0") == "title"
    assert len(title) > len("Tăng trưởng ngành xây dựng")
    assert n.rstrip("\u00a0") == "n"
    assert [record.data[title] for record in shown.records] == ["Tăng trưởng ngành xây dựng", ""]


def test_a_preview_says_last_from_which_delivery_a_row_comes() -> None:
    shown: Any = preview([{"delivery_id": "a", "source_row": 1, "area_code": "94", "value_bn": Decimal("1.50")}])
    names = [column.name.rstrip("\u00a0") for column in shown.schema.columns]
    assert names == ["area_code", "value_bn", "delivery_id", "source_row"]
    assert PREVIEW_ROWS >= len(shown.records) == 1


def test_words_beside_a_wide_table_are_broken_into_lines_that_fit() -> None:
    lines = in_lines("word " * 40, "từ " * 40).replace("\\\n", "\n").split("\n")
    assert max(len(line) for line in lines) <= LINE
    assert lines.count("") == 1


# ── the scorecard ─────────────────────────────────────────────────────────────────────────────────────────


def item(code: str, status: str = "missed", **more: Any) -> dict[str, Any]:
    return {
        "directive": "2724-UBND-TH", "item": code, "item_order": 1, "title_en": "Growth", "title_vi": "Tăng trưởng",
        "comparator": ">=", "threshold": Decimal("25.6100"), "actual": Decimal("11.9300"), "gap": Decimal("-13.6800"),
        "unit": "%", "status": status, "sector_code": "CON", "is_actual_simulated": False, **more,
    }  # fmt: skip


def views(tmp_path: Path, *rows: dict[str, Any]) -> dict[str, Any]:
    pq.write_table(pa.Table.from_pylist(list(rows)), tmp_path / "mart.parquet")
    return dict(scorecard_views(tmp_path / "mart.parquet"))


def test_the_scorecard_has_a_line_for_each_item_with_target_actual_and_status(tmp_path: Path) -> None:
    task = item("PLAN32", "no_indicator", item_order=2, threshold=None, actual=None, gap=None, sector_code=None)
    shown = views(tmp_path, item("CON"), task)
    lines = [
        {name.rstrip("\u00a0"): value for name, value in record.data.items()} for record in shown["scorecard"].records
    ]
    assert [(line["item"], line["target"], line["actual"], line["gap"], line["status"]) for line in lines] == [
        ("CON", ">= 25.61", "11.93", "-13.68", "missed"),
        ("PLAN32", "", "", "", "no_indicator"),
    ]


def test_growth_is_a_picture_short_enough_to_be_shown_in_its_place(tmp_path: Path) -> None:
    statuses = [*COLOURS, "no_data"]
    rows = [
        item(
            f"KV1-MODEL{number}",
            statuses[number % len(statuses)],
            item_order=number,
            is_actual_simulated=number % 2 == 0,
        )
        for number in range(BARS_SHOWN + 1)
    ]
    shown = views(tmp_path, *rows)
    assert list(shown) == ["growth_2724-UBND-TH", "growth_2724-UBND-TH_2", "scorecard"]
    pictures = [shown[name].value for name in list(shown)[:-1]]
    assert all(len(picture) < SHOWN_IN_PLACE for picture in pictures)
    assert "<text y='16'>KV1-MODEL0 11.93 (&gt;= 25.61)</text>" in unquote(pictures[0])


def test_a_scorecard_without_growth_has_no_picture_and_an_empty_one_shows_nothing(tmp_path: Path) -> None:
    assert list(views(tmp_path, item("CON", actual=None))) == ["scorecard"]
    pq.write_table(pa.Table.from_pylist([item("CON")]).slice(0, 0), tmp_path / "mart.parquet")
    assert scorecard_views(tmp_path / "mart.parquet") == {}
