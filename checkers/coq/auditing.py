"""What the verifications of proofs and of refutations share: which options a file may have, and how audits are told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from checkers.coq.installation import Installation
from checkers.coq.project import Flags, flags
from checkers.coq.runs import Run, RunFailed
from lemmata.errors import UsageError
from lemmata.goal import Obligation
from lemmata.verdict import Audit

_TOP = re.compile(r"[^\W\d][\w']*(?:\.[^\W\d][\w']*)*")

# The options that a file may be compiled with, and their operands: none that weakens Coq's logic.
_OPTIONS = {
    **dict.fromkeys(("-Q", "-R"), 2),
    **dict.fromkeys(("-I", "-include", "-w", "-set", "-unset", "-compat", "-native-compiler", "-bytecode-compiler"), 1),
    **dict.fromkeys(
        ("-noinit", "-nois", "-impredicative-set", "-indices-matter", "-allow-sprop", "-disallow-sprop"), 0
    ),
}
_UNSAFE_SETTING = re.compile(r"checking|definitional\s+uip", re.I)


def compiled_with(obligation: Obligation, settings: Mapping[str, str], installation: Installation) -> Flags:
    """Return how a file is compiled; raises `UsageError` where the settings make no sense."""
    if settings.get("top"):
        try:
            arguments = json.loads(settings.get("arguments") or "[]")
        except ValueError:
            arguments = None
        if not isinstance(arguments, list) or not all(isinstance(word, str) for word in arguments):
            raise UsageError("the option `arguments` is not a JSON list of words")
        return Flags(tuple(arguments), settings["top"])
    return flags(Path(obligation.location.file), settings, installation)


def unsafe_flag(compiled: Flags) -> str:
    """Return what is wrong with the options, empty where nothing is."""
    if not _TOP.fullmatch(compiled.top):
        return f"{compiled.top!r} is not a module's name"
    words = list(compiled.arguments)
    while words:
        word = words.pop(0)
        count = _OPTIONS.get(word)
        if count is None or len(words) < count:
            return f"the option {word} is not allowed"
        operands = [words.pop(0) for _ in range(count)]
        if word in ("-set", "-unset") and _UNSAFE_SETTING.search(operands[0]):
            return f"the option {word} {operands[0]} is not allowed"
    return ""


def of_run(command: str, run: Run) -> Audit:
    """Return the audit that a process made."""
    result = "passed" if run.ok else "unknown" if run.limited else "failed"
    return Audit(command, result, run.error, run.digest, round(run.seconds, 3))


def of_failure(command: str, what: str, error: RunFailed) -> Audit:
    """Return the audit of a process that did not do its work."""
    return Audit(command, "unknown" if error.limited else "failed", f"{what}: {error.message}")
