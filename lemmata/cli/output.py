"""The two streams of a command: results on standard output, everything else on standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console, ConsoleRenderable
    from rich.text import Text


class Color(StrEnum):
    """When to colour what a command prints."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Output:
    """Where a command writes; it keeps the promise that `--json` prints exactly one document.

    Args:
        as_json: print one JSON document instead of text.
        quiet: print no text at all, only errors.
        color: when to colour; `auto` follows the terminal and `NO_COLOR`.
    """

    emitted = False
    """Whether the command that runs has printed its document."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False, color: Color = Color.AUTO) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.color = color
        self._out: Console | None = None
        self._err: Console | None = None

    @contextlib.contextmanager
    def showing(self, display: ConsoleRenderable) -> Iterator[None]:
        """Keep a display on the terminal up for as long as the block runs; nothing where there is no terminal."""
        if not self.live:
            yield
            return
        from rich.live import Live

        with Live(
            display,
            console=self.shared,
            refresh_per_second=10,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield

    @property
    def out(self) -> Console:
        """The console of standard output."""
        if self._out is None:
            self._out = self._console(sys.stdout)
        return self._out

    @property
    def err(self) -> Console:
        """The console of standard error."""
        if self._err is None:
            self._err = self._console(sys.stderr)
        return self._err

    @property
    def live(self) -> bool:
        """Whether lines on standard error may be rewritten."""
        return not self.quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def _console(self, stream: TextIO) -> Console:
        from rich.console import Console

        always = True if self.color is Color.ALWAYS else None
        never = True if self.color is Color.NEVER else None
        # NO_COLOR yields to an explicit --color always, as the command line is the stronger setting.
        environment = {k: v for k, v in os.environ.items() if not (always and k == "NO_COLOR")}
        return Console(
            file=stream,
            force_terminal=always,
            no_color=never,
            highlight=False,
            markup=False,
            emoji=False,
            _environ=environment,
        )

    def text(self, *lines: Text | str) -> None:
        """Print lines for people on standard output, unless `--json` or `--quiet` was given."""
        if self.as_json or self.quiet:
            return
        from rich.text import Text

        # One print for all of them: a live display is drawn again after each.
        self.out.print(Text("\n").join(Text(line) if isinstance(line, str) else line for line in lines), soft_wrap=True)

    @property
    def shared(self) -> Console:
        """The console for standard error; where both streams are the terminal, the one that keeps them in order."""
        return self.out if self.live and self.out.is_terminal else self.err

    def note(self, line: Text | str) -> None:
        """Print a line for people on standard error, unless `--quiet` was given."""
        if not self.quiet:
            self.shared.print(line, soft_wrap=True)

    def diagnostic(self, line: str) -> None:
        """Print an error on standard error, whatever was asked for."""
        self.shared.print(line, soft_wrap=True)

    def document(self, body: Mapping[str, Any]) -> None:
        """Print the one document of `--json`; a second call prints nothing."""
        if self.as_json:
            emit(body)


def emit(body: Mapping[str, Any]) -> None:
    """Print a JSON document on standard output, once in a command."""
    if Output.emitted:
        return
    text = json.dumps(body, indent=1, sort_keys=False, default=str)
    Output.emitted = True
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def encodable(symbol: str, fallback: str, stream: TextIO | None = None) -> str:
    """Return `symbol` where the stream's encoding can write it, else `fallback`."""
    encoding = getattr(stream or sys.stdout, "encoding", None) or "ascii"
    try:
        symbol.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return fallback
    return symbol


def prepare_streams() -> None:
    """Make printing of any source text safe, whatever the locale."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def abandon_stdout() -> None:
    """Forget a standard output that nobody reads any more, so that the exit does not complain about it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
