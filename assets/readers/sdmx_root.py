"""What kind of SDMX a file is, by its first element, and what a person who downloaded another kind can do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from assets.readers.read_jobs import Limits, RefusedFileError
from assets.readers.xml_safely import parse_safely

_SPECIFIC = frozenset({"StructureSpecificData", "StructureSpecificTimeSeriesData"})
_GENERIC = frozenset({"GenericData", "GenericTimeSeriesData"})
_VERSION = re.compile(r"sdmxml/schemas/v(\d)_(\d)/", re.IGNORECASE)
_CHOOSE = (
    "Where it was downloaded choose 'SDMX-ML 2.1 structure-specific data', 'SDMX-ML 2.1 generic data' or 'SDMX-CSV' "
    "(in an address by format=…), and send that."
)


@dataclass(frozen=True)
class Root:
    """The name of the first element, and the version of SDMX that its namespaces name ("" where they name none)."""

    name: str
    version: str

    @property
    def is_generic(self) -> bool:
        """Whether it is generic data."""
        return self.name in _GENERIC

    @property
    def is_of_sdmx_3(self) -> bool:
        """Whether it is of SDMX 3.x."""
        return self.version.startswith("3")


class _RootFoundError(Exception):
    """Ends the look at a file once its first element is known."""

    def __init__(self, root: Root) -> None:
        super().__init__(root)
        self.root = root


class _FirstElement:
    def start(self, name: str, attributes: dict[str, str]) -> None:
        found = _VERSION.search(" ".join(attributes.values()))
        raise _RootFoundError(Root(name, f"{found[1]}.{found[2]}" if found else ""))

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


def root_of(file: BinaryIO, limits: Limits) -> Root:
    """Return the root of a file of data that can be read; raises RefusedFileError for any other."""
    beginning = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    file.seek(0)
    if beginning.startswith((b"{", b"[")):
        raise RefusedFileError(f"the file is JSON (SDMX-JSON perhaps), not SDMX-ML. {_CHOOSE}")
    try:
        parse_safely(file, "the SDMX file", _FirstElement(), limits.xml_depth)
    except _RootFoundError as found:
        root = found.root
    file.seek(0)
    if root.version != "2.0" and root.name in _SPECIFIC | _GENERIC:
        return root
    if root.name == "Structure":
        what = "the structure of SDMX data (its lists of codes) without data. Download the data themselves"
    elif root.name == "Error":
        what = "the answer of a service that could not give the data. Download it again, or fewer series at a time"
    elif root.version == "2.0" or root.name in ("CompactData", "UtilityData", "CrossSectionalData"):
        what = f"'{root.name}' of SDMX 2.0, which is too old to be read"
    else:
        what = f"'{root.name}', not SDMX-ML structure-specific data or generic data"
    raise RefusedFileError(f"the file is {what}. {_CHOOSE}")
