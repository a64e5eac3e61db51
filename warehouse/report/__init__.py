"""The report of a home: one self-contained HTML page, and a summary for the terminal.

Both read the catalog alone and add nothing to it. Two builds of one catalog are equal byte for byte.
"""

from warehouse.report.page import build
from warehouse.report.terminal import summary

__all__ = ["build", "summary"]
