"""The process that turns HTML into PDF; started by `clinic.pdf.process`, talks over its pipes."""

from __future__ import annotations

import logging
import os
import resource
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

MEMORY = 2 * 1024**3
OWN = "clinic:"
STYLES = Path(__file__).resolve().parents[1] / "static" / "print"


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
    """One tagged PDF."""
    from weasyprint import HTML

    fetcher = fetcher_class()(allowed_protocols={"data", "clinic"})
    document = HTML(string=html, base_url=None, url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return pdf


def main() -> None:
    """Answer documents until the pipe closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    reading, writing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while head := reading.read(4):
        body = reading.read(struct.unpack(">I", head)[0])
        _answer(writing, body.decode())


def _answer(writing: BinaryIO, html: str) -> None:
    try:
        ok, answer = 1, render(html)
    except (Refused, ValueError, OSError, MemoryError, RecursionError) as error:
        ok, answer = 0, type(error).__name__.encode()
    writing.write(struct.pack(">BI", ok, len(answer)) + answer)
    writing.flush()


if __name__ == "__main__":
    main()
