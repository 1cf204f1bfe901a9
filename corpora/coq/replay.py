"""Whole Coq files, replayed: the steps of their proofs, each with the goal at which it was taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from checkers.coq import goals
from checkers.coq.environment import Surroundings
from checkers.coq.installation import Installation
from checkers.coq.line import Line, Load, LoadFailed
from checkers.coq.loading import Loaded
from checkers.coq.project import flags
from checkers.coq.scan import Hole, HoleKind
from checkers.coq.sentences import split
from checkers.process import Supervisor
from lemmata.errors import InputError
from lemmata.verdict import Limits

LIMITS = Limits(memory_bytes=4 << 30, file_bytes=64 << 20)
"""What the process that replays a file may use."""
_SETTINGS = (*goals.SETTINGS, "Unset Printing Notations.")


def whole(path: Path, root: Path, installation: Installation) -> Loaded:
    """Read a file to its end, as what stands above a theorem is read.

    Args:
        path: the file, below `root`.
        root: the folder of its library, whose name is the library's logical name.
        installation: the Coq that will read it.

    Raises:
        InputError: it is no text, or no sequence of sentences.
    """
    try:
        source = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from None
    sentences = tuple(split(source))
    end = len(source)
    hole = Hole("", "", HoleKind.THEOREM, 1, 1, (end, end), end, end, end, "Qed.", None, (), (), ())
    found = flags(path, {}, installation)
    # Libraries name their own modules briefly, which their installed form does not allow without this.
    found = replace(found, arguments=(*found.arguments, "-R", str(root), root.name))
    plain = Load((*_SETTINGS, *(sentence.text for sentence in sentences)), len(_SETTINGS))
    return Loaded("", str(path), source, hole, found, sentences, len(_SETTINGS), plain, "")


async def proofs(supervisor: Supervisor, installation: Installation, path: Path, root: Path) -> list[dict[str, Any]]:
    """Return the proofs of a file as `Surroundings.proofs` does.

    Raises:
        InputError: it cannot be read, or Coq refuses a sentence of it.
        BackendError: Coq cannot be run, or takes too long.
    """
    loaded = whole(path, root, installation)
    line = Line(supervisor, installation, loaded.flags, loaded.plain, LIMITS)
    try:
        replies = await line.start()
        return Surroundings(loaded, replies).proofs()
    except LoadFailed as error:
        raise loaded.refused(error) from None
    finally:
        await line.close()
