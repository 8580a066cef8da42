"""Command line: `python -m benchmarks night|links|capture|study|scale`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence


def _add_night(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("night", help="measure nights beside what they cannot do without and a peer")
    parser.add_argument("--scale", type=int, default=1, help="measure what each province up to this many costs, too")
    parser.add_argument("--runs", type=int, default=3, help="rounds; ratios of medians are printed")
    parser.set_defaults(run=_night)


def _night(arguments: argparse.Namespace) -> int:
    from benchmarks.night_costs import compare_nights

    return 0 if compare_nights(arguments.scale, arguments.runs) else 1


def _add_links(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from simulator.simulate import DEFAULT_SEED

    parser = commands.add_parser("links", help="precision and recall of the linkage on simulated provinces")
    parser.add_argument("--scale", type=int, nargs="+", default=[1], help="one or more scales")
    parser.add_argument("--seed", type=int, nargs="+", default=[DEFAULT_SEED], help="one or more seeds")
    parser.add_argument(
        "--kind", choices=("planted", "clean", "typed"), nargs="+", default=["planted", "clean", "typed"]
    )
    parser.set_defaults(run=_links)


def _links(arguments: argparse.Namespace) -> int:
    from benchmarks.links import measure_links

    measure_links(arguments.scale, arguments.seed, arguments.kind)
    return 0


def _add_capture(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from simulator.simulate import DEFAULT_SEED

    parser = commands.add_parser("capture", help="measure linkage and capture beside the same joins as one bare script")
    parser.add_argument("--scale", type=int, default=63)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.set_defaults(run=_capture)


def _capture(arguments: argparse.Namespace) -> int:
    from benchmarks.capture_cost import compare_capture

    return 0 if compare_capture(arguments.scale, arguments.seed) else 1


def _add_study(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from benchmarks.capture_study import SEED

    parser = commands.add_parser("study", help="how right the estimate of capture is on hidden provinces")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.set_defaults(run=_study)


def _study(arguments: argparse.Namespace) -> int:
    from benchmarks.capture_study import measure_study

    measure_study(arguments.draws, arguments.seed)
    return 0


def _add_scale(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("scale", help="what a night costs as data grow, on DuckDB and on Spark, by phase")
    parser.add_argument("--scale", type=int, nargs="+", default=[1, 20, 63], help="one or more numbers of provinces")
    parser.add_argument("--engines", nargs="+", choices=("duckdb", "spark"), default=["duckdb", "spark"])
    parser.set_defaults(run=_scale)


def _scale(arguments: argparse.Namespace) -> int:
    from benchmarks.scale_costs import compare_scales

    compare_scales(arguments.scale, arguments.engines)
    return 0


COMMANDS: tuple[Callable[[argparse._SubParsersAction[argparse.ArgumentParser]], None], ...] = (
    _add_night,
    _add_links,
    _add_capture,
    _add_study,
    _add_scale,
)
"""Each adds its own subcommand and sets `run`, which takes the parsed arguments and returns the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    for add in COMMANDS:
        add(commands)
    parsed = parser.parse_args(arguments)
    code: int = parsed.run(parsed)
    return code


if __name__ == "__main__":
    sys.exit(main())
