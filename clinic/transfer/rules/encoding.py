"""What kind of file it is, and in which characters it is written."""

from __future__ import annotations

import codecs
from typing import IO

from clinic.core.errors import N_, Invalid

ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows-1252 (Latin-1)",
    "iso8859-15": "Latin-9 (ISO 8859-15)",
    "utf-16": "UTF-16",
    "cp850": "DOS 850",
    "mac-roman": "Macintosh",
}
"""What a text may be written in, by the name that Python knows it by."""

EMPTY = N_("This file is empty.")
OLD_EXCEL = N_("This is an Excel file of before 2007 (.xls); open it and save it as .xlsx or CSV.")
PROTECTED = N_("This workbook is locked by a password; save it without one.")
NOT_A_LIST = N_("This is no list of people that can be read (%(what)s). Use CSV, TSV, XLSX, or FHIR as JSON or NDJSON.")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = (
    (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"), (b"7z\xbc\xaf", "7-Zip"), (b"Rar!", "RAR"), (b"SQLite format 3", "SQLite"),
    (b"MZ", "EXE"), (b"\x7fELF", "ELF"), (b"<!DOCTYPE", "HTML"), (b"<html", "HTML"), (b"<?xml", "XML"),
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0"
_SAMPLE = 65536
_PIECE = 1024 * 1024
_CONTROLS = [bytes([code]) for code in range(1, 32) if code not in (9, 10, 12, 13, 26)]


def kind_of(start: bytes, name: str) -> str:
    """What a file is by its first bytes: "sheet" (XLSX), "fhir" or "text".

    Its name only decides between FHIR and text. Raises Invalid with a plain reason for anything else.
    """
    if not start.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Invalid(EMPTY, field="file")
    if start.startswith(b"PK"):
        return "sheet"
    if start.startswith(_OLE):
        locked = "E\0n\0c\0r\0y\0p\0t\0e\0d\0".encode("ascii") in start
        raise Invalid(PROTECTED if locked else OLD_EXCEL, field="file")
    for mark, what in _OTHERS:
        if start.startswith(mark):
            raise Invalid(NOT_A_LIST, field="file", what=what)
    bare = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if name.lower().endswith((".json", ".ndjson", ".jsonl")) or bare.startswith((b"{", b"[{", b"[\n", b"[\r")):
        return "fhir"
    return "text"


def encoding_of(file: IO[bytes]) -> str:
    """The encoding of a whole text: by its mark, its zeros, or whether it is UTF-8; else Windows-1252.

    Raises Invalid for what is no text at all.
    """
    file.seek(0)
    sample = file.read(_SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    wide = _without_mark(sample)
    if wide:
        return wide
    odd = sum(sample.count(byte) for byte in _CONTROLS)
    if odd > len(sample) * 0.02 or sample.count(0) > len(sample) * 0.1:
        raise Invalid(NOT_A_LIST, field="file", what=sample[:4].hex(" "))
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _without_mark(sample: bytes) -> str:
    """UTF-16 without its mark has a zero in every other byte of a text in Latin letters."""
    half = len(sample) // 2
    if half < 2:
        return ""
    even, odd = sample[0 : half * 2 : 2].count(0), sample[1 : half * 2 : 2].count(0)
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    return ""
