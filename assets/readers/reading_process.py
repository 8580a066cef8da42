"""The entry point of the reading process: jobs in, one `Reading` for each out, whatever the files do."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path, PurePath
from typing import Any

from assets.readers.read_jobs import Limits, Reading, ReadingFaultError, ReadJob

log = logging.getLogger("provincial_growth")

_PROJECT = Path(__file__).resolve().parents[2]
_GRACE_SECONDS = 30.0
"""How long after twice a file's own limit of time the reading process may stay silent before it is given up."""


def read_deliveries(jobs: Sequence[ReadJob], limits: Limits | None = None) -> Iterator[Reading]:
    """Read files in a process of their own and yield a reading for each job, in the order of the jobs.

    The process reads ahead while the caller works on what it has. Folders of the destinations must exist.
    Raises ReadingFaultError where the machine, not a file, is at fault; what was yielded before stands.
    """
    with closing(ReadingProcess(limits)) as process:
        yield from process.read(jobs)


class ReadingProcess:
    """The reading process of one caller: started with the first file to read, kept until `close`.

    Starting it costs as much as reading ten files, so whoever reads feed by feed keeps one for all of them.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, jobs: Sequence[ReadJob]) -> Iterator[Reading]:
        """Read files as `read_deliveries` does. One call at a time; a call that is not read out ends the process."""
        left = list(jobs)
        while left:
            done = 0
            for reading in self._read_in_one_process(left):
                done += 1
                yield reading
            if done < len(left):
                # The process died under a file, which no child of it can cause short of the machine running out
                # of memory. That file is refused, the others are read by a new process.
                yield _refused(left[done], "the reading process was killed while reading it. Send it again.")
                done += 1
            left = left[done:]

    def close(self) -> None:
        """End the process and whatever it started."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _read_in_one_process(self, jobs: Sequence[ReadJob]) -> Iterator[Reading]:
        """Yield readings until the jobs are done or the process is dead."""
        is_read_out = False
        # The jobs lie in a file of which only the name goes through the pipe: nobody waits for the other to listen.
        with tempfile.NamedTemporaryFile() as asked:
            for message in (dataclasses.asdict(self._limits), *map(_message, jobs)):
                asked.write(json.dumps(message, default=_plain).encode() + b"\n")
            asked.flush()
            try:
                answers = self._asked(asked.name)
                for job, line in zip(jobs, answers, strict=False):
                    reading = _reading(job, json.loads(line))
                    is_read_out = job is jobs[-1]
                    yield reading
            finally:
                if not is_read_out:
                    self.close()

    def _asked(self, name: str) -> Iterator[bytes]:
        """Hand jobs to the process, to a new one where it is dead, and return its answers."""
        for _ in range(2):
            is_new = self._process is None
            process = self._process = self._process or _started()
            answers = _lines(process, 2 * self._limits.wall_seconds + _GRACE_SECONDS)
            assert process.stdin is not None
            with suppress(BrokenPipeError):
                process.stdin.write(name.encode() + b"\n")
                process.stdin.flush()
            if next(answers, None) is not None:
                return answers
            self.close()
            if is_new:
                break
        raise ReadingFaultError(
            "the reading process did not start. Run `python -m assets.readers.sandbox </dev/null` in the "
            "project's folder to see why"
        )


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "assets.readers.sandbox"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """What the reading process knows of the world: where its code is, and nothing secret."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT") if name in os.environ
    }
    path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "PYTHONUTF8": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}


def _message(job: ReadJob) -> dict[str, Any]:
    return {
        "delivery_id": job.delivery_id,
        "source": str(Path(job.source).absolute()),
        "form": job.form,
        "destination": str(Path(job.destination).absolute()),
        "source_file": job.source_file,
    }


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"a form holds {value!r}, which is no plain value")


def _lines(process: subprocess.Popen[bytes], patience_seconds: float) -> Iterator[bytes]:
    """Yield lines of the process's answers until it ends or stays silent for too long."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    held = b""
    while True:
        deadline = time.monotonic() + patience_seconds
        while b"\n" not in held:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(pipe, 1 << 16) if ready else b""
            if not piece:
                return
            held += piece
        line, held = held.split(b"\n", 1)
        yield line


def _reading(job: ReadJob, answer: Mapping[str, Any]) -> Reading:
    if "fault" in answer:
        raise ReadingFaultError(f"{job.source_file} could not be read: {answer['fault']}")
    if "traceback" in answer:
        log.error("%s: reading it ended in an error\n%s", job.source_file, answer["traceback"])
    if "sheets" not in answer:
        return _refused(job, answer["refusal"])
    sheets = tuple(answer["sheets"])
    physical = sum(sheet["physical_rows"] for sheet in sheets)
    parsed = sum(sheet["parsed_rows"] for sheet in sheets)
    return Reading(job.delivery_id, Path(job.destination), physical, parsed, sheets, None)


def _refused(job: ReadJob, why: str) -> Reading:
    return Reading(job.delivery_id, None, 0, 0, (), why)
