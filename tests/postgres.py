"""A throw-away PostgreSQL cluster on a free loopback port, as an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


class Cluster:
    """One cluster of this test run; started when first asked for, gone when the run ends."""

    def __init__(self) -> None:
        self.bin = _bin_dir()
        self.dir = Path(tempfile.mkdtemp(prefix="clinic-pg-"))
        self.port = _free_port()
        self._as_user = _runner(self.dir)
        data = str(self.dir / "data")
        self._run("initdb", "-D", data, "-U", "clinic", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = (
            f"-p {self.port} -h 127.0.0.1 -k {self.dir} -c fsync=off -c full_page_writes=off "
            "-c synchronous_commit=off -c max_connections=200 -c shared_buffers=64MB -c jit=off"
        )
        self._run("pg_ctl", "-D", data, "-w", "-t", "60", "-l", str(self.dir / "log"), "-o", options, "start")
        self._count = 0

    def fresh_url(self) -> str:
        """The URL of a new empty database."""
        self._count += 1
        name = f"clinic_{os.getpid()}_{self._count}"
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "clinic", "-d", "postgres")
        subprocess.run(["psql", *where, "-qc", f"CREATE DATABASE {name}"], check=True, capture_output=True)
        return f"postgresql+psycopg://clinic@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        """End the server that this run started, and take its files away."""
        self._run("pg_ctl", "-D", str(self.dir / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.dir, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self.bin / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/")


def _bin_dir() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL's server is not installed: apt-get install postgresql")
    return Path(on_path).parent


def _runner(folder: Path) -> list[str]:
    """The server refuses to run as root, so root hands the folder to an unprivileged user."""
    if os.geteuid() != 0:
        return []
    user = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
    shutil.chown(folder, user)
    return ["runuser", "-u", user, "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
