"""Graphs from documents: round trips, and refusal of everything malformed."""

from __future__ import annotations

import copy
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import Builder, proposal

from lemmata.errors import CertificateError
from lemmata.graph import ProofGraph
from lemmata.outcome import Closed, Note, Rejected
from lemmata.step import Part, Proposal, Step, clauses

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def document():
    b = Builder()
    b.add("root", "a", "b")
    b.add("a", "root")
    b.add("b")
    b.graph.add_step(b.node("a"), proposal("no"), Rejected("no", 0.5, (Note(0, False, "x", {"y": 1}),), {"z": 2}))
    b.graph.add_step(b.node("a"), Proposal(clauses((Part("l", "p"),)), -0.5, "p", 0.1, 7), Closed())
    b.graph.add_step(b.node("b"), proposal("search"), Closed(0.1, (), Step("found", "tactic", (Part("l", "p"),))))
    return b.graph.to_json()


def test_the_document_survives_json():
    first = document()
    graph = ProofGraph.from_json(json.loads(json.dumps(first)))
    graph.check_invariants()
    assert graph.to_json() == first
    assert graph.proved
    *_, last = graph.steps()
    assert (last.step, last.effective) == (Step("search"), Step("found", "tactic", (Part("l", "p"),)))


def test_a_loaded_graph_can_grow():
    graph = ProofGraph.from_json(document())
    number = graph.add_step(graph.root, proposal("more"), Closed())
    graph.check_invariants()
    assert number == 1 + max(n for n in graph.network.nodes if n != number)


def test_only_the_proof_is_exported():
    graph = ProofGraph.from_json(document())
    proof = graph.cheapest_proof()
    part = graph.to_json(proof)
    assert len(part["steps"]) == 3
    loaded = ProofGraph.from_json(part)
    loaded.check_invariants()
    assert loaded.proved
    assert loaded.to_json() == part


def change(path, value):
    def apply(doc):
        target = doc
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value

    return apply


MUTATIONS = {
    "version": change(["version"], 2),
    "boolean version": change(["version"], True),
    "no root": change(["root"], 99),
    "text root": change(["root"], "0"),
    "dangling subgoal": change(["steps", 0, "subgoals", 0, 0], 99),
    "step as subgoal": change(["steps", 0, "subgoals", 0, 0], 1),
    "dangling goal": change(["steps", 0, "goal"], 99),
    "number taken": change(["steps", 0, "node"], 0),
    "boolean number": change(["steps", 0, "node"], True),
    "negative number": change(["goals", 0, "node"], -1),
    "unmarked loop": change(["steps", 1, "loop"], []),
    "foreign loop": change(["steps", 0, "loop"], [0]),
    "changed goal": change(["goals", 1, "conclusion"], "another"),
    "changed status": change(["goals", 0, "status"], "open"),
    "changed step status": change(["steps", 1, "status"], "open"),
    "unknown outcome": change(["steps", 0, "outcome"], "proved"),
    "outcome without subgoals": change(["steps", 0, "outcome"], "closed"),
    "nan": change(["steps", 0, "log_probability"], math.nan),
    "huge": change(["steps", 0, "log_probability"], 10**400),
    "parts": change(["steps", 0, "parts"], [["a", "b"]]),
    "note": change(["steps", 3, "notes"], [{"part": 0}]),
    "replacement of a rejected step": change(["steps", 3, "replacement"], {"kind": "t", "text": "x", "parts": []}),
    "replacement not an object": change(["steps", 5, "replacement"], None),
    "replacement with more": change(["steps", 5, "replacement", "subgoals"], 1),
    "replacement's text": change(["steps", 5, "replacement", "text"], 1),
    "goals not a list": change(["goals"], {}),
    "missing goals": change(["goals"], []),
    "split": change(["split"], [1]),
    "extra": change(["extra"], 1),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_malformed_documents_are_refused(name):
    doc = document()
    MUTATIONS[name](doc)
    with pytest.raises(CertificateError, match="malformed proof graph"):
        ProofGraph.from_json(doc)


def test_a_goal_twice_is_refused_unless_split():
    doc = document()
    doc["goals"].append(dict(doc["goals"][1], node=50, status="irrelevant"))
    with pytest.raises(CertificateError, match="twice"):
        ProofGraph.from_json(doc)
    doc["split"] = [doc["goals"][1]["key"]]
    ProofGraph.from_json(doc).check_invariants()


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_value_is_a_graph_or_an_error(value):
    with pytest.raises(CertificateError):
        ProofGraph.from_json(value)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_mutated_documents_load_soundly_or_are_refused(data):
    doc = copy.deepcopy(document())
    for _ in range(data.draw(st.integers(1, 3))):
        target = doc
        while True:
            keys = list(target) if isinstance(target, dict) else list(range(len(target)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(target[key], dict | list) and target[key] and data.draw(st.booleans()):
                target = target[key]
                continue
            if data.draw(st.booleans()):
                target[key] = data.draw(JSON)
            else:
                del target[key]
            break
    try:
        graph = ProofGraph.from_json(doc)
    except CertificateError:
        return
    graph.check_invariants()
