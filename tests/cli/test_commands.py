"""The clinic command, as a person types it, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]


class Shell:
    """A shell whose installation lies in a folder of the test."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.environment = {**os.environ, "CLINIC_DATA_DIR": str(folder / "data"), "CLINIC_DEMO": "0"}
        if url:
            self.environment["CLINIC_DATABASE_URL"] = url

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "clinic.cli", *words]
        return subprocess.run(
            command, env=self.environment, input=typed, cwd=ROOT, capture_output=True, text=True, timeout=120
        )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """A migrated, empty installation."""
    url = request.getfixturevalue("cluster").fresh_url() if request.param == "postgresql" else ""
    made = Shell(tmp_path, url)
    done = made.run("db", "upgrade")
    assert done.returncode == 0, done.stderr
    return made


def test_people_programs_records_and_backups_by_command(shell: Shell, tmp_path: Path, cluster: Cluster) -> None:
    added = shell.run(
        "users", "add", "noor", "--role", "receptionist", "--password-stdin", typed="a long enough phrase\n"
    )
    assert added.returncode == 0, added.stderr
    twice = shell.run(
        "users", "add", "noor", "--role", "receptionist", "--password-stdin", typed="a long enough phrase\n"
    )
    assert twice.returncode == 1
    assert "in use" in twice.stderr
    client = shell.run("api-clients", "add", "lab", "--scope", "system/*.cruds")
    assert client.returncode == 0, client.stderr
    assert client.stdout.splitlines()[0].startswith("client_id: ")
    assert client.stdout.splitlines()[1].startswith("client_secret: ")

    patient = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Lund", "given": ["Åsa"]}]}
    bad = {"resourceType": "Patient", "id": "p2", "birthDate": "1979-02-31"}
    file = tmp_path / "in.ndjson"
    file.write_text("\n".join(map(json.dumps, (patient, bad))), encoding="utf-8")
    imported = shell.run("import", str(file))
    assert imported.returncode == 1
    assert "birthDate" in imported.stdout

    assert shell.run("verify").stdout.strip().endswith("everything is in order")
    assert "2 records indexed" in shell.run("reindex").stdout  # the patient, and where its values come from
    assert shell.run("duplicates").stdout == "1 patients compared, 0 likely pairs\n"
    assert shell.run("duplicates", "--changed").stdout.endswith("0 likely pairs\n")
    out = tmp_path / "out"
    assert shell.run("export", str(out)).returncode == 0
    kept = json.loads((out / "Patient.ndjson").read_text(encoding="utf-8"))
    assert kept["name"] == patient["name"]

    backup = tmp_path / "clinic.backup"
    made = shell.run("backup", str(backup))
    assert made.returncode == 0, made.stderr
    assert "Lund" not in backup.read_bytes().decode("latin-1")
    refused = shell.run("restore", str(backup))
    assert refused.returncode == 1
    assert "not empty" in refused.stderr

    url = cluster.fresh_url() if "CLINIC_DATABASE_URL" in shell.environment else ""
    other = Shell(tmp_path / "other", url)
    other.environment["CLINIC_BACKUP_KEY"] = (tmp_path / "data" / "backup.key").read_text()
    restored = other.run("restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    checked = other.run("verify")
    assert checked.returncode == 0, checked.stdout
    broken = bytearray(backup.read_bytes())
    broken[len(broken) // 2] ^= 1
    backup.write_bytes(bytes(broken))
    third = Shell(tmp_path / "third", cluster.fresh_url() if url else "")
    third.environment["CLINIC_BACKUP_KEY"] = other.environment["CLINIC_BACKUP_KEY"]
    cut = third.run("restore", str(backup))
    assert cut.returncode == 1
    assert "not a whole backup" in cut.stderr


def test_every_command_explains_itself(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shown = shell.run("--help").stdout
    for word in (
        "serve",
        "db",
        "demo",
        "users",
        "api-clients",
        "import",
        "export",
        "duplicates",
        "reindex",
        "verify",
        "backup",
        "restore",
    ):
        assert word in shown
        assert shell.run(word, "--help").returncode == 0


def test_a_command_before_the_database_exists_says_what_to_do(tmp_path: Path) -> None:
    done = Shell(tmp_path).run("verify")
    assert done.returncode == 1
    assert "clinic db upgrade" in done.stderr


def test_a_misspelt_setting_stops_every_command(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.environment["CLINIC_PROT"] = "1"
    done = shell.run("verify")
    assert done.returncode != 0
    assert "CLINIC_PROT" in done.stderr
