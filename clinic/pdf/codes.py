"""Codes for scanners and pictures, each as a data address; codes are opaque: never a name or a record number."""

from __future__ import annotations

import base64
import functools
import io
import re

import segno

_OWN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLAIN_ID = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})")
_PAGE_CODE = re.compile(r"F:([A-Z0-9.-]{1,64}):(\d{1,4})")
_SHORT = 12
_TAIL = 8


@functools.lru_cache(maxsize=256)
def qr(text: str, wide: float = 19) -> str:
    """A QR code `wide` millimetres across as an SVG data address; for an opaque code only."""
    made = segno.make(text, error="m", micro=False)
    buffer = io.BytesIO()
    scale = round(wide / made.symbol_size(border=0)[0], 4)
    made.save(buffer, kind="svg", border=0, xmldecl=False, scale=scale, unit="mm")
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()


def page_code(code: str, page: int) -> str:
    """What the QR code of one page says, so that loose scans sort themselves: form code and page number.

    In capitals and without the dashes of our own ids, which keeps the squares large; `read_page_code` undoes it.
    """
    return f"F:{code.replace('-', '') if _OWN_ID.fullmatch(code) else code}:{page}".upper()


def read_page_code(text: str) -> tuple[str, int]:
    """The form code and the page that a scanned code stands for. Raises ValueError when it is none of ours."""
    match = _PAGE_CODE.fullmatch(text.upper())
    if not match:
        raise ValueError("not the code of a printed form")
    code = match[1].lower()
    plain = _PLAIN_ID.fullmatch(code)
    return ("-".join(plain.groups()) if plain else code), int(match[2])


def short_code(code: str) -> str:
    """The code as a person reads it out: the end of a long one, in two groups."""
    if len(code) <= _SHORT:
        return code
    tail = code.replace("-", "")[-_TAIL:].upper()
    return f"{tail[:4]}-{tail[4:]}"


def barcode(text: str) -> str:
    """A Code 128 bar code as an SVG data address; for an opaque code only."""
    import zxingcpp

    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    svg = zxingcpp.write_barcode_to_svg(made, scale=2, add_quiet_zones=False)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def image(data: bytes, mime: str) -> str:
    """A cleaned picture as a data address."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def drawing(svg: str) -> str:
    """A drawn signature as a data address; as a picture it cannot fetch or run anything."""
    return image(svg.encode(), "image/svg+xml")
