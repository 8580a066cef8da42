"""What the person who made a file is told about it: one line for each cause, and the file with its cells marked.

`clerk_lines` puts findings into words (`answers.yml`, `refusals_in_vietnamese.yml`), Vietnamese first;
`marked_workbook` writes the workbook and knows nothing of what the words say, `marked_deliveries` brings the two
together.
"""

from __future__ import annotations

from assets.answers.clerk_lines import answer_lines

__all__ = ["answer_lines"]
