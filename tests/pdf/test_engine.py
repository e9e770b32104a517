"""The print engine: nothing is fetched, nothing hangs, the same words give the same bytes."""

from __future__ import annotations

import os
import signal
import time

import pytest
from flask import Flask

from clinic.pdf import PrintFailed, print_pdf
from clinic.pdf import process as printing_process
from clinic.pdf.fonts import missing_fonts
from clinic.pdf.process import LONGEST_HTML, Printer
from clinic.pdf.render import document_html, printer
from tests.pdf import samples
from tests.pdf.reading import fonts, size_mm, words

PAGE = "<!doctype html><html lang=en><title>t</title><h1>%s</h1></html>"


@pytest.mark.parametrize(
    "address",
    [
        '<img src="http://127.0.0.1:9/x.png" alt=x>',
        '<img src="file:///etc/hostname" alt=x>',
        '<link rel=stylesheet href="file:///etc/passwd">',
        '<link rel=stylesheet href="clinic:../../../etc/passwd">',
        '<link rel=stylesheet href="clinic:/etc/passwd">',
        "<style>@import url(http://127.0.0.1:9/x.css)</style>",
        '<p style="background:url(http://127.0.0.1:9/x.png)">x</p>',
        '<object data="http://127.0.0.1:9/x.svg">x</object>',
        '<link rel=attachment href="file:///etc/passwd">',
    ],
)
def test_no_address_outside_the_document_is_opened(address: str) -> None:
    try:
        document = printer().render(PAGE % f"safe {address}")
    except PrintFailed:
        return
    assert "safe" in words(document)
    assert b"root:" not in document
    assert "/EmbeddedFile" not in document.decode("latin-1")


def test_a_picture_inside_the_document_reaches_nothing_outside() -> None:
    import base64
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
            f'<image xlink:href="http://127.0.0.1:{port}/x.png" width="9" height="9"/>'
            f'<image href="file:///etc/passwd" width="9" height="9"/><rect width="4" height="4"/>'
            f"<style>@import url(http://127.0.0.1:{port}/x.css);</style></svg>"
        )
        address = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
        document = printer().render(PAGE % f'safe<img alt="signature" src="{address}">')
        with pytest.raises(TimeoutError):
            server.accept()
    assert "safe" in words(document)


def test_the_same_words_give_the_same_bytes() -> None:
    assert Printer().render(PAGE % "Ana") == Printer().render(PAGE % "Ana")


def test_a_document_that_takes_too_long_is_stopped_and_the_next_one_prints() -> None:
    own = Printer()
    own._seconds = 0.01
    started = time.monotonic()
    with pytest.raises(PrintFailed, match="too long"):
        own.render(PAGE % "slow")
    assert time.monotonic() - started < printing_process.SECONDS / 2
    own._seconds = printing_process.SECONDS
    assert "second" in words(own.render(PAGE % "second"))
    own.close()


def test_a_worker_killed_in_the_middle_is_replaced() -> None:
    own = Printer()
    own.render(PAGE % "first")
    worker = own._idle.get()
    assert worker is not None
    own._idle.put(worker)
    os.kill(worker.number, signal.SIGKILL)
    assert "second" in words(own.render(PAGE % "second"))
    own.close()


def test_a_worker_that_stops_answering_halfway_is_replaced() -> None:
    own = Printer()
    own.render(PAGE % "first")
    worker = own._idle.get()
    assert worker is not None
    own._idle.put(worker)
    os.kill(worker.number, signal.SIGSTOP)
    own._seconds = 0.5
    with pytest.raises(PrintFailed):
        own.render(PAGE % "lost")
    own._seconds = printing_process.SECONDS
    assert "second" in words(own.render(PAGE % "second"))
    own.close()


def test_a_worker_with_nothing_to_do_ends_and_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing_process, "QUIET_SECONDS", 0.2)
    own = Printer()
    own.render(PAGE % "first")
    worker = own._idle.get()
    assert worker is not None
    own._idle.put(worker)
    worker._process.wait(timeout=10)
    assert "second" in words(own.render(PAGE % "second"))
    own.close()


def test_a_document_that_is_too_large_is_refused_before_work_begins() -> None:
    with pytest.raises(PrintFailed, match="too long to print"):
        printer().render("x" * (LONGEST_HTML + 1))


def test_broken_markup_prints_what_can_be_read() -> None:
    assert "words" in words(printer().render("<html lang=en><p>words<table><td><b>"))


def test_a_blank_form_is_printed_once_for_the_same_words(printing: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = Printer.render
    monkeypatch.setattr(Printer, "render", lambda self, html: asked.append(html) or real(self, html))
    plain = samples.printed()
    first = print_pdf("receipt.html", plain, keep=True, payment=samples.payment(), till=None, due=0)
    second = print_pdf("receipt.html", plain, keep=True, payment=samples.payment(), till=None, due=0)
    assert first == second
    assert len(asked) == 1
    print_pdf("receipt.html", plain, keep=True, payment=samples.payment(4000), till=None, due=0)
    assert len(asked) == 2


def test_what_names_a_patient_is_never_kept(printing: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(Printer, "render", lambda self, html: asked.append(html) or b"%PDF")
    named = samples.printed(patient_line="Soler, Ana · 1986-04-17")
    for _ in range(2):
        print_pdf("label.html", named, keep=True, label=samples.label())
    assert len(asked) == 2


def test_hostile_names_stay_words(printing: Flask) -> None:
    html = document_html("label.html", samples.printed(samples.HOSTILE), label=samples.label(samples.HOSTILE))
    assert "<script" not in html
    assert "{{ 7*7 }}" in html
    document = print_pdf("label.html", samples.printed(), label=samples.label(samples.HOSTILE * 3))
    assert size_mm(document) == (62.0, 29.0)


def test_missing_fonts_are_named_with_the_cure(tmp_path: object) -> None:
    assert missing_fonts() == ""
    told = missing_fonts((tmp_path,))  # type: ignore[arg-type]
    assert "NotoSerif-Regular" in told
    assert "apt-get install fonts-noto-core" in told


@pytest.mark.parametrize("text", ["Ana Ñandú", "Анна", "Ελένη", "سلمى المصري", "漢字 👩‍⚕️"])
def test_every_script_prints_with_its_font_inside_the_document(printing: Flask, text: str) -> None:
    document = print_pdf("label.html", samples.printed(), label=samples.label(text))
    found = fonts(document)
    assert found
    assert all(found.values())
