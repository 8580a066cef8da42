"""What a night says while it works: a bar on a terminal, one plain line for each asset elsewhere.

It always moves or says what it waits for: the bar names what is being made and shows the time; where lines are
written, one says what it is at when nothing was said for a while.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LOGGER = logging.getLogger("provincial_growth")
SILENCE_SECONDS = 10.0
"""The longest silence where lines are written."""


class _Steps(logging.Handler):
    """Turns log records into progress: each `info` is an asset that is done, a warning is kept in sight.

    An `info` that says it is `within` an asset is shown and not counted. A `debug` names what is begun: it is what the
    bar shows, and what is said after a silence.
    """

    def __init__(self, console: Console, progress: Progress | None) -> None:
        super().__init__(logging.DEBUG)
        self._console = console
        self._progress = progress
        self._task = progress.add_task("starting", total=None) if progress else None
        self._total = 0
        self._done = 0
        self._at = "starting"
        self._spoke = threading.Event()

    def expect(self, total: int) -> None:
        """Say how many assets there are."""
        self._total = total
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, total=total)

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        self._at = record.getMessage()
        steps = 1 if record.levelno == logging.INFO and not getattr(record, "within", False) else 0
        self._done += steps
        if record.levelno >= logging.WARNING:
            self._print(f"! {self._at}", style="yellow")
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=steps, description=self._at[:60])
        elif record.levelno == logging.INFO:
            self._print(f"{self._counter} {self._at}")

    def break_silences(self, ended: threading.Event, patience_seconds: float) -> None:
        """Say what is being waited for after each silence, until all has ended."""
        while not ended.is_set():
            self._spoke.clear()
            if not self._spoke.wait(patience_seconds) and not ended.is_set():
                self._print(f"{self._counter} still at: {self._at}")

    def wake(self) -> None:
        """Wake the thread that waits for a silence."""
        self._spoke.set()

    @property
    def _counter(self) -> str:
        return f"[{self._done}{f'/{self._total}' if self._total else ''}]"

    def _print(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
        self._spoke.set()


@contextlib.contextmanager
def shown(console: Console, patience_seconds: float = SILENCE_SECONDS) -> Iterator[Callable[[int], None]]:
    """Show the steps of a night on a console; gives the function that takes their number."""
    with _beside_the_logs(console) as ours:
        progress = (
            Progress(
                BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"),
                console=ours, transient=True, redirect_stdout=False, redirect_stderr=False,
            )
            if ours.is_terminal
            else None
        )  # fmt: skip
        handler = _Steps(ours, progress)
        ended = threading.Event()
        watch = threading.Thread(target=handler.break_silences, args=(ended, patience_seconds), daemon=True)
        before = LOGGER.level, LOGGER.propagate
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.DEBUG)
        LOGGER.propagate = False
        try:
            if progress is None:
                watch.start()
            with progress or contextlib.nullcontext():
                yield handler.expect
        finally:
            ended.set()
            handler.wake()
            if progress is None:
                watch.join()
            LOGGER.removeHandler(handler)
            LOGGER.setLevel(before[0])
            LOGGER.propagate = before[1]


@contextlib.contextmanager
def _beside_the_logs(console: Console) -> Iterator[Console]:
    """Give a console that writes where another one does, whatever becomes of that file descriptor.

    While Dagster runs a step it keeps what the process prints: it turns the descriptor into a file of its own and lets
    another process copy that back, late.
    """
    try:
        descriptor = os.dup(console.file.fileno())
    except (OSError, ValueError, AttributeError):  # it is no file: a test looks at what is written
        yield console
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        yield Console(file=file, width=None if console.is_terminal else console.width)
