"""Codes for scanners and pictures, each as a data address; codes are opaque: never a name or a record number."""

from __future__ import annotations

import base64
import functools
import io

import segno

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

    In capitals, which keeps the code small; our own ids are read back by lowering them.
    """
    return f"F:{code}:{page}".upper()


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
