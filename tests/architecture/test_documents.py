"""What README.md promises is what there is."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import click
import pytest

from clinic.access.permissions import PERMISSIONS, ROLES
from clinic.cli import data, database, people, serving
from config import BadSetting, Settings, read_settings

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_documented() -> None:
    wanted = {f"CLINIC_{field.name.upper()}" for field in fields(Settings)}
    assert {name for name in wanted if f"`{name}`" not in README} == set()


def test_every_permission_and_role_is_documented() -> None:
    assert {name for name in PERMISSIONS if f"`{name}`" not in README} == set()
    assert {name for name in ROLES if name not in README.lower()} == set()


def test_every_command_is_documented() -> None:
    commands = [command for module in (data, database, people, serving) for command in module.COMMANDS]
    wanted = set()
    for command in commands:
        inner = command.commands.values() if isinstance(command, click.Group) else [None]
        wanted |= {f"clinic {command.name}" + (f" {one.name}" if one else "") for one in inner}
    assert {name for name in wanted if name not in README} == set()


def test_the_two_commands_stand_in_the_readme() -> None:
    assert "make run" in README
    assert "make test" in README


def test_an_unknown_setting_stops_the_start() -> None:
    with pytest.raises(BadSetting, match="CLINIC_PROT"):
        read_settings({"CLINIC_PROT": "8000"})


@pytest.mark.parametrize(
    "environment",
    [
        {"CLINIC_HOST": "0.0.0.0"},
        {"CLINIC_HOST": "0.0.0.0", "CLINIC_DEMO": "0"},
        {"CLINIC_HOST": "0.0.0.0", "CLINIC_DEMO": "0", "CLINIC_BEHIND_TLS": "1", "CLINIC_DEBUG": "1"},
        {"CLINIC_HOST": "0.0.0.0", "CLINIC_BEHIND_TLS": "1"},
        {"CLINIC_SECRET_KEY": "changeme"},
        {"CLINIC_PORT": "eight"},
        {"CLINIC_PORT": "0"},
        {"CLINIC_DEBUG": "perhaps"},
    ],
)
def test_an_unsafe_or_unreadable_setting_stops_the_start(environment: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match="CLINIC_|demo"):
        read_settings(environment)


def test_a_public_address_behind_tls_without_demo_may_start() -> None:
    settings = read_settings({"CLINIC_HOST": "0.0.0.0", "CLINIC_DEMO": "0", "CLINIC_BEHIND_TLS": "1"})
    assert settings.is_public
