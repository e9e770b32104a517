"""Figures of whole processes: start, memory, printing, import."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from clinic.fhir_api.importing import import_files
from clinic.pdf.process import Printer
from clinic.web.state import State
from tests.benchmarks.measure import Figure, Table, high, middle, timed
from tests.postgres import _free_port

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "examples"
_HTML = (
    "<html lang='en'><head><title>x</title></head><body>"
    + "<h2>Part</h2><p>{}</p>".format("words " * 400) * 4
    + "</body></html>"
)


def server(table: Table, folder: Path) -> None:
    """How long until the first answer, and how much memory an idle server takes."""
    port = _free_port()
    environment = {**os.environ, "CLINIC_DATA_DIR": str(folder), "CLINIC_PORT": str(port), "CLINIC_DEMO": "0"}
    subprocess.run(
        [sys.executable, "-m", "clinic.cli", "db", "upgrade"],
        env=environment,
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "clinic.cli", "serve"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        first = _first_answer(f"http://127.0.0.1:{port}/access/sign-in", begin)
        table.add(Figure("start to first answer (ms)", first, first, budget=(2000, 2000), ok=first <= 2000))
        time.sleep(1)
        pss = _pss(process.pid)
        table.add(Figure("memory of an idle server (MiB, PSS)", pss, pss, budget=(200, 200), ok=pss < 200))
    finally:
        process.kill()
        process.wait()


def _first_answer(address: str, begin: float) -> float:
    while time.perf_counter() - begin < 30:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                answer.read()
            return (time.perf_counter() - begin) * 1000
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(address)


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def printing(table: Table) -> None:
    """Our worker beside WeasyPrint called directly."""
    from weasyprint import HTML

    printer = Printer()
    ours = timed(lambda: printer.render(_HTML), 5, warm=2)
    bare = timed(lambda: HTML(string=_HTML).write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True), 5, warm=2)
    printer.close()
    table.add(Figure("PDF of 3 pages in the worker", middle(ours), high(ours), budget=(400, 400),
                     ratio=middle(ours) / middle(bare), limit="of bare <= 1.1", ok=middle(ours) <= 400))  # fmt: skip


def importing(table: Table, state: State) -> None:
    """Import of the official examples, in records a second."""
    if not SHARED.is_dir():
        print(f"import: not measured, the reference data folder {SHARED} is absent")
        return
    files = sorted((SHARED / "us-core-610").glob("*.json"))
    begin = time.perf_counter()
    import_files(state, files)
    took = (time.perf_counter() - begin) * 1000
    table.add(Figure(f"import of {len(files)} example files (ms each)", took / len(files), took / len(files)))
