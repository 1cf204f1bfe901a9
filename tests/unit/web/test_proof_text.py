"""The finished proof as text: every line knows the steps that it comes from."""

from __future__ import annotations

from lemmata import certificate as certificates
from lemmata.certificate import Certificate
from lemmata.errors import Location
from lemmata.goal import Goal, GoalRef, Obligation
from lemmata.graph import ProofGraph
from lemmata.outcome import Closed, Note, Open
from lemmata.step import Part, Proposal, Step, clauses
from lemmata.verdict import Verdict
from web.server.conversion import events
from web.server.proof_text import document, origins
from web.server.records import record

SOURCE = "Lemma two : A /\\ B.\nProof.\nAdmitted.\n(* auto. *)\n"
PROOF = "Lemma two : A /\\ B.\nProof.\n  split.\n  - auto.\n  - auto.\nQed.\n(* auto. *)\n"


def ref(text: str) -> GoalRef:
    """Return a goal."""
    return GoalRef(text, Goal("coq", text))


def proved(graph: ProofGraph, steps: list[Step], source: str, artefact: str, system: str = "coq") -> Certificate:
    """Return the certificate of a proof."""
    return certificates.build(
        Obligation(system, "two", source, Location("two.v", 1, 1)),
        Verdict.PROVED,
        environment={"checker": system},
        graph=graph.to_json(),
        steps=steps,
        artefact=artefact,
    )


def branching() -> tuple[Certificate, list[int]]:
    """Return a proof with two equal steps on two goals, and the numbers of its steps."""
    graph = ProofGraph(ref("A /\\ B"))
    split, auto = Step("split"), Step("auto")
    first = graph.add_step(0, Proposal(split, -0.1, "p"), Open((ref("A"), ref("B"))))
    left, right = graph.step(first).subgoals
    second = graph.add_step(left, Proposal(auto, -0.1, "p"), Closed())
    third = graph.add_step(right, Proposal(auto, -0.1, "p"), Closed())
    return proved(graph, [split, auto, auto], SOURCE, PROOF), [first, second, third]


def test_equal_steps_on_different_goals_are_told_apart() -> None:
    certificate, (first, second, third) = branching()
    assert [node for node, _ in origins(certificate)] == [first, second, third]
    lines = document(certificate, PROOF)["lines"]
    assert [(line["text"].strip(), line["nodes"]) for line in lines if line["nodes"]] == [
        ("split.", [first]),
        ("- auto.", [second]),
        ("- auto.", [third]),
    ]


def test_clauses_that_were_left_out_do_not_matter() -> None:
    parts = (Part("L1", "i <= n"), Part("L1", "i >= 0"), Part("L1", "i != 7"))
    whole = clauses(parts)
    graph = ProofGraph(ref("safe"))
    node = graph.add_step(
        0,
        Proposal(whole, -0.1, "p"),
        Closed(notes=tuple(Note(i, p.text != "i != 7") for i, p in enumerate(whole.parts))),
    )
    kept = clauses(parts[:1])
    source = "while (i < n) i++;\n"
    text = "/*@ loop invariant i <= n; */\nwhile (i < n) i++;\n"
    certificate = proved(graph, [kept], source, "{}", "programs")
    assert [line["nodes"] for line in document(certificate, text)["lines"]] == [[node], [], []]


def test_a_step_that_the_graph_does_not_hold_is_left_out() -> None:
    certificate, _ = branching()
    forged = proved(ProofGraph.from_json(certificate.graph), [Step("cheat"), Step("split")], SOURCE, PROOF)
    assert origins(forged) == []


def test_a_certificate_is_told_from_its_root() -> None:
    certificate, steps = branching()
    told = [made for i, event in enumerate(events(certificate)) if (made := record(i, event))]
    goals = [made for made in told if made["kind"] == "goal"]
    assert (goals[0]["node"], goals[0]["depth"], goals[0]["parent"]) == (0, 0, None)
    assert {made["depth"] for made in goals[1:]} == {1}
    assert {made["parent"] for made in goals[1:]} == {steps[0]}
    proved_nodes = {made["node"] for made in told if made["kind"] == "status" and made["status"] == "proved"}
    assert proved_nodes >= {0, *steps}
