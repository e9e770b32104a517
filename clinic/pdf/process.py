"""Worker processes that run WeasyPrint.

WeasyPrint holds the interpreter lock and takes 85 MiB, so it never runs in a request's own process. A worker
starts with the first print, answers one document at a time, and is killed when one takes too long.
"""

from __future__ import annotations

import contextlib
import queue
import select
import struct
import subprocess
import sys
import time
import weakref
from pathlib import Path

from clinic.core.errors import N_, Invalid

WORKERS = 2
SECONDS = 45.0
QUIET_SECONDS = 120
"""A worker that has nothing to do for so long ends and gives its memory back."""
DOCUMENTS = 200
"""After so many documents a worker is replaced, so that its memory cannot grow for ever."""
TOO_MUCH = N_("This document took too long to make, or too much memory.")
LONGEST_HTML = 8 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]


class PrintFailed(Invalid):
    """The document could not be made; nothing was changed."""


class _Died(Exception):
    """The worker ended before it answered."""


class Printer:
    """Up to two worker processes, started when needed."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(WORKERS):
            self._idle.put(None)

    def render(self, html: str) -> bytes:
        """The PDF of an HTML document; a worker that ended while it rested is replaced once. Raises PrintFailed."""
        body = html.encode(errors="replace")
        if len(body) > LONGEST_HTML:
            raise PrintFailed("This document is too long to print at once.")
        try:
            worker = self._idle.get(timeout=self._seconds)
        except queue.Empty as error:
            raise PrintFailed("Other documents are being printed; please try again in a moment.") from error
        worker, fresh = (worker, False) if worker is not None and worker.usable else (_Worker(), True)
        try:
            while True:
                try:
                    return worker.render(body, self._seconds)
                except _Died as error:
                    if fresh:
                        raise PrintFailed(TOO_MUCH) from error
                worker, fresh = _Worker(), True
        finally:
            self._idle.put(worker if worker.usable else None)

    def close(self) -> None:
        """End the workers."""
        for _ in range(WORKERS):
            worker = self._idle.get()
            if worker is not None:
                worker.end()
            self._idle.put(None)


class _Worker:
    def __init__(self) -> None:
        self._done = 0
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "clinic.pdf.worker", str(QUIET_SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
        )
        self._finish = weakref.finalize(self, _finish, self._process)

    @property
    def usable(self) -> bool:
        """Whether it runs and has not yet done its share; one that has is ended."""
        running = self._process.poll() is None
        if running and self._done < DOCUMENTS:
            return True
        self.end()
        return False

    @property
    def number(self) -> int:
        """The process id."""
        return self._process.pid

    def render(self, body: bytes, seconds: float) -> bytes:
        assert self._process.stdin is not None
        deadline = time.monotonic() + seconds
        try:
            self._process.stdin.write(struct.pack(">I", len(body)) + body)
            self._process.stdin.flush()
            ok, size = struct.unpack(">BI", self._read(5, deadline))
            answer = self._read(size, deadline)
        except TimeoutError as error:
            self.end()
            raise PrintFailed(TOO_MUCH) from error
        except (BrokenPipeError, EOFError) as error:
            self.end()
            raise _Died from error
        self._done += 1
        if not ok:
            raise PrintFailed("This document could not be made: %(why)s", why=answer.decode(errors="replace"))
        return answer

    def end(self) -> None:
        """Stop the process; also happens by itself when nothing refers to this object any more."""
        self._finish()

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


def _finish(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
