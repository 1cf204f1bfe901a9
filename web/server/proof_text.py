"""A finished proof as text, each line with the steps that it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from lemmata.certificate import Certificate
from lemmata.errors import LemmataError
from lemmata.graph import ProofGraph
from lemmata.step import Step

_SUFFIXES = {"coq": ".v", "programs": ".c", "smt": ".smt2"}
LANGUAGES = {"coq": "coq", "programs": "c", "smt": "smt2"}
"""Language of an obligation's source, by its system."""

_Origin = tuple[int, Step]
"""Number of a step's node, and the step as it stands in the proof."""


def origins(certificate: Certificate) -> list[_Origin]:
    """Return the steps of a certificate's proof, root first, each with its node in the certificate's graph.

    Steps that the graph does not account for are left out: a certificate is data from outside.
    """
    try:
        graph = ProofGraph.from_json(certificate.graph)
        proof = graph.cheapest_proof()
        nodes = [] if proof is None else proof.order()
    except LemmataError:
        return []
    found: list[_Origin] = []
    left = iter(nodes)
    for step in certificate.steps:
        for node in left:
            whole = graph.step(node).effective
            # The minimiser leaves out parts of a step, or whole steps.
            if whole.key == step.key or (step.parts and set(step.parts) <= set(whole.parts)):
                found.append((node, step))
                break
    return found


def document(certificate: Certificate, text: str) -> dict[str, Any]:
    """Return a `ProofText`.

    Args:
        certificate: of a proof.
        text: the proof as a person reads it, the source with the steps in it.
    """
    system = certificate.obligation.system
    lines = text.split("\n")
    linked = _linked(lines, certificate.obligation.source.split("\n"), origins(certificate))
    stem = Path(certificate.obligation.location.file).stem or "proof"
    return {
        "language": LANGUAGES.get(system, "text"),
        "file": f"{stem}.{certificate.obligation.name}.proof{_SUFFIXES.get(system, '.txt')}",
        "lines": [{"text": line, "nodes": nodes} for line, nodes in zip(lines, linked, strict=True)],
    }


def _linked(lines: Sequence[str], source: Sequence[str], proof: Iterable[_Origin]) -> list[list[int]]:
    nodes: list[list[int]] = [[] for _ in lines]
    # The proof begins where the text ceases to be the source.
    begin = next((i for i, (new, old) in enumerate(zip(lines, source, strict=False)) if new != old), 0)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    text, at = "\n".join(lines), offsets[begin]
    for node, step in proof:
        if step.parts:
            for part in step.parts:
                for number in range(begin, len(lines)):
                    if part.text in lines[number] and lines[number] not in source and node not in nodes[number]:
                        nodes[number].append(node)
            continue
        found = text.find(step.text, at)
        if not step.text or found < 0:
            continue
        at = found + len(step.text)
        for number, (first, last) in enumerate(pairwise(offsets)):
            if first < at and found < last and node not in nodes[number]:
                nodes[number].append(node)
    return nodes
