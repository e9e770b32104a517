"""Commands that bring data in and out: demo, import, export."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import sqlalchemy as sa

from clinic.cli.state import open_state, show_progress, transact
from clinic.fhir.tables import resource
from clinic.web.state import State


@click.group()
def demo() -> None:
    """The demo practice: fictional people only."""


@demo.command("load")
@click.option("--seed", default=2027, show_default=True, help="Another seed makes another practice.")
def demo_load(seed: int) -> None:
    """Fill an empty database with the demo practice."""
    state = open_state()
    if not load_demo_if_empty(state, seed):
        raise click.ClickException("the database is not empty; nothing was changed")


def load_demo_if_empty(state: State, seed: int = 2027) -> bool:
    """Load the demo practice when there is no record yet; False when there is."""
    with state.database.read() as conn:
        if conn.execute(sa.select(resource.c.id).limit(1)).first():
            return False
    from clinic.cli.demo import load_demo

    click.echo("clinic: making the demo practice (500 patients, eight weeks of visits)")
    load_demo(state, seed=seed, progress=show_progress("demo"))
    return True


def demo_sign_ins(state: State) -> list[tuple[str, str, str]]:
    """Name, role and password of the demo people, when this is the demo practice."""
    from clinic.fhir.practice import load_practice

    with state.database.read() as conn:
        practice = load_practice(conn)
    if practice is None or not practice.demo:
        return []
    from clinic.cli.demo import SIGN_INS

    return list(SIGN_INS)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--mapping", default="", help="Lists: match the columns as kept under this name; else by their names.")
@click.option("--source", default="", help="Lists: the old system, the same name each time.")
@click.option(
    "--likely", default="skip", show_default=True, type=click.Choice(["skip", "fill", "new"]),
    help="Lists: what is done with people who are likely on file.",
)  # fmt: skip
def import_(files: tuple[Path, ...], mapping: str, source: str, likely: str) -> None:
    """Import FHIR Bundles, resources and NDJSON (also .gz), and lists (CSV, TSV, XLSX), from FILES or folders.

    Says per line what was refused and why; exit 1 when anything was. A bundle goes in whole or not at all,
    and importing again changes nothing. An import of a list can be taken back on the screen.
    """
    from clinic.cli.lists import SUFFIXES, import_list
    from clinic.fhir_api.importing import import_files

    state = open_state()
    lists = [path for path in files if path.suffix.lower() in SUFFIXES]
    if lists and not (source or mapping):
        raise click.UsageError("a list needs --source, the name of the old system (or --mapping)")
    show = show_progress("import")
    fine = [import_list(state, path, source=source, mapping=mapping, likely=likely, progress=show) for path in lists]
    rest = [path for path in files if path not in lists]
    if rest:
        report = import_files(state, list(_files(tuple(rest))), show)
        for line in report.lines:
            click.echo(line)
        click.echo(report.summary)
        fine.append(not report.refused)
    if not all(fine):
        sys.exit(1)


def _files(given: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in given:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [file for file in inside if file.name.endswith((".json", ".ndjson", ".gz"))]
    return found


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(folder: Path) -> None:
    """Write every current record to FOLDER, one NDJSON file for each resource type."""
    state = open_state()
    folder.mkdir(parents=True, exist_ok=True)
    r = resource.c
    count = 0
    with state.database.read() as conn:
        types = conn.execute(sa.select(r.type).where(~r.deleted).distinct().order_by(r.type)).scalars().all()
        for type_ in types:
            half = folder / f"{type_}.ndjson.part"
            with half.open("w", encoding="utf-8") as file:
                for text in conn.execute(sa.select(r.json).where(r.type == type_, ~r.deleted).order_by(r.id)).scalars():
                    file.write(text + "\n")
                    count += 1
            half.replace(folder / f"{type_}.ndjson")
    transact(state, lambda store: store.did("export", f"all records to {folder.name}"))
    click.echo(f"{count} records of {len(types)} types in {folder}")


COMMANDS = (demo, import_, export)
