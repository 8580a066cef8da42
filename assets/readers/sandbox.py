"""The reading process: one light parent whose files are read by limited children.

Run as `python -m assets.readers.sandbox`. Each line of standard input names a file with one JSON object per
line, first the limits, then the jobs; a line that says so greets it on standard output, and for each job one
line of JSON follows, in the same order. The parent imports once and stays single-threaded. A child reads under
limits of memory, CPU time, wall-clock time and output. To fork and warm one costs several times what a small file
does, so a child goes on to the next few small files, as long as all goes well. What does not go well ends it and is
tried once more by a new child: no file is refused but by a child that has read nothing else, and whatever kills a
child is said of its file alone.

pyarrow imports numpy where it finds it, which costs five times what pyarrow costs and starts threads; nothing
here needs it, so it is shut out of this process. A child that reads an SDMX file is the exception: it lets numpy
in again for itself, because pysdmx works with pandas, and pays for both out of its own limits.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from assets.readers.read_jobs import Limits, RefusedFileError, Sheet

if TYPE_CHECKING:  # pyarrow is not to be imported before numpy is shut out
    from assets.readers.raw import RawWriter

    Reader = Callable[[BinaryIO, Mapping[str, Any], Limits, RawWriter], list[Sheet]]

SPLIT = "Split it into smaller files, or ask the data team to raise the limit."
SAVE_AGAIN = "Open the file in the program that made it, save it again and send the new copy."

_FAULTS_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EIO,
     errno.EMFILE, errno.ENFILE}
)  # fmt: skip
_BYTES_OF_A_CHILD = 1 << 20
"""Files together up to this size are read by one child; a larger one has a child of its own."""
_BEAT_SECONDS = 0.5
_ANSWER_BYTES = 1 << 22


def main() -> None:
    """Serve what standard input asks until it ends, or until the process that asked is gone."""
    asked = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not land among the answers
    _import_once()
    asker = os.getppid()
    gc.freeze()
    for name in asked:
        with open(name.rstrip(b"\n"), "rb") as file:  # noqa: PTH123 - plain paths in the reading process
            first, *jobs = file.read().splitlines()
        limits = Limits(**json.loads(first))
        answers.write(b'{"ready": true}\n')
        for answer in _answers(deque(map(json.loads, jobs)), limits, asker, answers):
            answers.write(json.dumps(answer).encode() + b"\n")


def _import_once() -> None:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # Python's own way to say: not to be imported
    import pyarrow as pa

    import assets.readers.csv
    import assets.readers.xlsx  # noqa: F401 - imported before the forks, so that no child pays for it

    pa.set_cpu_count(1)


def _answers(jobs: deque[Mapping[str, Any]], limits: Limits, asker: int, asked: BinaryIO) -> Iterator[dict[str, Any]]:
    """Say what became of each file, in the order of the jobs."""
    while jobs:
        is_first = True
        for answer in _in_child(_first_few(jobs), limits, asker, asked):
            if "sheets" not in answer:
                _remove_leftovers(jobs[0])
            if "sheets" in answer or is_first:
                yield {"delivery_id": jobs.popleft()["delivery_id"], **answer}
            is_first = False


def _first_few(jobs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    few: list[Mapping[str, Any]] = []
    size = 0
    for job in jobs:
        with suppress(OSError):
            size += os.stat(job["source"]).st_size  # noqa: PTH116 - plain paths in the reading process
        if few and size > _BYTES_OF_A_CHILD:
            break
        few.append(job)
    return few


def _in_child(
    jobs: Sequence[Mapping[str, Any]], limits: Limits, asker: int, answers: BinaryIO
) -> Iterator[dict[str, Any]]:
    """Read files in a child, up to the first that cannot be read, and say what became of each."""
    reading_end, writing_end = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading_end)
            answers.close()
            _become_limited(limits)
            with os.fdopen(writing_end, "wb") as pipe:
                _read_while_well(jobs, limits, pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(writing_end)
    lines = _lines(reading_end, child, limits, asker)
    for _ in jobs:
        line, out_of_time = next(lines)
        answer = json.loads(line) if line is not None else {}
        if "sheets" not in answer:
            break
        yield answer
    os.close(reading_end)
    if out_of_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if "sheets" not in answer:
        yield answer or {"refusal": _what_killed(status, out_of_time, limits)}


def _read_while_well(jobs: Sequence[Mapping[str, Any]], limits: Limits, pipe: BinaryIO) -> None:
    for job in jobs:
        answer = _read(job, limits)
        pipe.write(json.dumps(answer).encode() + b"\n")
        pipe.flush()
        if "sheets" not in answer:
            return


def _remove_leftovers(job: Mapping[str, Any]) -> None:
    for leftover in (job["destination"], job["destination"] + ".part"):
        with suppress(FileNotFoundError):
            os.unlink(leftover)  # noqa: PTH108 - plain paths in the reading process


def _lines(pipe: int, child: int, limits: Limits, asker: int) -> Iterator[tuple[bytes | None, bool]]:
    """Yield what the child says, line by line; last None, and whether its time for one file ran out."""
    held = b""
    while True:
        deadline = time.monotonic() + limits.wall_seconds
        while b"\n" not in held:
            left = deadline - time.monotonic()
            if left <= 0 or len(held) > _ANSWER_BYTES:
                yield None, left <= 0
                return
            ready, _, _ = select.select([pipe], [], [], min(left, _BEAT_SECONDS))
            if ready:
                piece = os.read(pipe, 1 << 16)
                if not piece:
                    yield None, False
                    return
                held += piece
            elif os.getppid() != asker:
                os.kill(child, signal.SIGKILL)
                sys.exit("the process that asked is gone")
        line, _, held = held.partition(b"\n")
        yield line, False


def _become_limited(limits: Limits) -> None:
    """Give the running process the limits of a child; the kernel holds them from here on."""
    gc.disable()  # a child lives for a few files, and millions of small lists would be walked again and again
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for name, soft, hard in (
        ("RLIMIT_CORE", 0, 0),
        ("RLIMIT_AS", limits.memory_bytes, limits.memory_bytes),
        ("RLIMIT_CPU", limits.cpu_seconds, limits.cpu_seconds + 2),
        ("RLIMIT_FSIZE", limits.output_bytes, limits.output_bytes),
    ):
        if name == "RLIMIT_AS" and os.uname().sysname != "Linux":
            continue  # elsewhere it cannot be set below what a process has reserved without ever using it
        kind = getattr(resource, name)
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))


def _read(job: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """Read one file; every way to fail becomes a sentence, except the machine's own faults."""
    from assets.readers.raw import RawWriter

    form = job["form"]
    try:
        with open(job["source"], "rb") as file:  # noqa: PTH123 - plain paths in the reading process
            size = os.fstat(file.fileno()).st_size
            _refuse_by_size(size, limits)
            writer = RawWriter(job["destination"], job["delivery_id"], job["source_file"])
            sheets = _reader(form["reader"])(file, form, limits, writer)
            _refuse_lost_rows(sheets)
            writer.finish()
    except RefusedFileError as refused:
        return {"refusal": str(refused)}
    except MemoryError:
        return {"refusal": _out_of_memory(limits)}
    except OSError as error:
        if error.errno == errno.EFBIG:  # from RLIMIT_FSIZE
            return {"refusal": f"what it holds takes more than {_size(limits.output_bytes)} to keep. {SPLIT}"}
        if error.errno in _FAULTS_OF_THE_MACHINE:
            return {"fault": f"{type(error).__name__}: {error}"}
        return {"refusal": _given_up(form, error)}
    except BaseException as error:  # noqa: BLE001 - panics of parsers written in Rust are BaseExceptions
        return {"refusal": _given_up(form, error), "traceback": traceback.format_exc()}
    return {"sheets": sheets}


