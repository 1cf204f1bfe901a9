"""`lemmata.json`: what a trained model's folder says of itself, written last, so that a folder that has it is whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemmata.errors import InputError, Location

NAME = "lemmata.json"
SCHEMA = "lemmata.model/1"
UNFINISHED = "checkpoints"
"""Folder within a model's folder that exists while its training is not finished."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model is for, and how it has to be asked."""

    kind: str
    """`prover`, `critic` or `ranker`."""
    format: str
    """Name and version of the prompt format that it was trained with, `reprover/1` for example."""
    systems: tuple[str, ...] = ()
    """Proof systems whose goals it has seen."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """Data, settings and results of its training; JSON values only."""


def read(folder: Path) -> Manifest | None:
    """Read a model folder's manifest; None where it has none, as models from elsewhere.

    Raises:
        InputError: it has one that cannot be read, or its training is not finished.
    """
    path = folder / NAME
    try:
        body: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if (folder / UNFINISHED).is_dir():
            message = "the training of this model is not finished"
            raise InputError(message, hint="run it again with --resume", location=Location(str(folder))) from None
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", location=Location(str(path))) from error
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        raise InputError(f"this is no {SCHEMA} document", location=Location(str(path)))
    systems, training = body.get("systems"), body.get("training")
    return Manifest(
        str(body.get("kind", "")),
        str(body.get("format", "")),
        tuple(str(name) for name in systems) if isinstance(systems, list) else (),
        training if isinstance(training, dict) else {},
    )


def write(folder: Path, manifest: Manifest) -> None:
    """Write a manifest in one go: a reader finds it whole or not at all."""
    body = {
        "schema": SCHEMA,
        "kind": manifest.kind,
        "format": manifest.format,
        "systems": list(manifest.systems),
        "training": dict(manifest.training),
    }
    replace(folder / NAME, json.dumps(body, indent=1, sort_keys=True) + "\n")


def replace(path: Path, text: str) -> None:
    """Write a file's whole text, so that it is there whole or as it was."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
