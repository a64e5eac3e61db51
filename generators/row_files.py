"""The rows of a file that somebody else wrote: JSONL or Parquet, read one at a time, within bounds.

Which of the two it is, its first bytes say. A null stands for a key that is absent, as it does in Parquet.
"""

import json
import stat
from collections.abc import Iterator
from decimal import Decimal
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

from curriculum.errors import InputError
from generators.row_values import found, without_nulls

LONGEST_LINE = 32 * 2**20  # bytes
_BATCH = 256  # rows of Parquet held at a time
_PARQUET = b"PAR1"
_BOM = b"\xef\xbb\xbf"  # with which some editors begin UTF-8


class BadImport(InputError):
    """A file of problems breaks a rule; the message names file and line (of Parquet, row), rule and value."""


class Row(NamedTuple):
    """One row and the place that a message about it names, such as `runs.jsonl, line 7`."""

    place: str
    values: dict[str, Any]


def read_rows(file: Path) -> Iterator[Row]:
    """The rows in order, blank lines of JSONL left out; BadImport at the first that cannot be read."""
    with open_regular(file) as stream:
        if stream.read(len(_PARQUET)) == _PARQUET:
            yield from _parquet_rows(file, stream)
        else:
            stream.seek(0)
            yield from _jsonl_rows(file, stream)


def open_regular(file: Path) -> BufferedReader:
    """The file for reading. BadImport unless it can be read, and read again."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise BadImport(f"{file}: an import reads its file more than once, so it takes a regular file")
        return file.open("rb")
    except OSError as error:
        raise BadImport(f"{file}: an import is a readable file: {error.strerror}") from error


def bounded_lines(stream: BufferedReader) -> Iterator[bytes | None]:
    """The lines without their ends; None for one beyond LONGEST_LINE, which is never held whole."""
    if stream.peek(len(_BOM)).startswith(_BOM):
        stream.read(len(_BOM))
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) <= LONGEST_LINE or line.endswith(b"\n"):
            yield line.rstrip(b"\r\n")
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
        yield None


def parse_object(line: bytes | None) -> dict[str, Any]:
    """The JSON object of one line, its numbers exact, without nulls; ValueError states rule and value."""
    if line is None:
        raise ValueError(f"a line has at most {LONGEST_LINE:,} bytes; found more")
    try:
        value = json.loads(line.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"a line is UTF-8; found the byte 0x{line[error.start]:02x} at {error.start}"
        ) from None
    except RecursionError:
        raise ValueError("a line is one JSON object; found one that nests too deep to be read") from None
    except (ValueError, ArithmeticError) as error:
        reason = str(error) or "a number beyond any bound"
        raise ValueError(f"a line is one JSON object; found {found(line.decode())}: {reason}") from None
    if not isinstance(value, dict):
        raise ValueError(f"a line is one JSON object; found {found(value)}")
    return without_nulls(value)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _jsonl_rows(file: Path, stream: BufferedReader) -> Iterator[Row]:
    for number, line in enumerate(bounded_lines(stream), 1):
        if line is None or line.strip():
            place = f"{file}, line {number}"
            try:
                yield Row(place, parse_object(line))
            except ValueError as error:
                raise BadImport(f"{place}: {error}") from None


def _parquet_rows(file: Path, stream: BufferedReader) -> Iterator[Row]:
    number = 0
    try:
        for batch in pq.ParquetFile(stream).iter_batches(_BATCH):
            for values in batch.to_pylist():
                number += 1
                yield Row(f"{file}, row {number}", without_nulls(values))
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadImport(f"{file}: Parquet that can be read, after row {number}: {reason}") from error
