"""How right the linkage is: precision and recall against the truth of simulated provinces, by rule."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from simulator.works import Options

RULES = ("permit_number", "tax_code_place_time", "score")
KINDS = {"clean": Options(clean=True), "planted": Options(), "typed": Options(clean=True, typed_by_hand=True)}
"""What kind of province: without faults, with faults planted, or without any but what hands mistype."""
LISTS = {"building_permits": "permit", "design_appraisals": "appraisal"}


@dataclass(frozen=True)
class Linkage:
    """Links made and right by rule, and how many pairs of works and return there are to be found."""

    made: Counter[str]
    right: Counter[str]
    pairs: int

    @property
    def precision(self) -> float:
        """Share of links that join one works."""
        return self.right.total() / self.made.total()

    @property
    def recall(self) -> float:
        """Share of the pairs there are that are linked."""
        return self.right.total() / self.pairs


def linkage_of(
    true_links: Iterable[dict[str, str]], returns: Iterable[dict[str, Any]], links: Iterable[dict[str, Any]]
) -> Linkage:
    """Hold links against the truth.

    A pair is a return of a quarter that tells of works, its repeats left out, and the permit or appraisal of those
    works, if there is one. `true_links` are rows of the truth, `returns` and `links` those of `int_survey_returns` and
    `int_permit_survey_links`.
    """
    works_of: dict[tuple[str, str], str] = {(row["feed"], row["record_id"]): row["work_id"] for row in true_links}
    listed = {f"{LISTS[feed]}:{record}": work for (feed, record), work in works_of.items() if feed in LISTS}
    reported = {record: work for (feed, record), work in works_of.items() if feed == "construction_survey"}
    on_a_list = set(listed.values())
    pairs = sum(
        reported.get(row["return_id"]) in on_a_list
        for row in returns
        if row["is_answered"] and not row["is_nil"] and not row["is_repeated"]
    )
    made, right = Counter[str](), Counter[str]()
    for row in links:
        if row["is_counted"]:
            made[row["link_rule"]] += 1
            work = listed.get(row["works_id"])
            right[row["link_rule"]] += work is not None and work == reported.get(row["return_id"])
    return Linkage(made, right, pairs)


def linkage_of_home(root: Path) -> Linkage:
    """Hold the links of a computed home below `root` against the truth beside it."""
    with (root / "ground_truth" / "construction_links.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    folder = root / "home" / "intermediate"
    columns = ["return_id", "is_answered", "is_nil", "is_repeated"]
    returns = pq.read_table(folder / "int_survey_returns.parquet", columns=columns).to_pylist()
    return linkage_of(truth, returns, pq.read_table(folder / "int_permit_survey_links.parquet").to_pylist())


def measure_links(
    scales: Sequence[int], seeds: Sequence[int], kinds: Sequence[str], out: Callable[[str], None] = print
) -> None:
    """Print precision and recall of simulated provinces, one line for each kind, scale and seed."""
    from benchmarks.capture_models import compute, prepare

    rules = "".join(f"{rule:>22}" for rule in RULES)
    out(f"{'province':9}{'scale':>6}{'seed':>6}{'pairs':>8}{rules}{'precision':>11}{'recall':>9}")
    for kind in kinds:
        for scale in scales:
            for seed in seeds:
                root = Path(tempfile.mkdtemp(prefix="benchmark-links-"))
                try:
                    compute(prepare(root, scale, seed, KINDS[kind]))
                    found = linkage_of_home(root)
                finally:
                    shutil.rmtree(root, ignore_errors=True)
                by_rule = "".join(f"{f'{found.right[r]} of {found.made[r]}':>22}" for r in RULES)
                out(
                    f"{kind:9}{scale:6}{seed:6}{found.pairs:8}{by_rule}"
                    f"{100 * found.precision:9.2f} %{100 * found.recall:7.2f} %"
                )
