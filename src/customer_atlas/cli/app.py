"""The application: its commands, and how an error becomes an exit code."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from customer_atlas.cli import (
    bias,
    check,
    demo,
    doctor,
    explain,
    export,
    init,
    lake,
    report,
    run,
    schema,
    segment,
    show,
    stories,
)
from customer_atlas.cli.output import print_what_can_be, report_error
from customer_atlas.errors import AtlasError, UsageError

__all__ = ["app", "command", "main"]

_ALLOCATIONS = 50_000  # Python's own is 700
_INTERRUPTED = 130  # what typer makes of Ctrl-C

app = typer.Typer(
    name="atlas",
    help="Customer segments that have names and reasons, from the files you already have.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(init.init)
app.command()(run.ingest)
app.command()(check.check)
app.command()(run.run)
app.command()(report.report)
app.command()(bias.bias)
app.command()(stories.stories)
app.command()(demo.demo)
app.command()(schema.schema)
app.command()(doctor.doctor)
app.add_typer(show.app, name="show")
app.add_typer(explain.app, name="explain")
app.add_typer(export.app, name="export")
app.add_typer(segment.app, name="segment")
app.add_typer(lake.app, name="lake")


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        from customer_atlas import __version__

        typer.echo(__version__)
        raise typer.Exit


def command() -> NoReturn:
    """Run the command line as a process of its own.

    It collects garbage rarely, and leaves without taking the libraries down one by one, which
    together take most of a second. Files, locks and databases are closed by then.
    """
    gc.set_threshold(_ALLOCATIONS)
    code = 1
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:  # who read it has gone
            pass
        except OSError:
            code = code or 1
    os._exit(code)


def main() -> None:
    """Run the command line; errors become a sentence on stderr and an exit code."""
    as_json = "--json" in sys.argv
    print_what_can_be()
    try:
        sys.exit(app(standalone_mode=not as_json))
    except AtlasError as error:
        _fail(error, as_json)
    except TyperException as error:  # with --json only: else typer has told it already
        _fail(UsageError(error.format_message()), as_json)
    except OSError as error:
        _fail(AtlasError(f"The system refused: {error}"), as_json)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            report_error(AtlasError("Stopped. What was serving goes on serving."), as_json=as_json)
        raise


def _fail(error: AtlasError, as_json: bool) -> NoReturn:
    report_error(error, as_json=as_json)
    sys.exit(error.exit_code)
