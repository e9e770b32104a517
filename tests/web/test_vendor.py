"""Browser libraries and fonts are installed by npm, pinned, and served from our own origin only."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from clinic.web.vendor import ROOT, copy, wanted

STATIC = ROOT / "clinic" / "static"


def _installed(folder: Path) -> Path:
    """A node_modules with a file for everything that is wanted."""
    for source, _target in wanted():
        (folder / source).parent.mkdir(parents=True, exist_ok=True)
        (folder / source).write_text(source, encoding="utf-8")
    return folder


def test_a_second_run_copies_nothing(tmp_path: Path) -> None:
    modules, target = _installed(tmp_path / "node_modules"), tmp_path / "vendor"
    assert copy(modules, target) == len(list(wanted()))
    assert copy(modules, target) == 0


def test_a_changed_file_is_copied_again(tmp_path: Path) -> None:
    modules, target = _installed(tmp_path / "node_modules"), tmp_path / "vendor"
    copy(modules, target)
    (modules / "htmx.org/dist/htmx.min.js").write_text("newer", encoding="utf-8")
    assert copy(modules, target) == 1
    assert (target / "htmx.min.js").read_text(encoding="utf-8") == "newer"


def test_a_missing_package_is_said_and_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy(tmp_path / "nothing", tmp_path / "vendor")


def test_every_font_that_a_sheet_names_is_copied() -> None:
    copied = {target for _source, target in wanted()}
    for sheet in (STATIC / "css").glob("*.css"):
        named = re.findall(r"vendor/([^\"')]+)", sheet.read_text(encoding="utf-8"))
        assert {name for name in named if name not in copied} == set(), sheet.name


def test_versions_are_exact_and_the_lock_names_no_registry() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    asked = package["dependencies"] | package["devDependencies"]
    assert {name: version for name, version in asked.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == {}
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    installed = {name.removeprefix("node_modules/"): entry for name, entry in lock["packages"].items() if name}
    assert {name: installed[name]["version"] for name in asked} == asked
    assert [name for name, entry in installed.items() if "resolved" in entry or "integrity" not in entry] == []


@pytest.mark.parametrize(
    "sheet_or_script", sorted([*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")]), ids=lambda path: path.name
)
def test_own_files_fetch_nothing_from_elsewhere(sheet_or_script: Path) -> None:
    text = sheet_or_script.read_text(encoding="utf-8")
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}[^\s\"']*|@import", text) == []
    assert re.findall(r"\beval\(|new Function\(|document\.write\(", text) == []
