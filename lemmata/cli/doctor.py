"""`lemmata doctor`: what is installed, what is missing, and what installs it."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lemmata.cli import options
from lemmata.cli.output import Color, Output, encodable

if TYPE_CHECKING:
    from lemmata.config import Settings

SCHEMA = "lemmata.doctor/1"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    required: bool = True
    detail: str = ""
    install: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the entry of this finding in a `lemmata.doctor/1` document."""
        return {
            "name": self.name,
            "ok": self.ok,
            "required": self.required,
            "detail": self.detail,
            "install": self.install or None,
        }


def doctor(
    as_json: options.Json = False,
    store: options.Store = None,
    color: options.ColorOption = None,
) -> int:
    """Say what is installed, what is missing, and the command that installs it.

    Exit code 4 when something that is required is missing.
    """
    from rich.text import Text

    settings = options.settings(store=store, color=color.value if color else None)
    output = Output(as_json=as_json, color=Color(settings.color))
    findings = [_python(), _package("z3", "z3-solver"), _package("cvc5", "cvc5"), _gcc(), *_plugins(settings)]
    findings += [_viewer(), _store(settings)]
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        if finding.ok:
            sign = Text(encodable("✓", "+"), style="bold green")
        elif finding.required:
            sign = Text(encodable("✗", "x"), style="bold red")
        else:
            sign = Text(encodable("·", "-"), style="yellow")
        line = Text.assemble(sign, f" {finding.name:<{width}}  {finding.detail}")
        if not finding.ok and finding.install:
            line.append(f"; to mend it: {finding.install}", style="bold")
        output.text(line)
    broken = [finding.name for finding in findings if finding.required and not finding.ok]
    output.text(f"missing or broken: {', '.join(broken)}" if broken else "everything that is required is there")
    output.document({"schema": SCHEMA, "results": [finding.to_json() for finding in findings], "ok": not broken})
    return 4 if broken else 0


def _python() -> Finding:
    return Finding("python", sys.version_info >= (3, 11), detail=platform.python_version(), install="Python 3.11+")


def _package(module: str, distribution: str) -> Finding:
    from importlib import metadata

    install = f"{sys.executable} -m pip install {distribution}"
    try:
        found = importlib.util.find_spec(module) is not None
        version = metadata.version(distribution)
    except (metadata.PackageNotFoundError, ValueError):
        found, version = False, ""
    return Finding(module, found, detail=version if found else "not installed", install=install)


def _gcc() -> Finding:
    path = shutil.which("gcc") or shutil.which("cc")
    detail = path or "not found; it is only needed by the tests"
    return Finding("gcc", path is not None, required=False, detail=detail, install="apt install gcc")


def _plugins(settings: Settings) -> list[Finding]:
    import asyncio

    from lemmata.plugins.wiring import Found, Workbench

    async def work() -> list[Found]:
        async with Workbench(settings) as bench:
            return await bench.probe()

    findings = []
    for found in asyncio.run(work()):
        said = found.availability
        detail = " ".join(filter(None, (said.version, said.detail)))
        # What comes with Lemmata itself has to work; the rest is extra.
        findings.append(Finding(f"{found.kind} {found.name}", said.available, found.required, detail, said.install))
        findings += [
            Finding(f"{found.name}: {tool.name}", tool.ok, False, tool.detail, tool.install) for tool in found.tools
        ]
    return findings


def _viewer() -> Finding:
    from lemmata.errors import BackendMissing
    from web.server import assets

    try:
        assets.load()
    except BackendMissing as error:
        return Finding("viewer", False, required=False, detail=error.message, install=error.hint)
    return Finding("viewer", True, required=False, detail="its page is built")


def _store(settings: Settings) -> Finding:
    from lemmata.errors import StoreError
    from lemmata.store import Store

    try:
        with Store.open(settings.store):
            pass
    except StoreError as error:
        return Finding("store", False, detail=error.message, install="")
    return Finding("store", True, detail=str(settings.store))
