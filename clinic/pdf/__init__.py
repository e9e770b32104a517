"""Printed documents: a template and values in, the bytes of a tagged PDF out."""

from clinic.pdf.codes import barcode, drawing, image, qr
from clinic.pdf.fonts import missing_fonts
from clinic.pdf.process import PrintFailed
from clinic.pdf.render import Printed, pdf_response, print_pdf

__all__ = ["PrintFailed", "Printed", "barcode", "drawing", "image", "missing_fonts", "pdf_response", "print_pdf", "qr"]
