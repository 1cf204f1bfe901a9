"""Finding checkers, provers and critics by their entry points.

A package makes its plugins known in its `pyproject.toml`, for example

    [project.entry-points."lemmata.provers"]
    mine = "my_package.prover:MyProver"

Nothing is imported until it is asked for by name, and one broken plugin never hides the others.
"""

from __future__ import annotations

import difflib
import importlib.util
from importlib import metadata
from importlib.metadata import EntryPoint
from typing import Any

from lemmata.errors import BackendError, BackendMissing, UsageError

CHECKERS = "lemmata.checkers"
PROVERS = "lemmata.provers"
CRITICS = "lemmata.critics"


def available(group: str) -> dict[str, EntryPoint]:
    """Return the plugins of a group by name, sorted; none of them is imported.

    Args:
        group: `CHECKERS`, `PROVERS` or `CRITICS`.
    """
    found: dict[str, EntryPoint] = {}
    ours: set[str] = set()
    for distribution in metadata.distributions():
        try:
            points = [point for point in distribution.entry_points if point.group == group]
            name = distribution.name
        except (TypeError, ValueError, KeyError, AttributeError, OSError):
            # Somebody's damaged package metadata is no reason to lose everybody else's plugins.
            continue
        for point in points:
            # Of equal names the first on the import path counts, as for modules; but what comes with
            # Lemmata cannot be replaced under its own name.
            if point.name not in found or (name == "lemmata" and point.name not in ours):
                found[point.name] = point
            if name == "lemmata":
                ours.add(point.name)
    return dict(sorted(found.items()))


def target(group: str, name: str) -> str:
    """Return a plugin's `module:Class` without importing it; raise `UsageError` when there is no such plugin."""
    return _find(group, name).value.partition("[")[0].strip()


def load(group: str, name: str) -> Any:
    """Import a plugin.

    Args:
        group: `CHECKERS`, `PROVERS` or `CRITICS`.
        name: of the plugin, a key of `available`.

    Returns:
        What its entry point names, usually a class.

    Raises:
        UsageError: there is no such plugin.
        BackendMissing: something that it imports, or names in `needs`, is not installed.
        BackendError: it is broken in another way.
    """
    point = _find(group, name)
    what = f"{singular(group)} {name!r}"
    try:
        kind = point.load()
    except ImportError as error:
        raise BackendMissing(f"{what} cannot be imported: {error}", hint=_install(point, error)) from error
    except Exception as error:
        # A plugin is somebody else's code: whatever it raises while it is imported is about that plugin alone.
        raise BackendError(
            f"{what} ({point.value}) is broken: {type(error).__name__}: {error}",
            hint=f"upgrade or uninstall {_distribution(point)}",
        ) from error
    lacking = [module for module in getattr(kind, "needs", ()) if importlib.util.find_spec(module) is None]
    if lacking:
        hint = str(getattr(kind, "install", "")) or f"install {lacking[0]!r}, for example with pip"
        raise BackendMissing(f"{what} needs {' and '.join(lacking)}, not installed here", hint=hint)
    return kind


def _find(group: str, name: str) -> EntryPoint:
    known = available(group)
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    listed = f"known are {', '.join(known)}" if known else "none is installed"
    raise UsageError(
        f"there is no {singular(group)} {name!r}; {listed}", hint=f"did you mean {near[0]!r}?" if near else ""
    )


def singular(group: str) -> str:
    """Return what one plugin of a group is called: `checker`, `prover` or `critic`."""
    return group.rpartition(".")[2].removesuffix("s")


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module.partition(".")[0]


def _install(point: EntryPoint, error: ImportError) -> str:
    if point.extras:
        return f"pip install '{_distribution(point)}[{','.join(point.extras)}]'"
    top = (error.name or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and top and top != point.module.partition(".")[0]:
        return f"install {top!r}, for example with pip"
    return f"reinstall {_distribution(point)}"
