from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_terms import BYTE, terms

from lemmata.logic.parse import parse
from lemmata.logic.sorts import BOOL, INT
from lemmata.logic.transition import (
    Block,
    Cut,
    Input,
    TransitionSystem,
    Variable,
    decode,
    decode_terms,
    encode,
    encode_terms,
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from([INT, BOOL, BYTE]).flatmap(lambda s: terms(s, 2)), max_size=4))
def test_terms_survive_json(roots):
    decoded = decode_terms(json.loads(json.dumps(encode_terms(roots))))
    assert all(a is b for a, b in zip(decoded, roots, strict=True))


def counter(body: str) -> TransitionSystem:
    """`x := nondet; while (x < 9) x := body; error when x > 9`."""
    state = (Variable("x", INT, "x"),)
    cuts = (Cut("E", "entry", 1, 1), Cut("L1", "loop", 2, 3, state, hints=("x <= 9",)), Cut("X", "error", 4, 1))
    go, bad = parse("(< x 9)", {"x": INT}), parse("(> x 9)", {"x": INT})
    free = Input("x0", INT, "nondet")
    blocks = (
        Block(
            "E",
            "L1",
            (free,),
            parse("(<= x0 9)", {"x0": INT}),
            (("x", parse("x0", {"x0": INT}, INT)),),
            parse("true", {}),
        ),
        Block("L1", "L1", (), go, (("x", parse(body, {"x": INT}, INT)),), parse("true", {})),
        Block("L1", "X", (), bad, (), parse("true", {})),
    )
    return TransitionSystem(cuts, blocks, (("L1", go),))


def test_systems_survive_json():
    system = counter("(+ x 1)")
    assert decode(json.loads(json.dumps(encode(system)))) == system


def test_encoding_is_linear_in_shared_terms():
    body = "x"
    for _ in range(40):
        body = f"(let ((x {body})) (+ x x))"
    assert len(json.dumps(encode(counter(body)))) < 6000


def test_other_json_is_refused():
    with pytest.raises((KeyError, ValueError)):
        decode({})
