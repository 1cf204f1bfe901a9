"""What a server says of the key that it was sent."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provers.neural.secrets import MASK, Secret

KEY = "sk-proj-4f/Q9zT+7uLmXw2RbVn8"
SCRIPT = "induction l as [| x l IH]; simpl; rewrite ?app_nil_r, ?IH; auto with arith datatypes."

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "upper case": str.upper,
    "quoted": lambda key: f'"{key}"',
    "without its end": lambda key: key[:-3],
    "without its beginning": lambda key: key[9:],
    "cut in two": lambda key: f"{key[:12]} {key[12:]}",
    "with underscores": lambda key: key.replace("-", "_"),
    "a letter a line": "\n".join,
    "backwards": lambda key: key[::-1],
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of the header": lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(),
    "base64 within something": lambda key: base64.urlsafe_b64encode(f"a{key}bc".encode()).decode(),
    "hexadecimal": lambda key: key.encode().hex(),
    "of a URL": lambda key: urllib.parse.quote(key, safe=""),
    "escaped": lambda key: "".join(f"\\u{ord(char):04x}" for char in key),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_masked_however_it_is_written(form: str) -> None:
    written = FORMS[form](KEY)
    shown = Secret(KEY).masked(f"{SCRIPT} {written} {SCRIPT}")
    assert MASK in shown
    assert shown.startswith(SCRIPT)
    assert shown.endswith(SCRIPT)
    assert not any(written[i : i + 10] in shown for i in range(len(written) - 9))


def test_what_is_no_key_stays() -> None:
    assert Secret(KEY).masked(SCRIPT) == SCRIPT
    assert Secret("").masked(SCRIPT) == SCRIPT
    assert Secret("x").masked(SCRIPT) == SCRIPT
    assert Secret("hunter2").masked("password hunter2, not hunter25") == "password ***, not hunter25"


@given(st.text(), st.text(), st.text(st.sampled_from("abcXYZ0189-_/+"), min_size=8, max_size=40))
def test_no_text_around_it_hides_a_key(before: str, after: str, key: str) -> None:
    assert key not in Secret(key).masked(before + key + after)


@given(st.text(), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40))
def test_nothing_is_added_but_masks(text: str, key: str) -> None:
    shown = Secret(key).masked(text)
    for piece in shown.split(MASK):
        assert piece in text or "\\u" in text
