"""The `clinic` command: everything that is done without a browser."""

from __future__ import annotations

import sys

import click

from clinic.core.errors import ClinicError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Clinic: the front desk of a medical practice."""


def main() -> int:
    """Run the command line. Exit codes: 0 done, 1 refused or faults found, 2 wrong use."""
    from clinic.cli import data, database, duplicates, people, serving

    for module in (data, database, duplicates, people, serving):
        for command in module.COMMANDS:
            cli.add_command(command)
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.Abort:
        click.echo("clinic: stopped; nothing was half-written", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ClinicError as error:
        click.echo(f"clinic: {error}", err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
