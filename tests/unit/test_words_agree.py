"""A judgement on an estimate has one wording in Vietnamese: in the sentence of the mart and in the cell of the page."""

from __future__ import annotations

import pytest

from assets.product.words import judgement_words
from dbt_like_sql.project import load_project


@pytest.mark.parametrize("status", ["achieved", "missed"])
def test_a_sentence_and_a_cell_call_a_judgement_on_an_estimate_the_same(status: str) -> None:
    spoken = load_project().phrases.by_code[f"item_{status}_estimated"].wording["vi"]
    cell = judgement_words({"status": status, "provisional": True}, "vi")
    assert spoken.removeprefix(": ") == cell
