"""Keeps what was read of the declarations, as Python keeps what it has compiled: beside the code, in `__pycache__`.

What is kept holds for the same bytes in the same files, read by the same code and the same Python, and for nothing
else: every file is looked at, whatever its time says. Where it cannot be written, or not be read, everything is read
as if nothing had been kept. `PYTHONDONTWRITEBYTECODE` is heeded.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def kept(name: str, root: Path, folders: Iterable[str], kind: type[T], read: Callable[[], T]) -> T:
    """Return what `read` makes of the files in some folders below `root`, or what it made of the same ones before.

    It is kept under its name. The code that reads is that beside the folders and that of this package.

    Raises whatever `read` raises; of a reading that fails nothing is kept.
    """
    cache_path = root / "__pycache__" / f"{name}.{sys.implementation.cache_tag}.pickle"
    stamp = _stamp(root, folders)
    # A broken file may raise anything; whoever could put a harmful one here could as well change the code beside it.
    with contextlib.suppress(Exception), cache_path.open("rb") as file:
        if file.read(len(stamp)) == stamp:
            value = pickle.load(file)
            if isinstance(value, kind):
                return value
    value = read()
    if not sys.dont_write_bytecode:
        _keep(cache_path, stamp + pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
    return value


def _stamp(root: Path, folders: Iterable[str]) -> bytes:
    """A digest of where the declarations are, of what they say, and of what reads them."""
    digest = hashlib.sha256(f"{sys.version}\n{root}\n".encode())
    code = sorted({*root.glob("*.py"), *Path(__file__).parent.glob("*.py")})
    for path in (*code, *(path for folder in folders for path in sorted((root / folder).rglob("*.*")))):
        if path.suffix != ".pyc" and path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.digest()


def _keep(cache_path: Path, content: bytes) -> None:
    """Write a file whole or not at all; without the right to write here, everything is read each time."""
    with contextlib.suppress(OSError):
        cache_path.parent.mkdir(exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=cache_path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(unfinished).replace(cache_path)
