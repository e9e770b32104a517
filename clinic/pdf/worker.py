"""The process that turns HTML into PDF; started by `clinic.pdf.process`, talks over its pipes."""

from __future__ import annotations

import logging
import math
import os
import resource
import select
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

MEMORY = 2 * 1024**3
OWN = "clinic:"
STYLES = Path(__file__).resolve().parents[1] / "static" / "print"
ROLL = "data-roll"
"""On the html element: the width in millimetres of a roll of paper; the page then ends after the element `end`."""
_LONGEST_ROLL = 4000
_FOOT = 6
_MM = 96 / 25.4


class Refused(ValueError):
    """The document names something outside itself."""


def fetcher_class() -> type:
    """A URL fetcher that knows our own style sheets and inline pictures, and denies everything else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurs(URLFetcher):  # type: ignore[misc]
        """Denies every address but `clinic:NAME.css` and `data:image/...`."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:image/"):
                return super().fetch(url, headers)
            name = url.removeprefix(OWN)
            if url.startswith(OWN) and name.isascii() and name.replace("-", "").replace(".css", "").isalnum():
                text = (STYLES / name).read_text(encoding="utf-8")
                return URLFetcherResponse(url, text.encode(), {"Content-Type": "text/css"})
            raise Refused("the document names an address outside itself")

    return OnlyOurs


def render(html: str) -> bytes:
    """One tagged PDF; the same HTML gives the same bytes."""
    from weasyprint import HTML

    fetcher = fetcher_class()(allowed_protocols={"data", "clinic"})
    source = HTML(string=html, base_url=None, url_fetcher=fetcher)
    variant = {"pdf_variant": "pdf/ua-1", "pdf_tags": True}
    roll = source.etree_element.get(ROLL, "")
    if roll:
        return _on_roll(source, int(roll)).write_pdf(**variant)
    pdf: bytes = source.write_pdf(**variant)
    return pdf


def _on_roll(source: Any, wide: int) -> Any:
    """The document on a page as long as its content: laid out once on a very long page, then cut to length."""
    long = source.render(stylesheets=[_page(wide, _LONGEST_ROLL)])
    ends = [box for box in long.pages[0]._page_box.descendants() if box.element is not None and _is_end(box)]  # noqa: SLF001
    if len(long.pages) > 1 or not ends:
        return long
    last = max(box.position_y + box.margin_height() for box in ends)
    return source.render(stylesheets=[_page(wide, math.ceil(last / _MM + _FOOT + 0.1))])


def _is_end(box: Any) -> bool:
    return bool(box.element.get("id") == "end")


def _page(wide: int, tall: float) -> Any:
    from weasyprint import CSS

    return CSS(string=f"@page{{size:{wide}mm {tall}mm !important}}")


def main() -> None:
    """Answer documents until the pipe closes or nothing was asked for the given number of seconds."""
    quiet = float(sys.argv[1]) if len(sys.argv) > 1 else None
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    reading, writing = os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while select.select([reading], [], [], quiet)[0]:
        head = _read(reading, 4)
        if len(head) < 4:
            return
        _answer(writing, _read(reading, struct.unpack(">I", head)[0]).decode())


def _read(reading: Any, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = reading.read(min(size, 1 << 20))
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _answer(writing: BinaryIO, html: str) -> None:
    try:
        ok, answer = 1, render(html)
    except (Refused, ValueError, OSError, MemoryError, RecursionError) as error:
        ok, answer = 0, type(error).__name__.encode()
    writing.write(struct.pack(">BI", ok, len(answer)) + answer)
    writing.flush()


if __name__ == "__main__":
    main()
