"""Cells come out of the layout composed (NFC), whatever the library underneath does to accents."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest

from assets.layout.columns import clean

WORDS = "Ghi chú: Số liệu người lập"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_cells_are_composed_however_they_were_typed(form: str) -> None:
    typed = unicodedata.normalize(form, f"  {WORDS} ")  # type: ignore[arg-type]  # pytest hands on plain text
    cleaned = clean(pa.array([typed, None, "12", typed], pa.string()))
    assert cleaned.to_pylist() == [WORDS, None, "12", WORDS]
