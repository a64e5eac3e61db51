"""Rows on their way in: mappings or an Arrow table, checked against the columns of their kind.

Nothing is guessed: a column too many, one too few, or a value of another type is refused
with the row that has it, before anything is written.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.errors import WrongRows
from warehouse.kinds import kinds

Rows: TypeAlias = Sequence[Mapping[str, object]] | pa.Table


def as_row(record: Any) -> dict[str, object]:
    """The fields of a flat record, by name; `dataclasses.asdict` looks for records within, ten times as long."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def to_table(kind: str, rows: Rows) -> pa.Table:
    """The rows as an Arrow table with exactly the columns that `schema/*.sql` gives the kind.

    Raises WrongRows for an unknown kind, a missing or unknown column, a wrong type, a null
    in a column that has none, or a sample that is there twice.
    """
    schema = kinds().get(kind)
    if schema is None:
        raise WrongRows(f"the kinds of shard are {', '.join(kinds())}; there is no {kind!r}")
    table = _cast(kind, rows, schema) if isinstance(rows, pa.Table) else _gather(kind, rows, schema)
    for field, column in zip(schema, table.columns, strict=True):
        if column.null_count and not field.nullable:
            raise WrongRows(f"{kind}.{field.name} is never null; {column.null_count} rows have no value")
    if kind == "samples":
        _check_once(table.column("key"))
    return table


def _check_once(keys: pa.ChunkedArray) -> None:
    """Each key once: all that is counted of samples would count the second one, too."""
    if pc.count_distinct(keys).as_py() < len(keys):
        twice = next(pair["values"] for pair in pc.value_counts(keys).to_pylist() if pair["counts"] > 1)
        raise WrongRows(f"samples.key is in a unit of work once; {twice!r} is there twice or more")


def _cast(kind: str, table: pa.Table, schema: pa.Schema) -> pa.Table:
    _check_columns(kind, table.column_names, schema, "the table")
    try:
        return table.select(schema.names).cast(schema)
    except (pa.ArrowException, ValueError) as error:
        raise WrongRows(f"{kind} has columns of fixed types: {error}") from error


def _gather(kind: str, rows: Sequence[Mapping[str, object]], schema: pa.Schema) -> pa.Table:
    for number, row in enumerate(rows):
        if len(row) != len(schema):  # a wrong name in the right number is found below
            _check_columns(kind, list(row), schema, f"row {number}")
    try:
        columns = list(zip(*map(itemgetter(*schema.names), rows), strict=True)) or [()] * len(schema)
    except KeyError:
        for number, row in enumerate(rows):
            _check_columns(kind, list(row), schema, f"row {number}")
        raise
    arrays = [_column(kind, field, values) for field, values in zip(schema, columns, strict=True)]
    return pa.table(arrays, schema=schema)


def _column(kind: str, field: pa.Field, values: Sequence[object]) -> pa.Array:
    try:
        return _converted(field, values)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        where, value = _first_unfit(field, values)
        raise WrongRows(f"{kind}.{field.name} is of type {field.type}; row {where} has {value!r}") from error


def _converted(field: pa.Field, values: Sequence[object]) -> pa.Array:
    if not pa.types.is_integer(field.type):
        return pa.array(values, field.type)
    found = pa.array(values)  # given the type, Arrow would make 1 of 1.5 without a word
    if not (pa.types.is_integer(found.type) or pa.types.is_null(found.type)):
        raise TypeError(f"{found.type} is not an integer")
    return found.cast(field.type)


def _first_unfit(field: pa.Field, values: Sequence[object]) -> tuple[int, object]:
    for number, value in enumerate(values):
        try:
            _converted(field, [value])
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            return number, value
    raise AssertionError("a column that does not convert has a value that does not")


def _check_columns(kind: str, names: Sequence[str], schema: pa.Schema, where: str) -> None:
    missing = [name for name in schema.names if name not in names]
    unknown = [name for name in names if name not in schema.names]
    if missing or unknown:
        found = [f"lacks {', '.join(missing)}"] * bool(missing)
        found += [f"also has {', '.join(unknown)}"] * bool(unknown)
        raise WrongRows(f"{kind} has the columns {', '.join(schema.names)}; {where} {' and '.join(found)}")
