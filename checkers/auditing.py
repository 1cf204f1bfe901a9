"""What the verifications of every proof system share: when audits settle a claim, and what they were made of."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

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


def of_text(artefact: str, began: float, *, ok: bool, detail: str, inside: str = "a plain proof in the hole") -> Audit:
    """Return the audit that compared an artefact with its source.

    Args:
        artefact: the whole text.
        began: when, by the monotonic clock.
        ok: whether it is the source with what may stand in the hole.
        detail: what was found, or what is wrong.
        inside: what may stand there.
    """
    seconds = round(time.monotonic() - began, 3)
    return Audit(f"text: the source with {inside}", "passed" if ok else "failed", detail, sha256(artefact), seconds)


def sha256(text: str) -> str:
    """Return the digest of a text that an audit is about, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
