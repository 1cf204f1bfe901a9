"""The option `allow_axioms`."""

from __future__ import annotations

import pytest

from lemmata.axioms import allowed_axioms
from lemmata.errors import UsageError


@pytest.mark.parametrize(
    ("text", "names"),
    [("", ()), ("*", ("*",)), ('"*"', ("*",)), ('["b", "a"]', ("b", "a")), ("[]", ()), ('"a"', ("a",))],
)
def test_names_are_read_in_their_order(text: str, names: tuple[str, ...]) -> None:
    assert allowed_axioms(text) == names


@pytest.mark.parametrize("text", ["{", "{}", "3", "null", '[""]', "[1]", "a", "[" * 100_000])
def test_anything_else_is_one_error(text: str) -> None:
    with pytest.raises(UsageError, match="not a JSON list"):
        allowed_axioms(text)
