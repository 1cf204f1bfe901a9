"""`lemmata list`: the obligations of files, and what is known of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lemmata.cli import options
from lemmata.cli.output import Color, Output
from lemmata.errors import LemmataError

if TYPE_CHECKING:
    from lemmata.config import Settings
    from lemmata.goal import Obligation

SCHEMA = "lemmata.list/1"


def list_obligations(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Source files.")],
    as_json: options.Json = False,
    int_width: options.IntWidth = None,
    store: options.Store = None,
    color: options.ColorOption = None,
) -> int:
    """Show the obligations of a file, and which have a certificate."""
    settings = options.settings(int_width=int_width, store=store, color=color.value if color else None)
    output = Output(as_json=as_json, color=Color(settings.color))
    rows: list[dict[str, Any]] = []
    worst: LemmataError | None = None
    known = _certificates(settings)
    for name in files:
        try:
            found = _read(name, settings)
        except LemmataError as error:
            worst = error if worst is None or error.exit_code == 2 else worst
            output.diagnostic(str(error))
            continue
        rows += [_row(name, obligation, known.get(obligation.key)) for obligation in found]
    for row in rows:
        state = row["state"]
        output.text(
            f"{row['location']}  {row['obligation']}  {state}" + (f"  {row['certificate']}" * (state != "open"))
        )
    more = {}
    if worst is not None:
        from lemmata.workflow.results import error_json

        more["error"] = error_json(worst)
    output.document({"schema": SCHEMA, "results": rows, **more})
    return worst.exit_code if worst else 0


def _read(name: str, settings: Settings) -> list[Obligation]:
    import asyncio

    from lemmata.plugins.wiring import Workbench
    from lemmata.workflow import targets
    from lemmata.workflow.run import check_size

    async def work() -> list[Obligation]:
        target = targets.parse(name)
        check_size(target.path, settings.max_source_bytes)
        async with Workbench(settings) as bench:
            checker = bench.checker_for(target.path)
            return targets.select(target, await checker.obligations(target.path, bench.options(checker.name)))

    return asyncio.run(work())


def _certificates(settings: Settings) -> dict[str, str]:
    """Return the newest certificate on disk of each obligation that the store knows; listing makes no store."""
    if not settings.store.is_file():
        return {}
    from lemmata.store import Store

    with Store.open(settings.store) as store:
        newest_last = reversed(store.certificates())
        return {record.key: record.path for record in newest_last if Path(record.path).is_file()}


def _row(target: str, obligation: Obligation, certificate: str | None) -> dict[str, Any]:
    return {
        "target": target,
        "obligation": obligation.name,
        "system": obligation.system,
        "location": str(obligation.location),
        "state": "open" if certificate is None else _state(certificate),
        "certificate": certificate,
    }


def _state(certificate: str) -> str:
    from lemmata.certificate import load

    try:
        return load(Path(certificate)).verdict.value
    except LemmataError:
        return "open"
