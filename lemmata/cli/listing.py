"""`lemmata list`: the obligations of files, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output
from lemmata.errors import LemmataError

if TYPE_CHECKING:
    from lemmata.config import Settings
    from lemmata.goal import Obligation
    from lemmata.plugins.wiring import Workbench

SCHEMA = "lemmata.list/1"
_OPEN = "open"
_WRITTEN = "written"
"""State of a theorem that has a proof in its file."""


def list_obligations(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Source files.")],
    as_json: options.Json = False,
    every: Annotated[
        bool, typer.Option("--all", metavar="", help="Show also the theorems that have a proof in the file.")
    ] = False,
    int_width: options.IntWidth = None,
    coq_q: options.CoqQ = None,
    coq_r: options.CoqR = None,
    coq_i: options.CoqI = None,
    allow_axioms: options.AllowAxioms = None,
    root: options.Root = None,
    store: options.Store = None,
    color: options.ColorOption = None,
) -> int:
    """Show the obligations of a file, and which have a certificate.

    An obligation is [bold]open[/], or it has the verdict of its certificate. With [bold]--all[/], theorems whose proof
    stands in the file are shown as [bold]written[/].
    """
    import asyncio

    settings = options.settings(
        int_width=int_width,
        coq_flags=options.coq_flags(coq_q, coq_r, coq_i),
        allow_axioms=allow_axioms,
        root=root,
        store=store,
        color=color.value if color else None,
    )
    output = Output(as_json=as_json, color=Color(settings.color))
    rows, worst = asyncio.run(_rows(files, settings, every, output))
    for row in rows:
        certificate = f"  {row['certificate']}" if row["state"] not in (_OPEN, _WRITTEN) else ""
        output.text(f"{row['location']}  {row['obligation']}  {row['state']}{certificate}")
    more = {}
    if worst is not None:
        from lemmata.workflow.results import error_json

        more["error"] = error_json(worst)
    output.document({"schema": SCHEMA, "results": rows, **more})
    return worst.exit_code if worst else 0


@dataclass(frozen=True, slots=True)
class _Listed:
    """What is said of one obligation."""

    obligation: Obligation
    state: str
    """Where there is no certificate."""
    statement: str | None


async def _rows(
    files: list[str], settings: Settings, every: bool, output: Output
) -> tuple[list[dict[str, Any]], LemmataError | None]:
    """Return what is said of each obligation, and the worst error of those that were printed."""
    from lemmata.plugins.wiring import Workbench

    rows: list[dict[str, Any]] = []
    worst: LemmataError | None = None
    known = _certificates(settings)
    async with Workbench(settings) as bench:
        for name in files:
            try:
                found = await _read(name, bench, every)
            except LemmataError as error:
                worst = error if worst is None or error.exit_code == 2 else worst
                output.diagnostic(str(error))
                continue
            rows += [_row(name, listed, known.get(listed.obligation.key)) for listed in found]
    return rows, worst


async def _read(name: str, bench: Workbench, every: bool) -> list[_Listed]:
    """Return what a target names."""
    from lemmata.protocols import Catalogue, Stated
    from lemmata.workflow import targets
    from lemmata.workflow.run import check_size

    target = targets.parse(name)
    check_size(target.path, bench.settings.max_source_bytes)
    checker = bench.checker_for(target.path)
    given = bench.options(checker.name)
    if isinstance(checker, Catalogue) and (every or target.selector is not None):
        still_open = await checker.obligations(target.path, given)
        whole = target.selector is None
        found = await (checker.catalogue(target.path, given) if whole else targets.read(checker, target, given))
        rows = _with_states(found, still_open, whole)
    else:
        rows = [(obligation, _OPEN) for obligation in await targets.read(checker, target, given)]
    stated = checker if isinstance(checker, Stated) else None
    return [_Listed(o, state, stated.statement(o) if stated else None) for o, state in rows]


def _with_states(found: list[Obligation], still_open: list[Obligation], whole: bool) -> list[tuple[Obligation, str]]:
    """Say of each obligation whether it is open; where the whole file was asked for, add the open ones that lack."""
    keys = {obligation.key for obligation in still_open}
    # Holes within a proof are obligations of their own, `name#1`; the theorem is as open as they are.
    names = {obligation.name.partition("#")[0] for obligation in still_open}
    # A theorem may come twice, once as a theorem and once as what is open in it.
    chosen = {obligation.key: obligation for obligation in (*found, *(still_open if whole else ()))}
    rows = [(o, _OPEN if key in keys or o.name in names else _WRITTEN) for key, o in chosen.items()]
    return sorted(rows, key=lambda row: (row[0].location.line, row[0].location.column))


def _certificates(settings: Settings) -> dict[str, str]:
    """Return the newest certificate on disk of each obligation that the store knows; listing makes no store."""
    if not settings.store.is_file():
        return {}
    from lemmata.store import Store

    with Store.open(settings.store) as store:
        newest_last = reversed(store.certificates())
        return {record.key: record.path for record in newest_last if Path(record.path).is_file()}


def _row(target: str, listed: _Listed, certificate: str | None) -> dict[str, Any]:
    obligation = listed.obligation
    return {
        "target": target,
        "obligation": obligation.name,
        "system": obligation.system,
        "location": str(obligation.location),
        "statement": listed.statement,
        "state": listed.state if certificate is None else _state(certificate),
        "certificate": certificate,
    }


def _state(certificate: str) -> str:
    from lemmata.certificate import load

    try:
        return load(Path(certificate)).verdict.value
    except LemmataError:
        return _OPEN
