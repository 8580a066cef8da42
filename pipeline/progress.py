"""What a night says while it works: a bar on a terminal, one plain line for each asset elsewhere."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LOGGER = logging.getLogger("provincial_growth")


class _Steps(logging.Handler):
    """Turns log records into progress: each `info` is an asset that is done, a warning is kept in sight.

    An `info` that says it is `within` an asset is shown and not counted.
    """

    def __init__(self, console: Console, progress: Progress | None) -> None:
        super().__init__(logging.INFO)
        self._console = console
        self._progress = progress
        self._task = progress.add_task("starting", total=None) if progress else None
        self._total = 0
        self._done = 0

    def expect(self, total: int) -> None:
        """Say how many assets there are."""
        self._total = total
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, total=total)

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        text = record.getMessage()
        if record.levelno >= logging.WARNING:
            self._console.print(f"! {text}", style="yellow", markup=False, highlight=False, soft_wrap=True)
            return
        steps = 0 if getattr(record, "within", False) else 1
        self._done += steps
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=steps, description=text[:60])
        else:
            of = f"/{self._total}" if self._total else ""
            self._console.print(f"[{self._done}{of}] {text}", markup=False, highlight=False, soft_wrap=True)


@contextlib.contextmanager
def shown(console: Console) -> Iterator[Callable[[int], None]]:
    """Show the steps of a night on a console; gives the function that is told how many there are."""
    progress = (
        Progress(
            BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"),
            console=console, transient=True,
        )
        if console.is_terminal
        else None
    )  # fmt: skip
    handler = _Steps(console, progress)
    before = LOGGER.level, LOGGER.propagate
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    try:
        with progress or contextlib.nullcontext():
            yield handler.expect
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(before[0])
        LOGGER.propagate = before[1]
