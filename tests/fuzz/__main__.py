"""Read mutants of every kind: `python -m tests.fuzz --each 10000 --log data/fuzz.jsonl`, a line of JSON for each."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from tests.fuzz.judging import VERDICTS, judged
from tests.fuzz.mutants import FORMS


def main() -> None:
    """Read and judge, log each mutant, print a table; exit with 1 where one was not read as it should be."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--each", type=int, default=10_000, help="how many mutants of each kind")
    options.add_argument("--kinds", nargs="*", default=[*FORMS], choices=[*FORMS])
    options.add_argument("--log", type=Path, default=Path("data/fuzz.jsonl"))
    asked = options.parse_args()
    asked.log.parent.mkdir(parents=True, exist_ok=True)
    failed = False
    print("kind".ljust(10), *(verdict.rjust(12) for verdict in VERDICTS))
    with asked.log.open("w", encoding="utf-8") as log:
        for kind in asked.kinds:
            counts: Counter[str] = Counter()
            for one in judged(kind, range(asked.each)):
                counts[one.verdict] += 1
                log.write(json.dumps(one._asdict(), ensure_ascii=False) + "\n")
            failed |= any(counts[verdict] for verdict in ("gave_up", "died", "ledger", "changed"))
            print(kind.ljust(10), *(str(counts[verdict]).rjust(12) for verdict in VERDICTS), flush=True)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
