"""The reading process as a Dagster resource: one for the length of a run, whatever number of feeds it reads."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import PrivateAttr

if TYPE_CHECKING:
    from assets.readers import ReadingProcess


class ReadingProcessResource(dg.ConfigurableResource):
    """Reads files from outside in a process apart (see `assets.readers`), which starts with the first new file."""

    _process: Any = PrivateAttr(default=None)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["ReadingProcessResource"]:
        """Keep the process for the length of a run, and no longer."""
        from assets.readers import ReadingProcess

        with contextlib.closing(ReadingProcess()) as self._process:
            yield self

    @property
    def process(self) -> "ReadingProcess":
        """The process."""
        process: ReadingProcess = self._process
        return process
