"""A mail server and a text gateway on this machine that take what they are told to take."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass
class Mails:
    """A mail server: `answers` are its replies to RCPT and DATA; `taken` the mails it took."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)


class Talk(socketserver.StreamRequestHandler):
    """One conversation with the mail server, whose `mails` say what it answers."""

    mails = Mails()

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 here")
        for raw in self.rfile:
            verb = raw.decode().strip().split(" ")[0].split(":")[0].upper()
            if verb == "DATA" and "DATA" not in self.mails.answers:
                self.say("354 go on")
                self.take()
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say(self.mails.answers.get(verb, "250 fine"))

    def take(self) -> None:
        lines = []
        for raw in self.rfile:
            if raw.rstrip(b"\r\n") == b".":
                break
            lines.append(raw.decode())
        if self.mails.answers.get("END") == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.mails.taken.append("".join(lines))
        self.say(self.mails.answers.get("END", "250 taken"))


@contextmanager
def mail_server() -> Iterator[Mails]:
    mails = Mails()
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Mine", (Talk,), {"mails": mails}))
    server.daemon_threads = True
    yield from _served(server, mails)


@dataclass
class Texts:
    """A text gateway: `answer` is its next reply; `asked` what it was asked, with its headers."""

    port: int = 0
    status: int = 201
    answer: dict[str, Any] = field(default_factory=lambda: {"sid": "SM1", "status": "queued"})
    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)


@contextmanager
def text_gateway() -> Iterator[Texts]:
    texts = Texts()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            texts.asked.append(("POST", self.path, dict(parse_qsl(body)), self.headers.get("Authorization", "")))
            self.reply()

        def do_GET(self) -> None:
            texts.asked.append(("GET", self.path, {}, self.headers.get("Authorization", "")))
            self.reply()

        def reply(self) -> None:
            if texts.status == 0:
                self.close_connection = True
                return
            body = json.dumps(texts.answer).encode()
            self.send_response(texts.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    yield from _served(ThreadingHTTPServer(("127.0.0.1", 0), Answers), texts)


def _served(server: Any, told: Any) -> Iterator[Any]:
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
