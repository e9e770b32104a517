"""Pictures of the pages of kept documents.

A scanned page is the picture that lies on it. A page of text is drawn by poppler's `pdftoppm` where the machine has it,
in a process with little memory and time; without it there is no picture, and the document opens in the browser.
"""

from __future__ import annotations

import io
import resource
import shutil
import subprocess
import threading
from functools import cache
from typing import Any

from PIL import Image, UnidentifiedImageError

from clinic.web.images import FORMATS, MOST_PIXELS
from clinic.web.sheets import flat

_SECONDS = 10
_MEMORY = 1024**3
_AT_ONCE = threading.BoundedSemaphore(2)
PICTURES = ("image/jpeg", "image/png", "image/webp")


def page_picture(data: bytes, content_type: str, number: int, *, longest: int = 1400) -> bytes | None:
    """Page `number` (from 1) of a document as a JPEG; None when this machine cannot draw it. Never raises."""
    try:
        if content_type in PICTURES:
            picture = _opened(data) if number == 1 else None
        else:
            picture = _scanned(data, number) or _drawn(data, number, longest)
        return None if picture is None else _jpeg(picture, longest)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError, RecursionError):
        return None


def _opened(data: bytes) -> Image.Image | None:
    picture = Image.open(io.BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS:
        return None
    picture.load()
    return flat(picture)


def _jpeg(picture: Image.Image, longest: int) -> bytes:
    picture = picture.convert("RGB")
    picture.thumbnail((longest, longest))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _scanned(data: bytes, number: int) -> Image.Image | None:
    """The picture of a page that we made of one picture."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            page = pdf.pages[number - 1]
            held: Any = page.obj.get("/Resources", {})
            drawn: Any = held.get("/XObject", {})
            picture = drawn.get("/Paper")
            if picture is None or len(drawn) != 1 or picture.get("/Filter") != "/DCTDecode":
                return None
            found = _opened(picture.read_raw_bytes())
            turn = int(page.obj.get("/Rotate", 0))
            return found.rotate(-turn, expand=True) if found and turn else found
    except (pikepdf.PdfError, IndexError, KeyError, TypeError):
        return None


@cache
def _drawer() -> str | None:
    return shutil.which("pdftoppm")


def _drawn(data: bytes, number: int, longest: int) -> Image.Image | None:
    program = _drawer()
    if program is None or not _AT_ONCE.acquire(timeout=_SECONDS):
        return None
    command = [program, "-jpeg", "-f", str(number), "-l", str(number), "-scale-to", str(longest), "-singlefile", "-"]
    try:
        with subprocess.Popen(  # noqa: S603 a fixed program; the document comes by its pipe
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as drawing:
            resource.prlimit(drawing.pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            try:
                picture = drawing.communicate(data, timeout=_SECONDS)[0]
            except subprocess.TimeoutExpired:
                drawing.kill()
                return None
    finally:
        _AT_ONCE.release()
    return _opened(picture) if picture else None
