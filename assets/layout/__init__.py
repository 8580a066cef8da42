"""Raw cells into rows of a contract's fields: where the table lies in the file, and which column is what.

Every physical row is classified: a row of data, or set aside as title, unit line, header, numbering, heading
(a line inside the table without any value), footer, and of SDMX observations those out of scope; the classes
add up to what the file holds, or that is a finding. Nothing is cast here: values stay text, less the spaces
around them, in composed Unicode (NFC). Periods become their codes.

`headers` finds the header and says which column is which field, `tables` lays out sheets, `observations`
SDMX, `nothings` tells blank cells from missing values, `columns` does the work on whole columns. Reads no
files: see `assets.readers` for that.
"""

from __future__ import annotations

from assets.layout.nothings import nothings_apart
from assets.layout.offered import Offered, lay_out

__all__ = ["Offered", "lay_out", "nothings_apart"]
