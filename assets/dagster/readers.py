"""The reading process as a Dagster resource: one for the length of a run, whatever number of feeds it reads."""

import contextlib
from collections.abc import Iterator

import dagster as dg
from pydantic import PrivateAttr

from assets.readers import ReadingProcess


class ReadersResource(dg.ConfigurableResource):
    """Reads files from outside in a process apart (see `assets.readers`), which starts with the first new file."""

    _process: ReadingProcess = PrivateAttr(default_factory=ReadingProcess)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["ReadersResource"]:
        """Keep the process for the length of a run, and no longer."""
        with contextlib.closing(self._process):
            yield self

    @property
    def process(self) -> ReadingProcess:
        """The process."""
        return self._process
