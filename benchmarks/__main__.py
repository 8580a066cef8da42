"""Command line: `python -m benchmarks simulate|samples|night|links|capture`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def _add_simulate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from benchmarks.simulate import DEFAULT_SEED

    parser = commands.add_parser("simulate", help="write an inbox as offices deliver it, with its ground truth")
    parser.add_argument("--scale", type=int, default=1, help="1 a province, 63 a country, more: more rows in each")
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must be new or empty")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--clean", action="store_true", help="plant no faults")
    parser.add_argument(
        "--dependence", type=int, default=0, metavar="PERCENT",
        help="how far the survey misses what the permits miss: 0 no more than others, 100 always",
    )  # fmt: skip
    parser.set_defaults(run=_simulate)


def _simulate(arguments: argparse.Namespace) -> int:
    from benchmarks.simulate import simulate
    from benchmarks.works import Options

    out: Path = arguments.out
    if out.exists() and any(out.iterdir()):
        print(f"{out} is not empty: name a new folder, so that no delivery of another run stays in it", file=sys.stderr)
        return 2
    if arguments.scale < 1:
        print(f"--scale {arguments.scale}: a scale is 1 or more", file=sys.stderr)
        return 2
    if not 0 <= arguments.dependence <= 100:
        print(f"--dependence {arguments.dependence}: it is a percentage, from 0 to 100", file=sys.stderr)
        return 2
    simulate(out, arguments.scale, arguments.seed, options=Options(arguments.clean, arguments.dependence))
    print(f"inbox: {out / 'inbox'}\nground truth: {out / 'ground_truth'}")
    return 0


def _add_samples(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("samples", help="write the simulated half of samples/ anew")
    parser.set_defaults(run=_samples)


def _samples(_: argparse.Namespace) -> int:
    from benchmarks.samples import SAMPLES, write_samples

    write_samples()
    print(f"written: {SAMPLES}")
    return 0


def _add_night(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("night", help="measure nights beside what they cannot do without and a peer")
    parser.add_argument("--scale", type=int, default=1, help="measure what each province up to this many costs, too")
    parser.add_argument("--runs", type=int, default=3, help="rounds; ratios of medians are printed")
    parser.set_defaults(run=_night)


def _night(arguments: argparse.Namespace) -> int:
    from benchmarks.night import compare_nights

    return 0 if compare_nights(arguments.scale, arguments.runs) else 1


def _add_links(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from benchmarks.simulate import DEFAULT_SEED

    parser = commands.add_parser("links", help="precision and recall of the linkage on simulated provinces")
    parser.add_argument("--scale", type=int, nargs="+", default=[1], help="one or more scales")
    parser.add_argument("--seed", type=int, nargs="+", default=[DEFAULT_SEED], help="one or more seeds")
    parser.add_argument("--kind", choices=("planted", "clean"), nargs="+", default=["planted", "clean"])
    parser.set_defaults(run=_links)


def _links(arguments: argparse.Namespace) -> int:
    from benchmarks.links import measure_links

    measure_links(arguments.scale, arguments.seed, arguments.kind)
    return 0


def _add_capture(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from benchmarks.simulate import DEFAULT_SEED

    parser = commands.add_parser("capture", help="measure linkage and capture beside the same joins as one bare script")
    parser.add_argument("--scale", type=int, default=63)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.set_defaults(run=_capture)


def _capture(arguments: argparse.Namespace) -> int:
    from benchmarks.capture_cost import compare_capture

    return 0 if compare_capture(arguments.scale, arguments.seed) else 1


COMMANDS: tuple[Callable[[argparse._SubParsersAction[argparse.ArgumentParser]], None], ...] = (
    _add_simulate,
    _add_samples,
    _add_night,
    _add_links,
    _add_capture,
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
