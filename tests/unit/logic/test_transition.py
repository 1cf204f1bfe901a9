from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lemmata.logic.sorts import BOOL, INT
from lemmata.logic.transition import decode, decode_terms, encode, encode_terms
from tests.unit.logic.strategies import BYTE, terms
from tests.unit.provers.systems import loop


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from([INT, BOOL, BYTE]).flatmap(lambda s: terms(s, 3)), max_size=4))
def test_terms_survive_json(roots):
    decoded = decode_terms(json.loads(json.dumps(encode_terms(roots))))
    assert all(a is b for a, b in zip(decoded, roots, strict=True))


def test_systems_survive_json():
    system = loop("i n a", ["0", "n0", "a0"], "(< i n)", ["(+ i 1)", "n", "(store a i 0)"], "(<= i n)", arrays="a")
    assert decode(json.loads(json.dumps(encode(system)))) == system


def test_encoding_is_linear_in_shared_terms():
    body = "x"
    for _ in range(40):
        body = f"(let ((x {body})) (+ x x))"
    system = loop("x", ["0"], "true", [body], "true")
    assert len(json.dumps(encode(system))) < 6000


def test_other_json_is_refused():
    with pytest.raises((KeyError, ValueError)):
        decode({})
