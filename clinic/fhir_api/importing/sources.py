"""Reading files: a JSON value, a list of them, or one on each line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from clinic.core.json import BadJson
from clinic.fhir_api.body import read_json
from clinic.fhir_api.errors import Refused

LONGEST_FILE = 1024 * 1024 * 1024
LONGEST_LINE = 64 * 1024 * 1024
_LINED = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")


@dataclass(frozen=True)
class Item:
    """One JSON value of a file with its place, or the reason why there is none."""

    place: str
    value: Any = None
    fault: str = ""


def items_of(path: Path) -> Iterator[Item]:
    """Every value of a file; what cannot be read is an item with a fault."""
    try:
        with _open(path) as file:
            yield from items_in(path.name, file)
    except (OSError, EOFError, zlib.error) as error:
        yield Item(path.name, fault=f"the file cannot be read ({type(error).__name__})")


def items_in(name: str, file: IO[bytes]) -> Iterator[Item]:
    """Every value of an open file, by the ending of its name."""
    if name.endswith(_LINED):
        yield from _lines(name, file)
    else:
        yield from _whole(name, file.read(LONGEST_FILE + 1))


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def _whole(name: str, raw: bytes) -> Iterator[Item]:
    if len(raw) > LONGEST_FILE:
        yield Item(name, fault="the file is larger than 1 GiB; split it into lines (NDJSON)")
        return
    item = _read(name, raw)
    if item.fault and raw.strip().count(b"\n"):
        lines = raw.splitlines(keepends=True)
        first = next(line for line in lines if line.strip())
        if not _read(name, first).fault:
            yield from _each(name, lines)
            return
    if isinstance(item.value, list):
        yield from (Item(f"{name}[{at}]", value) for at, value in enumerate(item.value))
        return
    yield item


def _lines(name: str, file: IO[bytes]) -> Iterator[Item]:
    def pieces() -> Iterator[bytes]:
        while piece := file.readline(LONGEST_LINE + 1):
            yield piece

    yield from _each(name, pieces())


def _each(name: str, lines: Iterator[bytes] | list[bytes]) -> Iterator[Item]:
    for number, line in enumerate(lines, start=1):
        place = f"{name}:{number}"
        if len(line) > LONGEST_LINE:
            yield Item(place, fault="the line is longer than 64 MiB")
            return
        if line.strip():
            yield _read(place, line)


def _read(place: str, raw: bytes) -> Item:
    try:
        return Item(place, read_json(raw))
    except Refused as error:
        return Item(place, fault=str(error))
    except BadJson as error:
        return Item(place, fault=str(error))
