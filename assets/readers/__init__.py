"""Files from outside into raw tables: every cell as text, nothing renamed, cast or dropped.

`csv`, `xlsx` and `sdmx` each read one kind of file and write one Parquet file; `raw` says what it looks like.
They run in `sandbox`, a process of its own: a legal workbook of 5 KB with two far cells aborts the best
parser there is, and nothing in the same process could catch that. `reading_process` is the entry point: it starts the
reading process and turns whatever becomes of a file, a crash included, into a `Reading`.

The parsing itself is left to libraries (the csv module, calamine, pysdmx; `xls`, `xlsb` and `ods` only look at what
calamine is then asked to read); ours is what they do not do: limits, what is
refused before a parser sees it, and counts that do without the parser.

What a cell means belongs to `assets.layout` and to the casts, not here. Inside the reading process nothing
heavy is imported: no Dagster, no pandas, no numpy; only the child that reads an SDMX file imports pysdmx, and
pandas and numpy with it.
"""

from __future__ import annotations

from assets.readers.read_jobs import Limits, Reading, ReadingFaultError, ReadJob, Sheet
from assets.readers.reading_process import ReadingProcess, read_deliveries

__all__ = ["Limits", "ReadJob", "Reading", "ReadingFaultError", "ReadingProcess", "Sheet", "read_deliveries"]
