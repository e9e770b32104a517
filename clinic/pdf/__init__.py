"""Printed documents: a template and values in, the bytes of a tagged PDF out."""

from clinic.pdf.render import Printed, barcode, print_pdf, qr

__all__ = ["Printed", "barcode", "print_pdf", "qr"]
