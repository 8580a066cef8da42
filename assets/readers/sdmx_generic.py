"""SDMX-ML 2.1 generic data: the same rows as of structure-specific data, streamed without pysdmx.

What stands in attributes there stands in elements here, each with its name: nothing has to be guessed, and pysdmx would
read the groups of a file only where all of them look alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from assets.readers.read_jobs import RefusedFileError

VALUE = "OBS_VALUE"
_GROUPS_AND_SERIES = ("Group", "Series", "Obs")


class GenericObservations:
    """The observations of a file, each with what its groups, its series and itself say."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.names: set[str] = set()
        self._dimensions: dict[str, str] = {}
        self._at_observation = ""
        self._groups: list[tuple[dict[str, str], dict[str, str]]] = []
        self._open: list[dict[str, str]] = []
        """What is known of the open group or series, and of the open observation."""
        self._group_key: dict[str, str] = {}
        self._in_group_key = False
        self._namespaces: dict[str, str] = {}
        self._is_declared = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of what an element says."""
        for prefix, namespace in attributes.items():
            self._is_declared |= prefix.startswith("xmlns") and namespace.lower().rstrip("/").endswith("/generic")
            if prefix.startswith("xmlns:") and self._namespaces.setdefault(prefix, namespace) != namespace:
                raise RefusedFileError(
                    f"the SDMX file uses the prefix {prefix[6:]} for two namespaces, and nobody can tell what is SDMX. "
                    "Export it again."
                )
        if name == "Structure" and "dimensionAtObservation" in attributes:
            self._dimensions[attributes.get("structureID", "")] = attributes["dimensionAtObservation"]
        elif name == "DataSet":
            self._at_observation = self._dimensions.get(attributes.get("structureRef", ""), "")
            self._groups = []
        elif name in _GROUPS_AND_SERIES:
            if not self._is_declared:
                raise RefusedFileError(
                    "the SDMX file declares no namespace of generic data, and nobody can tell what is SDMX. "
                    "Export it again."
                )
            self._open.append({})
            self._group_key = {}
        elif name == "GroupKey":
            self._in_group_key = True
        elif name == "Value" and self._open:
            self._set(attributes.get("id", ""), attributes.get("value", ""))
        elif name == "ObsDimension" and self._open:
            self._set(attributes.get("id") or self._at_observation or "TIME_PERIOD", attributes.get("value", ""))
        elif name == "ObsValue" and self._open:
            self._set(VALUE, attributes.get("value", ""))

    def end(self, name: str) -> None:
        """Close a group, a series or an observation."""
        if name == "GroupKey":
            self._in_group_key = False
        elif name == "Group":
            self._groups.append((self._group_key, self._open.pop()))
        elif name == "Series":
            self._open.pop()
        elif name == "Obs":
            self._end_observation()

    def text(self, data: str) -> None:
        """Pass over text: generic data says everything in attributes."""

    def _set(self, name: str, value: str) -> None:
        given = self._group_key if self._in_group_key else self._open[-1]
        if given.setdefault(name, value) != value:
            raise _given_twice(name)

    def _end_observation(self) -> None:
        row: dict[str, str] = {}
        for part in self._open:
            _add(row, part)
        for key, given in self._groups:
            if all(row.get(name) == value for name, value in key.items()):
                _add(row, given)
        self._open.pop()
        self.names |= row.keys()
        self.rows.append(row)


def _add(row: dict[str, str], part: Mapping[str, str]) -> None:
    for name, value in part.items():
        if row.setdefault(name, value) != value:
            raise _given_twice(name)


def _given_twice(name: str) -> RefusedFileError:
    return RefusedFileError(
        f"the SDMX file says {name} of an observation in two places, and not the same. Export it again, or as "
        "structure-specific data."
    )
