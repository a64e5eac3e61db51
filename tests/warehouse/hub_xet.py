"""What hf_xet uploads, read back: files as runs of chunks (a shard), and the chunks themselves (a xorb).

A xorb is chunk after chunk: version, packed size (3 bytes), scheme, size (3 bytes), then the chunk, as it is or as
an LZ4 frame. A shard begins with a header of 48 bytes; then come records of 48 bytes for each file: its head, its
runs, for each run a checksum if the head's flags say so, and at last, again by flag, the sha256 of the file.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pyarrow as pa

from tests.warehouse.hub_repositories import Refused

_RECORD = 48
_CHECKSUMS, _SHA256 = 1 << 31, 1 << 30


class Run(NamedTuple):
    xorb: str
    start: int
    end: int


def chunks(xorb: bytes) -> list[bytes]:
    found = []
    while xorb:
        packed, size = (int.from_bytes(xorb[at : at + 3], "little") for at in (1, 5))
        scheme, data, xorb = xorb[4], xorb[8 : 8 + packed], xorb[8 + packed :]
        if scheme not in (0, 1):
            raise Refused(400, f"chunks are plain or LZ4 here, not of scheme {scheme}")
        found.append(pa.Codec("lz4").decompress(data, size, asbytes=True) if scheme else data)
    return found


def files(shard: bytes) -> Iterator[tuple[str, list[Run]]]:
    """The sha256 of each file, and its runs of chunks."""
    at = _RECORD
    while shard[at : at + 32] != b"\xff" * 32:
        flags, count = struct.unpack_from("<II", shard, at + 32)
        if not flags & _SHA256:
            raise Refused(400, "each file comes with its sha256")
        runs = [_run(shard, at + _RECORD * (number + 1)) for number in range(count)]
        at += _RECORD * (1 + count + (count if flags & _CHECKSUMS else 0))
        yield _hex(shard, at), runs
        at += _RECORD


def content(runs: list[Run], xorbs: Mapping[str, bytes]) -> bytes:
    return b"".join(b"".join(chunks(xorbs[run.xorb])[run.start : run.end]) for run in runs)


def _run(shard: bytes, at: int) -> Run:
    start, end = struct.unpack_from("<II", shard, at + 40)
    return Run(_hex(shard, at), start, end)


def _hex(shard: bytes, at: int) -> str:
    """A hash as xet writes it: four little-endian numbers of 8 bytes."""
    return "".join(f"{number:016x}" for number in struct.unpack_from("<4Q", shard, at))
