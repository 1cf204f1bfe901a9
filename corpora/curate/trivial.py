"""Steps that teach little: those that change nothing, and goals that one automatic tactic closes.

After MPS-Prover (arXiv:2505.10962), which takes overly simple proofs and tactics that are frequent but without effect
out of its training data, about 40 % of it, without loss. It is about Lean; the lists here are our own, for each system.
"""

from __future__ import annotations

import re

from corpora.curate.proofs import text
from corpora.stages.task import Record

NO_EFFECT, TRIVIAL = "changes nothing", "closed by automation"
_AUTOMATIC = {
    "coq": "assumption auto btauto congruence contradiction discriminate discrR done easy eassumption eauto field "
    "firstorder fourier intuition lia lra nia nra omega reflexivity ring rtauto tauto trivial",
    "lean": "abel aesop assumption bv_decide contradiction decide done field_simp gcongr grind infer_instance linarith "
    "nlinarith norm_cast norm_num omega positivity push_cast rfl ring ring_nf simp simp_all simpa tauto trivial",
    "isabelle": "arith assumption auto blast fast fastforce force linarith meson presburger sos simp simp_all this",
    "fstar": "assumption smt trefl trivial",
}
_SETS = {system: frozenset(names.split()) for system, names in _AUTOMATIC.items()}
_PLAIN = re.compile(r"(?:now |by )?\(?\s*(\w+)\b\s*(?:\d+|\*|with\s+[\w*]+(?:\s+[\w]+)*)?\s*\)?\s*\.?")
"""A tactic without arguments; hint databases are none."""


def why(record: Record) -> str:
    """Say in which way a step is trivial; empty where it is not, or where it is not known what it left."""
    after = record.get("after")
    if not isinstance(after, list):
        return ""
    if after == [record.get("goal")]:
        return NO_EFFECT
    found = _PLAIN.fullmatch(text(record, "step").strip())
    automatic = found is not None and found.group(1) in _SETS.get(text(record, "system"), frozenset())
    return TRIVIAL if automatic and not after else ""
