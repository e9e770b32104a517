"""A live server on loopback, and Node packages for the clients and the validator of other people."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from waitress.server import create_server

from clinic.core.clock import SystemClock
from clinic.web.state import state_of
from tests.fhir_api.conftest import token_for

HERE = Path(__file__).parent
CLIENTS = HERE / "clients"
BUILD = HERE.parents[1] / "build"
"""Where installed things may lie; git ignores it."""


@dataclass(frozen=True)
class Live:
    """A server that answers on this machine, with a token that may do everything."""

    app: Flask
    base: str
    token: str


@pytest.fixture
def live(app: Flask) -> Iterator[Live]:
    """The application behind a real server on a free port."""
    state_of(app).clock = SystemClock()
    server = create_server(app, host="127.0.0.1", port=0, threads=4)

    def serve() -> None:
        with suppress(OSError):  # closing the socket from here ends its loop
            server.run()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Live(app, f"http://127.0.0.1:{server.effective_port}/fhir", token_for(app))
    server.close()
    thread.join(timeout=5)


def node_environment() -> dict[str, str]:
    """The machine's Node, or else the one among the Python packages."""
    beside = str(Path(sys.executable).parent)
    return os.environ | {"PATH": os.environ["PATH"] + os.pathsep + beside}


def install(folder: Path, *command: str) -> None:
    """Install a folder's Node packages once."""
    done = folder / "node_modules" / ".installed"
    if not done.exists():
        run = subprocess.run(
            ["npm", *command],
            check=False,
            cwd=folder,
            env=node_environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert run.returncode == 0, run.stderr[-2000:]
        done.touch()


@pytest.fixture(scope="session")
def node_clients() -> Path:
    """The folder with fhir-kit-client and fhirclient, installed from their lock."""
    install(CLIENTS, "ci", "--silent")
    return CLIENTS


@pytest.fixture(scope="session")
def fhir_check(shared: Path) -> Path:
    """A copy of the validator with its packages."""
    folder = BUILD / "fhir-check"
    shutil.copytree(shared / "fhir-check", folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    install(folder, "install", "--no-package-lock", "--silent")
    return folder


def node(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Node in a folder."""
    return subprocess.run(
        ["node", *arguments],
        check=False,
        cwd=folder,
        env=node_environment() | environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
