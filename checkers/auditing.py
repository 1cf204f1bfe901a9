"""What the verifications of every proof system share: when audits settle a claim, and what a proof may rest on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from lemmata.errors import UsageError
from lemmata.verdict import Audit, Verdict


def concluded(audits: Sequence[Audit], claim: Verdict, *, count: int, optional: str = "") -> tuple[Verdict, str]:
    """Return the claim where the audits settle it, or else `unknown` with the reason.

    Args:
        audits: in the order in which they were made; every one has to pass.
        claim: what they were to show.
        count: how many there are when none is missing.
        optional: begins the command of a second opinion, which may be unknown but must not contradict; none is where
            this is empty.
    """
    for audit in audits:
        excused = bool(optional) and audit.result == "unknown" and audit.command.startswith(optional)
        if audit.result != "passed" and not excused:
            return Verdict.UNKNOWN, audit.detail
    if len(audits) < count:
        return Verdict.UNKNOWN, "the verification is incomplete"
    return claim, ""


def allowed_axioms(text: str) -> frozenset[str]:
    """Read the option `allow_axioms`: a JSON list of names, or `"*"` for all.

    Raises:
        UsageError: it is neither.
    """
    if text in ("", "*"):
        return frozenset({text} - {""})
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise UsageError("allow_axioms is not a JSON list of names", hint='write it like ["Classical_Prop.classic"]')
    return frozenset(value)


def sha256(text: str) -> str:
    """Return the digest of a text that an audit is about, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