def _refuse_lost_rows(sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        there, read = sheet["physical_rows"], sheet["parsed_rows"]
        if there != read:
            where = f"sheet '{sheet['name']}'" if sheet["name"] else "the file"
            raise RefusedFileError(f"{where} has {there} rows that are not empty, and {read} were read. {SAVE_AGAIN}")


def _given_up(form: Mapping[str, Any], error: BaseException) -> str:
    message = " ".join(str(error).split())[:200]
    return f"the {form['reader']} reader gave up on it ({type(error).__name__}: {message}). {SAVE_AGAIN}"


def _reader(name: str) -> Reader:
    if name == "csv":
        from assets.readers.csv import read_csv

        return read_csv
    if name == "xlsx":
        from assets.readers.xlsx import read_xlsx

        return read_xlsx
    if name == "sdmx":
        from assets.readers.sdmx import read_sdmx

        return read_sdmx
    if name == "jsonstat":
        from assets.readers.json_stat import read_json_stat

        return read_json_stat
    if name == "px":
        from assets.readers.px import read_px

        return read_px
    raise LookupError(f"there is no reader '{name}'")


def _refuse_by_size(size: int, limits: Limits) -> None:
    if size == 0:
        raise RefusedFileError("the file is empty (0 bytes). Send it again, with its rows.")
    if size > limits.file_bytes:
        raise RefusedFileError(f"the file has {_size(size)}, more than the {_size(limits.file_bytes)} allowed. {SPLIT}")


def _what_killed(status: int, out_of_time: bool, limits: Limits) -> str:
    """Why a child ended before it answered."""
    if out_of_time:
        return f"reading it took longer than {limits.wall_seconds:g} s. {SPLIT}"
    if not os.WIFSIGNALED(status):
        return f"the reading process ended without an answer. {SAVE_AGAIN}"
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return f"reading it took more than {limits.cpu_seconds} s of computing. {SPLIT}"
    if number == signal.SIGABRT:
        return (
            f"the parser aborted (SIGABRT), as it does when a file asks for more than {_size(limits.memory_bytes)} of "
            "memory, for instance a sheet with a filled cell far away from the others. Delete what lies outside the "
            "table, save the file again and send the new copy."
        )
    return f"the parser crashed on it ({signal.Signals(number).name}). {SAVE_AGAIN}"


def _out_of_memory(limits: Limits) -> str:
    return f"reading it takes more than the {_size(limits.memory_bytes)} of memory allowed. {SPLIT}"


def _size(count: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count} bytes"


if __name__ == "__main__":
    main()
