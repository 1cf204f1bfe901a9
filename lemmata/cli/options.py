"""Options that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lemmata.cli.arguments import pair
from lemmata.cli.output import Color

Json = Annotated[bool, typer.Option("--json", metavar="", help="Print exactly one JSON document, whatever happens.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", metavar="", help="Print nothing but errors; the exit code tells.")
]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", "-t", metavar="SECONDS", help="Time for each obligation; 0 answers unknown at once."),
]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", metavar="N", help="Obligations worked on at once.")]
Provers = Annotated[
    str | None, typer.Option("--provers", metavar="A,B,...", help="Ask only these provers; [bold]all[/] is every one.")
]
Prover = Annotated[
    list[str] | None,
    typer.Option(
        "--prover",
        metavar="NAME[:MODEL]",
        help="Ask this prover; repeat it to mix. [bold]symbolic[/] is every one that needs no model.",
    ),
]
Critic = Annotated[
    list[str] | None,
    typer.Option(
        "--critic",
        metavar="NAME[:MODEL]",
        help="Have this critic judge goals, or a ranker order invariants; repeat it for several.",
    ),
]
Policy = Annotated[str | None, typer.Option("--policy", metavar="NAME", help="Which open goal is worked on next.")]
IntWidth = Annotated[
    str | None,
    typer.Option(
        "--int-width", metavar="32|64|none", help="Machine integers of C, with overflow; none is mathematical ones."
    ),
]
RequireBoth = Annotated[
    bool | None,
    typer.Option("--require-both", metavar="", help="Proved only if Z3 and cvc5 both prove every condition."),
]
RequireReachable = Annotated[
    bool | None,
    typer.Option(
        "--require-reachable", metavar="", help="Warn where no run is known to reach an assertion of a proved program."
    ),
]
MemoryLimit = Annotated[
    str | None,
    typer.Option("--memory-limit", metavar="SIZE", help="Memory of each backend process, [bold]2 GiB[/] for example."),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of everything that draws lots.")]
Store = Annotated[
    Path | None, typer.Option("--store", metavar="FILE", help="Where runs, events and certificates are recorded.")
]
NoStore = Annotated[bool, typer.Option("--no-store", metavar="", help="Record nothing.")]
NoMinimise = Annotated[
    bool, typer.Option("--no-minimise", metavar="", help="Keep clauses that the proof does not need.")
]
_COQ = "Coq"
CoqQ = Annotated[
    list[str] | None,
    typer.Option(
        "-Q", metavar="DIR NAME", help="Libraries in DIR are called NAME.*, as for coqc.", rich_help_panel=_COQ
    ),
]
CoqR = Annotated[
    list[str] | None,
    typer.Option("-R", metavar="DIR NAME", help="The same, and the short names work too.", rich_help_panel=_COQ),
]
CoqI = Annotated[
    list[str] | None, typer.Option("-I", metavar="DIR", help="Look for plugins in DIR.", rich_help_panel=_COQ)
]
AllowAxioms = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-axioms",
        metavar="NAME",
        help="A proof may rest on this axiom; repeat it, or say [bold]'*'[/] for any.",
    ),
]
Emit = Annotated[
    list[str] | None,
    typer.Option(
        "--emit",
        metavar="SYSTEM",
        help="Write a proved program's conditions as theorems for coq, lean, isabelle or fstar; may be repeated.",
    ),
]
EmitSmt2 = Annotated[
    Path | None,
    typer.Option("--emit-smt2", metavar="DIR", help="Write every condition of a proof as an SMT-LIB file into DIR."),
]
Recheck = Annotated[
    str | None,
    typer.Option("--recheck", metavar="coq", help="Proved only if Coq proves those theorems too, without axioms."),
]
Root = Annotated[
    Path | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="A copy of the standard library's sources; files in it have the library's names.",
        rich_help_panel=_COQ,
    ),
]
ColorOption = Annotated[
    Color | None, typer.Option("--color", metavar="WHEN", help="When to colour: auto, always or never.")
]


def coq_flags(q: list[str] | None, r: list[str] | None, i: list[str] | None) -> list[str] | None:
    """Return the values of `-Q`, `-R` and `-I` as arguments of `coqc`; None where there are none."""
    found = [word for flag, values in (("-Q", q), ("-R", r)) for value in values or () for word in (flag, *pair(value))]
    found += [word for value in i or () for word in ("-I", value)]
    return found or None


def settings(**overrides: Any) -> Any:
    """Gather the settings, the command line's first; return a `lemmata.config.Settings`."""
    from lemmata.api import load_settings

    return load_settings({name: value for name, value in overrides.items() if value is not None and value != []})
