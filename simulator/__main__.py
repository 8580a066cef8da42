"""Write an inbox as offices deliver it, with its ground truth: `python -m simulator --out FOLDER`.

The simulated half of `samples/` is written anew by `python -m simulator.samples`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.simulate import DEFAULT_SEED, simulate
from simulator.works import Options


def main(arguments: Sequence[str] | None = None) -> int:
    """Write an inbox and its ground truth, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--scale", type=int, default=1, help="1 a province, 63 a country, more: more rows in each")
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must be new or empty")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--clean", action="store_true", help="plant no faults")
    parser.add_argument(
        "--dependence", type=int, default=0, metavar="PERCENT",
        help="how far the survey misses what the permits miss: 0 no more than others, 100 always",
    )  # fmt: skip
    given = parser.parse_args(arguments)
    out: Path = given.out
    if out.exists() and any(out.iterdir()):
        print(f"{out} is not empty: name a new folder, so that no delivery of another run stays in it", file=sys.stderr)
        return 2
    if given.scale < 1:
        print(f"--scale {given.scale}: a scale is 1 or more", file=sys.stderr)
        return 2
    if not 0 <= given.dependence <= 100:
        print(f"--dependence {given.dependence}: it is a percentage, from 0 to 100", file=sys.stderr)
        return 2
    simulate(out, given.scale, given.seed, options=Options(given.clean, given.dependence))
    print(f"inbox: {out / 'inbox'}\nground truth: {out / 'ground_truth'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
