"""The command `lemmata`: its subcommands, its exit codes, and the promise never to show a traceback."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NoReturn

import typer

from lemmata.cli import (
    bench,
    corpus,
    corpus_curation,
    corpus_decomposition,
    corpus_extraction,
    corpus_iteration,
    corpus_mutation,
    doctor,
    listing,
    output,
    prove,
    replay,
    train,
    view,
)
from lemmata.cli.arguments import expand
from lemmata.errors import LemmataError, StoreError

INTERRUPTED = 130
INTERNAL = 4
NOBODY_READS = 128 + signal.SIGPIPE
_SCHEMAS = {"replay": "lemmata.replay/1", "train": "lemmata.training/1", "corpus": corpus.SCHEMA}
"""Of the documents that commands print, where it is not that of results."""
_DISK_TROUBLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}

EPILOG = (
    "Exit codes: [bold]0[/] proved, [bold]1[/] disproved or certificate invalid, [bold]2[/] bad usage or input, "
    "[bold]3[/] unknown, [bold]4[/] backend missing or broken, [bold]130[/] interrupted. "
    "With several targets the worst counts: 2, 4, 1, 3, 0."
)

_HELP: dict[str, Any] = {
    "rich_markup_mode": "rich",
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
app = typer.Typer(
    name="lemmata",
    help="Find proofs and loop invariants, have them [bold]checked[/], and keep certificates that anybody can replay.",
    epilog=EPILOG,
    **_HELP,
)


def _add(into: typer.Typer, name: str, command: Callable[..., int]) -> None:
    # Line breaks of a docstring are not those of a paragraph on the terminal.
    paragraphs = [" ".join(paragraph.split()) for paragraph in (command.__doc__ or "").split("\n\n")]
    into.command(name, epilog=EPILOG, help="\n\n".join(paragraphs))(command)


for _name, _command in (
    ("prove", prove.prove),
    ("replay", replay.replay),
    ("list", listing.list_obligations),
    ("view", view.view),
    ("doctor", doctor.doctor),
    ("bench", bench.bench),
    ("train", train.train),
):
    _add(app, _name, _command)


def _corpus() -> typer.Typer:
    """Return `lemmata corpus` with its subcommands, some of which are in groups."""
    groups = {
        path: typer.Typer(help=text, epilog=EPILOG, no_args_is_help=True, **_HELP)
        for path, text in corpus.GROUPS.items()
    }
    for path, group in groups.items():
        if path:
            groups[path[:-1]].add_typer(group, name=path[-1])
    for path, command in (
        *corpus.COMMANDS,
        *corpus_extraction.COMMANDS,
        *corpus_mutation.COMMANDS,
        *corpus_decomposition.COMMANDS,
        *corpus_curation.COMMANDS,
        *corpus_iteration.COMMANDS,
    ):
        _add(groups[path[:-1]], path[-1], command)
    return groups[()]


app.add_typer(_corpus(), name="corpus")


def _version(wanted: bool) -> None:
    if wanted:
        from lemmata import __version__

        print(f"lemmata {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; errors are printed, never raised.

    Args:
        arguments: what follows the command's name.
    """
    before_dashes = arguments[: arguments.index("--")] if "--" in arguments else arguments
    as_json = "--json" in before_dashes
    schema = _SCHEMAS.get(arguments[0] if arguments else "", "lemmata.result/1")
    output.Output.emitted = False
    try:
        return _dispatch(arguments, as_json, schema)
    except BrokenPipeError:
        # Whoever read the output has seen enough: nothing to complain about, but no verdict either.
        output.abandon_stdout()
        return NOBODY_READS


def _dispatch(arguments: Sequence[str], as_json: bool, schema: str) -> int:
    try:
        value = typer.main.get_command(app)(args=expand(arguments), prog_name="lemmata", standalone_mode=False)
        code = value if isinstance(value, int) else 0
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        sys.stdout.flush()
        return code
    except LemmataError as error:
        return _report(as_json, schema, error.exit_code, error)
    except KeyboardInterrupt:
        return _report(as_json, schema, INTERRUPTED, LemmataError("interrupted"))
    except BrokenPipeError:
        raise
    except SystemExit as end:
        # Rich and Typer turn a broken pipe into an exit of their own.
        if isinstance(end.__context__, BrokenPipeError):
            raise BrokenPipeError from end
        return end.code if isinstance(end.code, int) else 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: a user never sees a traceback
        if isinstance(error, OSError) and error.errno in _DISK_TROUBLE:
            output.abandon_stdout()
            full = StoreError(f"cannot write: {error.strerror}", hint="free some space, or write elsewhere")
            return _report(False, schema, full.exit_code, full)
        usage = getattr(error, "format_message", None)
        if usage is not None:
            command = getattr(getattr(error, "ctx", None), "command_path", "lemmata")
            wrong = LemmataError(usage().rstrip("."), hint=f"see `{command} --help`")
            return _report(as_json, schema, 2, wrong)
        return _report(as_json, schema, INTERNAL, _internal(error))


def _internal(error: BaseException) -> LemmataError:
    if os.environ.get("LEMMATA_DEBUG") == "1":
        traceback.print_exception(error, file=sys.stderr)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return LemmataError(
        f"internal error: {what[:300]}", hint="please report it; LEMMATA_DEBUG=1 shows where it happened"
    )


def _report(as_json: bool, schema: str, code: int, error: LemmataError) -> int:
    if as_json and not output.Output.emitted:
        place = error.location
        where = {"file": place.file, "line": place.line, "column": place.column} if place else None
        body = {"message": error.message, "hint": error.hint or None, "location": where, "exit_code": code}
        output.emit({"schema": schema, "results": [], "error": body})
    # An interrupted command has already said so in its own words.
    if not (code == INTERRUPTED and output.Output.emitted):
        print(error, file=sys.stderr)
    return code


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def entry() -> NoReturn:
    """Run `lemmata` as a process: the console script and `python -m lemmata` end here."""
    signal.signal(signal.SIGTERM, _terminate)
    output.prepare_streams()
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        output.abandon_stdout()
        code = NOBODY_READS
    sys.exit(code)
