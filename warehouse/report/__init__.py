"""The report of a home: one self-contained HTML page, a summary for the terminal, and Markdown.

They read the catalog alone and add nothing to it. Two builds of one catalog are equal byte for byte.
"""

from warehouse.report.markdown import markdown
from warehouse.report.page import build
from warehouse.report.terminal import summary

__all__ = ["build", "markdown", "summary"]
