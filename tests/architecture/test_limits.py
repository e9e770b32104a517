"""The limits of DESIGN.md section 1, measured on the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = [*sorted((ROOT / "clinic").rglob("*.py")), ROOT / "config.py", ROOT / "wsgi.py"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SLICE_FILES = {
    "routes", "forms", "service", "queries", "mapping", "tables", "rules", "errors", "__init__", "wiring",
    "printing", "words", "screens",
}  # fmt: skip
"""`wiring` gathers what a slice declares, `printing` the values of its documents, `words` and `screens` what its
pages show; the rest are DESIGN's."""

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
LONGEST_ROUTE = 25
USUAL_FUNCTION = 30
MOST_PARAMETERS = 5
MOST_POSITIONAL = 5
MOST_BRANCHES = 8
LONGEST_TEMPLATE = 150


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def length(node: ast.FunctionDef) -> int:
    """Lines of the body, without the docstring."""
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def branches(node: ast.FunctionDef) -> int:
    inner = {
        one for sub in ast.walk(node) if isinstance(sub, ast.FunctionDef) and sub is not node for one in ast.walk(sub)
    }
    kinds = (ast.If, ast.For, ast.While, ast.ExceptHandler, ast.match_case)
    return sum(isinstance(one, kinds) for one in ast.walk(node) if one not in inner)


def names(path: Path, node: ast.FunctionDef) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def test_no_module_is_longer_than_400_lines() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_50_lines_and_most_are_short() -> None:
    found = [(names(path, node), length(node)) for path in MODULES for node in functions(path)]
    assert [one for one in found if one[1] > LONGEST_FUNCTION] == []
    assert quantiles([size for _, size in found], n=20)[-1] <= USUAL_FUNCTION


def test_views_only_parse_call_and_answer() -> None:
    too_long = []
    for path in MODULES:
        for node in functions(path):
            is_view = any("blueprint" in ast.unparse(one) for one in node.decorator_list)
            if is_view and length(node) > LONGEST_ROUTE:
                too_long.append((names(path, node), length(node)))
    assert too_long == []


def test_functions_take_few_parameters_and_branch_little() -> None:
    faults = []
    for path in MODULES:
        for node in functions(path):
            taken = [arg for arg in (*node.args.posonlyargs, *node.args.args) if arg.arg not in ("self", "cls")]
            if len(taken) > MOST_POSITIONAL or len(taken) + len(node.args.kwonlyargs) > MOST_PARAMETERS + 1:
                faults.append((names(path, node), "parameters", len(taken) + len(node.args.kwonlyargs)))
            if branches(node) > MOST_BRANCHES:
                faults.append((names(path, node), "branches", branches(node)))
    assert faults == []


def test_templates_are_short() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in TEMPLATES}
    assert {name: size for name, size in sizes.items() if size > LONGEST_TEMPLATE} == {}


def test_there_is_one_place_that_commits() -> None:
    pattern = re.compile(r"(?<!step)\.commit\(")
    found = {str(path.relative_to(ROOT)) for path in MODULES if pattern.search(path.read_text(encoding="utf-8"))}
    # `step` is a savepoint: the import keeps each bundle under one of the one transaction
    assert found == {"clinic/db/engine.py"}


def test_broad_excepts_stand_only_where_answers_are_made() -> None:
    pattern = re.compile(r"except (Base)?Exception\b|except:")
    found = {str(path.relative_to(ROOT)) for path in MODULES if pattern.search(path.read_text(encoding="utf-8"))}
    # fhirpathpy raises bare Exception for a wrong expression, so its one caller has to catch it
    allowed = {"clinic/intake/questionnaire/expressions.py"}
    assert found - allowed <= {
        "clinic/jobs/worker.py",
        "clinic/db/engine.py",
        "clinic/web/errors.py",
        "clinic/fhir_api/errors.py",
    }


@pytest.mark.parametrize("word", ["Manager", "Handler", "Helper", "Util", "Base", "Impl"])
def test_no_class_has_a_name_that_says_nothing(word: str) -> None:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and (node.name.endswith(word) or node.name.startswith(word)):
                found.append(f"{path.relative_to(ROOT)} {node.name}")
    assert found == []


def test_services_and_rules_know_nothing_of_flask_or_the_clock() -> None:
    faults = []
    for path in MODULES:
        parts = path.relative_to(ROOT / "clinic").parts if path.is_relative_to(ROOT / "clinic") else ()
        if not ({"service", "rules", "mapping"} & {Path(part).stem for part in parts}) or parts[0] in ("access", "web"):
            continue
        text = path.read_text(encoding="utf-8")
        if re.search(r"^\s*(from|import) flask\b", text, re.MULTILINE) or re.search(
            r"datetime\.now\(|date\.today\(", text
        ):
            faults.append("/".join(parts))
    assert faults == []


def test_public_functions_say_what_they_do() -> None:
    silent = []
    for path in MODULES:
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None and path.stat().st_size > 0:
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []
