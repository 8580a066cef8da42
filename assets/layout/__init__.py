"""Raw cells into rows of a contract's fields: where the table lies in the file, and which column is what.

Every physical row is classified: a row of data, or set aside as title, unit line, header, numbering, heading
(a line inside the table without any value), total, footer, and of SDMX observations those out of scope; the classes
add up to what the file holds, or that is a finding. Nothing is cast here: values stay text, less the spaces around
them, in composed Unicode (NFC), but what is written once for several rows is said in each, percentages lose their sign,
and periods become their codes.

`headers` finds the header and says which column is which field, `tables` lays out sheets, `observations` SDMX, `totals`
adds up parts, `repeated_values` fills merged cells and ditto marks, `number_forms` and `units` look at how numbers and
units are written, `titles` at periods above the table, `missing_values` tells blank cells from marks for what is
missing, `columns` does the work on whole columns. Reads no files: see `assets.readers` for that.
"""

from __future__ import annotations

from assets.layout.missing_values import with_missing_values_apart
from assets.layout.parsed_rows import ParsedRows, lay_out

__all__ = ["ParsedRows", "lay_out", "with_missing_values_apart"]
