"""Worker processes that run WeasyPrint.

WeasyPrint holds the interpreter lock and takes 85 MiB, so it never runs in a request's own process. A worker
starts with the first print, answers one document at a time, and is killed when one takes too long.
"""

from __future__ import annotations

import queue
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from clinic.core.errors import Invalid

WORKERS = 2
SECONDS = 30.0
LONGEST_HTML = 8 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]


class PrintFailed(Invalid):
    """The document could not be made; nothing was changed."""


class Printer:
    """Up to two worker processes, started when needed."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._lock = threading.Lock()
        for _ in range(WORKERS):
            self._idle.put(None)

    def render(self, html: str) -> bytes:
        """The PDF of an HTML document. Raises PrintFailed."""
        body = html.encode()
        if len(body) > LONGEST_HTML:
            raise PrintFailed("This document is too long to print at once.")
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive:
                worker = _Worker()
            return worker.render(body, self._seconds)
        finally:
            self._idle.put(worker if worker is not None and worker.alive else None)

    def close(self) -> None:
        """End the workers."""
        for _ in range(WORKERS):
            worker = self._idle.get()
            if worker is not None:
                worker.end()
            self._idle.put(None)


class _Worker:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "clinic.pdf.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def render(self, body: bytes, seconds: float) -> bytes:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(struct.pack(">I", len(body)) + body)
            self._process.stdin.flush()
            deadline = time.monotonic() + seconds
            ok, size = struct.unpack(">BI", self._read(5, deadline))
            answer = self._read(size, deadline)
        except (BrokenPipeError, TimeoutError, EOFError) as error:
            self.end()
            raise PrintFailed("This document took too long to make, or too much memory.") from error
        if not ok:
            raise PrintFailed("This document could not be made: %(why)s", why=answer.decode(errors="replace"))
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        parts: list[bytes] = []
        descriptor = self._process.stdout.fileno()
        while size:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = self._process.stdout.read1(min(size, 1 << 20))  # type: ignore[attr-defined]
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
