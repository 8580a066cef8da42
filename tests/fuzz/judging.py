"""What became of mutants: read as another program reads them, or refused with a next step, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from assets.readers import Limits, Reading, ReadJob, read_deliveries
from assets.readers.raw import read_raw, remarks
from tests.fuzz.independent import Rows, read_by_another, trimmed
from tests.fuzz.mutants import FORMS, mutant

VERDICTS = ("same", "alone", "refused", "gave_up", "died", "ledger", "changed")
"""Read as another program does; read, and by no other program; refused by a sentence of ours. And what must not be:
refused in the words of a parser alone, the process died, rows were not accounted for, a value was read as another."""

_DEATHS = ("crashed on it", "without an answer", "was killed", "took longer", "of computing")
_AT_A_TIME = 200


class JudgedMutant(NamedTuple):
    """A mutant and what became of it."""

    kind: str
    number: int
    verdict: str
    said: str


def judged(kind: str, numbers: Iterable[int]) -> Iterator[JudgedMutant]:
    """Read mutants in the reading process and judge each."""
    left = list(numbers)
    for first in range(0, len(left), _AT_A_TIME):
        with tempfile.TemporaryDirectory() as folder:
            jobs = []
            for number in left[first : first + _AT_A_TIME]:
                source = Path(folder) / f"{number}.{kind}"
                source.write_bytes(mutant(kind, number))
                jobs.append(ReadJob(str(number), source, FORMS[kind], Path(folder) / f"{number}.parquet", source.name))
            for job, reading in zip(jobs, read_deliveries(jobs, Limits()), strict=True):
                verdict, said = _verdict(kind, Path(job.source), reading)
                yield JudgedMutant(kind, int(job.delivery_id), verdict, said)


def _verdict(kind: str, source: Path, reading: Reading) -> tuple[str, str]:
    if reading.refusal is not None:
        if any(words in reading.refusal for words in _DEATHS):
            return "died", reading.refusal
        return ("gave_up" if "gave up" in reading.refusal else "refused"), reading.refusal
    if reading.physical_rows != reading.parsed_rows:
        return "ledger", f"{reading.physical_rows} rows, {reading.parsed_rows} read"
    assert reading.path is not None
    raw = read_raw(reading.path)
    theirs = read_by_another(kind, source.read_bytes(), _delimiter(raw) if kind == "csv" else "")
    if theirs is None:
        return "alone", ""
    ours = _ours(kind, raw)
    if ours == theirs:
        return "same", ""
    odd = sorted(set(ours) ^ set(theirs)) or [row for row in ours if ours[row] != theirs[row]]
    return "changed", f"row {odd[0]}: {ours.get(odd[0])} and not {theirs.get(odd[0])}"


def _ours(kind: str, raw: Any) -> Rows:
    rows: Rows = {}
    for at, row in enumerate(raw.to_pylist(), start=1):
        cells = ["day" if letter == "d" else cell for cell, letter in zip(row["cells"], row["kinds"], strict=True)]
        if trimmed(cells):
            rows[at if kind == "csv" else row["source_row"]] = trimmed(cells)
    return rows


def _delimiter(raw: Any) -> str:
    said = next((remark["message"] for remark in remarks(raw) if remark["check"] == "delimiter_is_as_agreed"), "")
    return "\t" if "a tab" in said else said.split("'")[1] if said else ","
