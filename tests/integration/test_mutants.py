"""A few mutants of each kind: none kills the reading process, loses a row or changes a value in silence."""

from __future__ import annotations

import pytest

from tests.fuzz.judging import judged
from tests.fuzz.mutants import FORMS, mutant


@pytest.mark.parametrize("kind", FORMS)
def test_a_mutant_is_read_as_another_program_reads_it_or_refused(kind: str) -> None:
    found = list(judged(kind, range(60)))
    assert len(found) == 60
    assert [one for one in found if one.verdict in ("gave_up", "died", "ledger", "changed")] == []
    assert found[0].verdict in ("same", "alone")
    assert {"same", "refused"} <= {one.verdict for one in found}


def test_a_mutant_follows_from_its_number() -> None:
    assert mutant("csv", 7) == mutant("csv", 7)


@pytest.mark.parametrize("number", [105, 334, 2486, 5652])
def test_a_cell_that_is_given_twice_loses_no_value_in_silence(number: int) -> None:
    """Mutants that were found by their thousands: of a cell's two values one was read, and the other not spoken of."""
    (one,) = judged("xlsx", [number])
    assert one.verdict == "refused", one


@pytest.mark.parametrize(
    ("kind", "numbers"), [("xlsx", (12, 18, 36, 74, 77, 515)), ("xls", (38, 54)), ("ods", (19, 29, 32))]
)
def test_a_damaged_workbook_is_refused_in_a_sentence_of_ours_and_not_in_a_parsers(kind, numbers) -> None:
    """What the parser of workbooks stumbles over: cells of unknown kinds, numbers that are none, parts that lack."""
    for one in judged(kind, numbers):
        assert one.verdict == "refused", one
        assert "damaged" in one.said, one


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("jsonstat", 814), ("jsonstat", 1376), ("generic", 349), ("generic", 5250), ("sdmx", 712), ("sdmx", 895),
        ("sdmx", 1766), ("ods", 7731), ("xls", 2770),
    ],
)  # fmt: skip
def test_what_no_format_allows_is_refused_and_not_read_as_something_else(kind, number) -> None:
    """A label that is null was read as the text None; elements of another namespace were read as if they were SDMX."""
    (one,) = judged(kind, [number])
    assert one.verdict == "refused", one


@pytest.mark.parametrize(("kind", "number"), [("jsonstat", 1671), ("jsonstat", 1835), ("generic", 5188)])
def test_a_value_that_is_no_number_and_a_dimension_of_another_name_are_read_as_they_are(kind, number) -> None:
    """NaN in JSON was read as nothing; another program took every dimension of observations for TIME_PERIOD."""
    (one,) = judged(kind, [number])
    assert one.verdict == "same", one
