"""Reads a printed document back: words, tags, fonts, codes."""

from __future__ import annotations

import io
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pikepdf

MM = 72 / 25.4


def opened(document: bytes) -> pikepdf.Pdf:
    """The document as an object tree."""
    return pikepdf.open(io.BytesIO(document))


def words(document: bytes, page: int = 0) -> str:
    """The text in reading order, spaces folded; of one page (from 1) or of all."""
    only = ["-f", str(page), "-l", str(page)] if page else []
    done = subprocess.run(["pdftotext", "-raw", *only, "-", "-"], input=document, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def spoken(document: bytes) -> str:
    """The text in the order of the tags, as a reader for the blind speaks it; without heads and footers."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(document)
        file.flush()
        done = subprocess.run(["pdfinfo", "-struct-text", file.name], capture_output=True, check=True)
    lines = (line.strip() for line in done.stdout.decode().splitlines())
    return " ".join(" ".join(line[1:-1] for line in lines if line.startswith('"') and line.endswith('"')).split())


def pages(document: bytes) -> int:
    """How many pages."""
    with opened(document) as pdf:
        return len(pdf.pages)


def size_mm(document: bytes) -> tuple[float, float]:
    """Width and height of the first page in millimetres."""
    with opened(document) as pdf:
        left, bottom, right, top = (float(value) for value in pdf.pages[0].mediabox)
    return round((right - left) / MM, 1), round((top - bottom) / MM, 1)


def codes(document: bytes, dpi: int = 100) -> list[list[str]]:
    """What the QR codes of each page say, read from a picture of the page."""
    import zxingcpp
    from PIL import Image

    found = []
    for number in range(1, pages(document) + 1):
        wanted = ["pdftoppm", "-r", str(dpi), "-png", "-f", str(number), "-l", str(number), "-"]
        done = subprocess.run(wanted, input=document, capture_output=True, check=True)
        image = Image.open(io.BytesIO(done.stdout)).convert("L")
        formats = zxingcpp.BarcodeFormat.QRCode
        found.append(sorted(code.text for code in zxingcpp.read_barcodes(image, formats=formats)))
    return found


def fonts(document: bytes) -> dict[str, bool]:
    """The fonts by name without the subset's mark, and whether each is embedded."""
    with opened(document) as pdf:
        return {
            str(item.BaseFont).lstrip("/").partition("+")[2]: _embedded(item)
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/DescendantFonts" in item
        }


def _embedded(font: Any) -> bool:
    descriptor = font.DescendantFonts[0].FontDescriptor
    return any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def tags(document: bytes) -> list[tuple[str, str]]:
    """Every structure element in reading order: its name and the words for its picture."""

    def walk(element: Any) -> Iterator[tuple[str, str]]:
        if not isinstance(element, pikepdf.Dictionary):
            return
        if "/S" in element:
            yield str(element.S).lstrip("/"), str(element.get("/Alt", ""))
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            yield from walk(kid)

    with opened(document) as pdf:
        return list(walk(pdf.Root.StructTreeRoot))


def tag_names(document: bytes) -> list[str]:
    """The names of the structure elements in reading order."""
    return [name for name, _words in tags(document)]


def faults_of_tags(document: bytes) -> list[str]:
    """What a reader for the blind would stumble over; empty when all is well."""
    found = []
    with opened(document) as pdf:
        if not pdf.Root.get("/MarkInfo", {}).get("/Marked"):
            found.append("not tagged")
        if not str(pdf.Root.get("/Lang", "")):
            found.append("no language")
        if not str(pdf.docinfo.get("/Title", "")):
            found.append("no title")
        if not pdf.Root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
            found.append("title not shown")
    names = tag_names(document)
    levels = [int(name[1]) for name in names if len(name) == 2 and name[0] == "H" and name[1].isdigit()]
    if not levels or levels[0] != 1 or any(new > old + 1 for old, new in pairwise(levels)):
        found.append(f"headings {levels}")
    found += ["picture without words" for name, alt in tags(document) if name == "Figure" and not alt]
    if "Table" in names and "TH" not in names:
        found.append("table without headings")
    return found
