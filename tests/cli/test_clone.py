"""Clinic runs from a clone of its repository and says so when it was installed in another way."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from clinic import ROOT, require_clone


def test_a_clone_is_enough() -> None:
    require_clone(ROOT)


def test_a_package_without_its_templates_ends_with_a_plain_sentence(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    with pytest.raises(SystemExit, match="runs from a clone .* where templates stand beside"):
        require_clone(tmp_path)


def test_every_file_that_the_package_reads_is_listed_as_its_data() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["clinic"]
    package = ROOT / "clinic"
    held = {path for pattern in listed for path in package.glob(pattern)}
    data = [
        path
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc", ".pyi") and "vendor" not in path.parts
    ]
    assert len(data) > 20
    assert [path for path in data if path not in held and path.name != "py.typed"] == []
