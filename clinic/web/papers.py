"""Papers that people scan or upload, made safe: every document becomes a fresh PDF of pages and nothing else.

Pictures are painted onto new images, cut to the sheet and laid on pages. Of a PDF only what is seen stays: forms and
notes are flattened onto their pages; scripts, attachments, actions, media and links are left behind.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clinic.core.errors import N_, Invalid
from clinic.web.images import pictures_of
from clinic.web.sheets import sheet_of

if TYPE_CHECKING:
    import pikepdf

MOST_BYTES = 12 * 1024 * 1024
MOST_PAGES = 100
_MOST_OBJECTS = 50_000
_LONG_SIDE = 842
"""Points: the long side of an A4 page."""

TOO_LARGE = N_("This document is too large; %(most)s MB and %(pages)s pages are the most.")
LOCKED = N_("This PDF is locked with a password. Open it, print it into a new PDF and add that one.")
BROKEN = N_("This PDF is damaged and cannot be read. Ask for it again, or scan the paper.")
NO_PAGE = N_("A document needs at least one page.")
NO_FILE = N_("Choose a file, or take a picture of the paper.")

_PAGE_KEYS = frozenset(
    {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit"}
)
_NEVER = (
    "/JS", "/JavaScript", "/AA", "/OpenAction", "/Launch", "/EF", "/EmbeddedFiles", "/RichMedia", "/Ref", "/OPI",
    "/AF", "/PieceInfo", "/Metadata", "/Names", "/AcroForm", "/XFA", "/Annots",
)  # fmt: skip
_ELSEWHERE = ("/F", "/FFilter", "/FDecodeParms")
"""On a stream: that its content lies in another file."""


@dataclass(frozen=True)
class Part:
    """A file as it was sent, and by how many degrees its pages are turned to the right."""

    data: bytes
    turn: int = 0


@dataclass(frozen=True)
class CleanPaper:
    """A document of pages and nothing else."""

    data: bytes
    pages: int
    content_type: str = "application/pdf"


def is_pdf(data: bytes) -> bool:
    """Whether a file says that it is a PDF."""
    return b"%PDF-" in data[:1024]


def clean_paper(parts: Sequence[Part], *, field: str = "pages") -> CleanPaper:
    """One document of the pages of all files, in their order. Raises Invalid with what is wrong and what to do."""
    import pikepdf

    if not parts:
        raise Invalid(NO_FILE, field=field)
    fresh = pikepdf.new()
    for part in parts:
        try:
            _add(fresh, part, field)
        except (pikepdf.PdfError, ValueError, TypeError, KeyError, OSError, RecursionError, MemoryError) as fault:
            raise Invalid(BROKEN, field=field) from fault
        if len(fresh.pages) > MOST_PAGES:
            raise too_large(field)
    return _kept(fresh, field)


def arranged(data: bytes, content_type: str, order: Sequence[tuple[int, int]], *, field: str = "pages") -> CleanPaper:
    """The document with the pages of `order` (their numbers from 0, and by how many degrees each is turned)."""
    import pikepdf

    if not order:
        raise Invalid(NO_PAGE, field=field)
    whole = data if content_type == "application/pdf" else clean_paper([Part(data)], field=field).data
    fresh = pikepdf.new()
    with pikepdf.open(io.BytesIO(whole)) as known:
        for number, turn in order:
            fresh.pages.append(known.pages[number])
            if turn % 360:
                fresh.pages[-1].rotate(turn, relative=True)
        return _kept(fresh, field)


def too_large(field: str) -> Invalid:
    """The refusal of a document that is too large."""
    return Invalid(TOO_LARGE, field=field, most=MOST_BYTES // 1024**2, pages=MOST_PAGES)


def _add(fresh: pikepdf.Pdf, part: Part, field: str) -> None:
    if not is_pdf(part.data):
        for picture in pictures_of(part.data, field=field, most=MOST_PAGES):
            _lay(fresh, *sheet_of(picture, part.turn))
        return
    if len(part.data) > MOST_BYTES:
        raise too_large(field)
    known = _opened(part.data, field)
    for page in known.pages:
        fresh.pages.append(page)
        if part.turn % 360:
            fresh.pages[-1].rotate(part.turn, relative=True)


def _opened(data: bytes, field: str) -> pikepdf.Pdf:
    """A PDF of which only the looks are left."""
    import pikepdf

    try:
        known = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError as fault:
        raise Invalid(LOCKED, field=field) from fault
    if known.is_encrypted:
        raise Invalid(LOCKED, field=field)
    if len(known.objects) > _MOST_OBJECTS or len(known.pages) > MOST_PAGES:
        raise too_large(field)
    if not len(known.pages):
        raise Invalid(NO_PAGE, field=field)
    if "/AcroForm" in known.Root and _undrawn(known):
        known.Root.AcroForm.NeedAppearances = True
        known.generate_appearance_streams()
    known.flatten_annotations("all")
    for page in known.pages:
        _strip_page(page.obj)
    for one in known.objects:
        _strip(one)
    return known


def _undrawn(pdf: pikepdf.Pdf) -> bool:
    """Whether a field was filled in and nobody drew what was filled in."""
    notes = (note for page in pdf.pages for note in page.obj.get("/Annots", []))
    return any(note.get("/Subtype") == "/Widget" and "/AP" not in note for note in notes)


def _strip_page(page: Any) -> None:
    for key in [key for key in page.keys() if key not in _PAGE_KEYS]:  # noqa: SIM118 a pikepdf dictionary is no mapping
        del page[key]


def _strip(one: Any) -> None:
    for held in _dictionaries(one):
        for key in _NEVER:
            if key in held:
                del held[key]
    import pikepdf

    if isinstance(one, pikepdf.Stream):
        for key in _ELSEWHERE:
            if key in one:
                del one[key]


def _dictionaries(one: Any) -> Iterator[Any]:
    """A dictionary or stream and the dictionaries directly within it; others are objects of their own."""
    import pikepdf

    waiting, seen = [one], 0
    while waiting and seen < _MOST_OBJECTS:
        held = waiting.pop()
        seen += 1
        if isinstance(held, pikepdf.Array):
            waiting += [inner for inner in held if isinstance(inner, (pikepdf.Object)) and not inner.is_indirect]
        elif isinstance(held, (pikepdf.Dictionary, pikepdf.Stream)):
            yield held
            inner = [held[key] for key in held.keys()]  # noqa: SIM118 a pikepdf dictionary is no mapping
            waiting += [value for value in inner if isinstance(value, pikepdf.Object) and not value.is_indirect]


def _lay(pdf: pikepdf.Pdf, jpeg: bytes, size: tuple[int, int]) -> None:
    """A picture on a page of its own shape, as long as A4."""
    import pikepdf

    scale = _LONG_SIDE / max(size)
    wide, tall = (round(side * scale, 1) for side in size)
    picture = pikepdf.Stream(
        pdf,
        jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = pikepdf.Dictionary(
        Type=pikepdf.Name.Page,
        MediaBox=[0, 0, wide, tall],
        Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Paper=pdf.make_indirect(picture))),
        Contents=pdf.make_stream(f"q {wide} 0 0 {tall} 0 0 cm /Paper Do Q".encode()),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def _kept(pdf: pikepdf.Pdf, field: str) -> CleanPaper:
    import pikepdf

    pdf.remove_unreferenced_resources()
    out = io.BytesIO()
    pdf.save(
        out, static_id=True, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )  # fmt: skip
    if out.tell() > MOST_BYTES:
        raise too_large(field)
    return CleanPaper(out.getvalue(), len(pdf.pages))
