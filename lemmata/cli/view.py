"""`lemmata view`: proofs and searches in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output
from lemmata.errors import UsageError


def view(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN|CERT]", help="A run's number or certificate files; nothing lists the runs."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="DIR", help="Write one proof as a page that needs no server, and end."),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", "-p", metavar="N", min=0, max=65535, help="Port; 0 is any that is free.")
    ] = 0,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; others can reach all but 127.0.0.1.")
    ] = "127.0.0.1",
    no_browser: Annotated[
        bool, typer.Option("--no-browser", metavar="", help="Print the link only; open no browser.")
    ] = False,
    until_eof: Annotated[bool, typer.Option("--until-eof", metavar="", hidden=True)] = False,
    timeout: Annotated[
        float | None, typer.Option("--timeout", "-t", metavar="SECONDS", help="Time to replay a certificate.")
    ] = None,
    memory_limit: options.MemoryLimit = None,
    allow_axioms: options.AllowAxioms = None,
    store: options.Store = None,
    color: options.ColorOption = None,
) -> int:
    """Open searches and proofs [bold]in the browser[/]: live while they run, and afterwards.

    The link that is printed works once and only on this machine. Ctrl-C ends the server. In place of a run, an address
    of the page such as [bold]t12[/] names one obligation of it.
    """
    settings = options.settings(
        timeout=timeout,
        memory_limit=memory_limit,
        allow_axioms=allow_axioms,
        store=store,
        color=color.value if color else None,
    )
    output = Output(color=Color(settings.color))
    if export is not None:
        if len(what or ()) != 1:
            raise UsageError(
                "--export writes one proof", hint="name a run or a certificate: lemmata view CERT --export DIR"
            )
        from web.server.export import export as write

        output.text(str(write(settings, (what or [""])[0], export)))
        return 0
    from web.server.serve import Wish, serve

    if host not in ("127.0.0.1", "localhost", "::1"):
        output.note(f"note: other machines can reach {host}; the link is not encrypted")
    if store is not None and not store.exists():
        output.note(f"note: there is no store at {store}")
    wish = Wish(tuple(what or ()), host, port, browser=not no_browser, until_eof=until_eof)
    serve(settings, wish, lambda link: print(link, flush=True))
    return 0
