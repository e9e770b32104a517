"""Sets of code ranks: kept as bytes, worked with as one large integer whose bit n is rank n.

Rare words are kept as a list of numbers and frequent ones as a bitmap, whichever is smaller; joining two
words of 98,000 codes is then one AND of 12 kB, some microseconds.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator

_LIST, _BITMAP = b"\x00", b"\x01"


def pack(ranks: Iterable[int], size: int) -> bytes:
    """Ranks as bytes; `size` is the number of codes in the list."""
    numbers = array("I", ranks)
    if len(numbers) * 4 > size // 8:
        return _BITMAP + _bits(numbers, size)
    if sys.byteorder == "big":
        numbers.byteswap()
    return _LIST + numbers.tobytes()


def union(packed: Iterable[bytes], size: int) -> int:
    """All ranks of several packed sets."""
    total = 0
    scattered = array("I")
    for item in packed:
        if item[:1] == _BITMAP:
            total |= int.from_bytes(item[1:], "little")
        else:
            scattered.frombytes(item[1:])
    if sys.byteorder == "big":
        scattered.byteswap()
    return total | int.from_bytes(_bits(scattered, size), "little") if scattered else total


def in_order(bits: int) -> Iterator[int]:
    """The ranks of a set, the lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _bits(numbers: array[int], size: int) -> bytes:
    field = bytearray(size // 8 + 1)
    for number in numbers:
        field[number >> 3] |= 1 << (number & 7)
    return bytes(field)
