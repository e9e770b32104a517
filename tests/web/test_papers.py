"""Documents from outside: what is kept of them, what is not, and what is refused."""

from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image, ImageDraw

from clinic.core.errors import Invalid
from clinic.web.papers import BROKEN, LOCKED, NO_FILE, TOO_LARGE, Part, arranged, clean_paper
from clinic.web.previews import page_picture
from clinic.web.sheets import sheet_box


def a_pdf(pages: int = 1, text: str = "Letter", **root: object) -> bytes:
    pdf = pikepdf.new()
    for number in range(pages):
        pdf.add_blank_page(page_size=(612, 792 + number))
        page = pdf.pages[-1]
        page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 700 Td ({text} {number + 1}) Tj ET".encode())
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    for key, value in root.items():
        pdf.Root[f"/{key}"] = value
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def a_trap() -> bytes:
    """A PDF with everything in it that acts."""
    pdf = pikepdf.open(io.BytesIO(a_pdf(2)))
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('CANARY')"))
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("CANARY.exe"))
    pdf.Root.OpenAction = script
    pdf.Root.AA = pikepdf.Dictionary(WC=script)
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[pikepdf.String("x"), script]))
    pdf.attachments["CANARY.txt"] = b"CANARY"
    page = pdf.pages[0].obj
    page.AA = pikepdf.Dictionary(O=launch)
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 90, 90], A=pikepdf.Dictionary(
            S=pikepdf.Name.URI, URI=pikepdf.String("https://CANARY.example/")
        ),
    )  # fmt: skip
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("name"),
        V=pikepdf.String("Filled in"), Rect=[72, 500, 300, 530], A=launch, AA=pikepdf.Dictionary(K=script),
        DA=pikepdf.String("/F1 12 Tf 0 g"),
    )  # fmt: skip
    field = pdf.make_indirect(field)
    page.Annots = [pdf.make_indirect(link), field]
    page.Resources.XObject = pikepdf.Dictionary(
        Img=pdf.make_indirect(pikepdf.Stream(pdf, b"", F=pikepdf.String("/etc/CANARY")))
    )
    font = pdf.pages[0].Resources.Font
    pdf.Root.AcroForm = pikepdf.Dictionary(
        Fields=[field], DR=pikepdf.Dictionary(Font=font), XFA=pikepdf.String("CANARY")
    )
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def photo(size: tuple[int, int] = (1200, 900), *, kind: str = "JPEG") -> bytes:
    picture = Image.new("RGB", size, "#35302b")
    ImageDraw.Draw(picture).rectangle((size[0] // 4, size[1] // 10, size[0] * 3 // 4, size[1] * 9 // 10), "#f4f4f0")
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def everything_in(data: bytes) -> str:
    """Every object of a PDF, streams decoded, as one text."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        parts = [repr(pdf.Root), repr(pdf.trailer)]
        for one in pdf.objects:
            parts.append(repr(one))
            if isinstance(one, pikepdf.Stream) and one.get("/Filter") != "/DCTDecode":
                parts.append(one.read_bytes().decode("latin-1"))
    return "\n".join(parts)


def test_nothing_that_acts_is_left_in_a_pdf_but_what_was_filled_in_is_seen():
    trap = a_trap()
    assert "CANARY" in everything_in(trap)
    made = clean_paper([Part(trap)])
    inside = everything_in(made.data)
    assert made.pages == 2
    for word in ("CANARY", "/JS", "/Launch", "/AA", "/OpenAction", "/EmbeddedFile", "/Annots", "/AcroForm", "/URI"):
        assert word not in inside
    assert "Filled in" in inside
    assert "Letter 1" in inside


def test_pictures_become_pages_cut_to_the_sheet():
    made = clean_paper([Part(photo()), Part(photo(), 90)])
    assert made.pages == 2
    with pikepdf.open(io.BytesIO(made.data)) as pdf:
        upright, turned = (float(page.mediabox[2] / page.mediabox[3]) for page in pdf.pages)
    assert upright == pytest.approx(600 / 720, abs=0.03)
    assert turned == pytest.approx(720 / 600, abs=0.04)


def test_a_picture_without_an_edge_is_not_cut():
    assert sheet_box(Image.new("RGB", (900, 700), "white")) is None
    assert sheet_box(Image.effect_noise((900, 700), 90)) is None


def test_a_comment_in_a_picture_is_left_behind():
    out = io.BytesIO()
    Image.new("RGB", (500, 400), "white").save(out, "JPEG", comment=b"<script>CANARY</script>")
    assert b"CANARY" in out.getvalue()
    assert b"CANARY" not in clean_paper([Part(out.getvalue())]).data


def test_a_fax_of_several_pages_is_kept_whole():
    pages = [Image.new("1", (850, 1100), 1) for _ in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    assert clean_paper([Part(out.getvalue())]).pages == 3


def test_pages_are_put_in_order_turned_and_left_out():
    made = clean_paper([Part(a_pdf(3))])
    after = arranged(made.data, made.content_type, [(2, 0), (0, 90)])
    with pikepdf.open(io.BytesIO(after.data)) as pdf:
        assert [(int(page.mediabox[3]), int(page.obj.get("/Rotate", 0))) for page in pdf.pages] == [(794, 0), (792, 90)]
    with pytest.raises(Invalid, match="at least one page"):
        arranged(made.data, made.content_type, [])


def test_every_page_has_a_picture():
    made = clean_paper([Part(photo()), Part(a_pdf(1))])
    for number in (1, 2):
        picture = page_picture(made.data, made.content_type, number, longest=300)
        assert picture is not None
        assert max(Image.open(io.BytesIO(picture)).size) == 300
    assert page_picture(made.data, made.content_type, 3) is None
    assert page_picture(b"%PDF-rubbish", "application/pdf", 1) is None


def test_a_turned_scan_is_shown_turned():
    made = clean_paper([Part(photo())])
    after = arranged(made.data, made.content_type, [(0, 90)])
    before, now = (
        Image.open(io.BytesIO(page_picture(one.data, one.content_type, 1) or b"")).size for one in (made, after)
    )
    assert before == now[::-1]


def _locked() -> bytes:
    out = io.BytesIO()
    pikepdf.open(io.BytesIO(a_pdf())).save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return out.getvalue()


def _for_reading_only() -> bytes:
    out = io.BytesIO()
    pikepdf.open(io.BytesIO(a_pdf())).save(out, encryption=pikepdf.Encryption(owner="owner", user=""))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (_locked(), LOCKED),
        (_for_reading_only(), LOCKED),
        (b"%PDF-1.7\nrubbish" + b"\x00" * 900, BROKEN),
        (a_pdf()[:300], BROKEN),
        (a_pdf(101), TOO_LARGE),
        (b"%PDF-1.7\n" + b"\x00" * (12 * 1024 * 1024), TOO_LARGE),
        (b"MZ\x90\x00" + b"\x00" * 900, "This is no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "This is no picture"),
        (b"", "This is no picture"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(data: bytes, why: str):
    with pytest.raises(Invalid) as refused:
        clean_paper([Part(data)])
    assert refused.value.message.startswith(why[:30])


def test_a_document_needs_a_file():
    with pytest.raises(Invalid, match=NO_FILE[:20]):
        clean_paper([])
