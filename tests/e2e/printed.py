"""What a PDF says, by poppler."""

from __future__ import annotations

import subprocess

from tests.e2e.browsing import Window


def pdf_text(window: Window, path: str) -> str:
    """The text of a printed page. Fails when the answer is not a PDF."""
    answer = window.fetch(path)
    assert answer.status == 200, f"{path}: {answer.status}"
    assert answer.headers["content-type"].startswith("application/pdf"), path
    body = answer.body()
    assert body.startswith(b"%PDF-"), path
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=body, capture_output=True, check=True)
    return done.stdout.decode()
