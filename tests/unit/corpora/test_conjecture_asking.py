"""Models as conjecturers of the stage: who may be one, what is known of them, and what the stage is then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from corpora.conjecture import asking, stage
from lemmata.api import load_settings
from lemmata.errors import UsageError


def made(**more: Any) -> Any:
    coq: Any = SimpleNamespace(version="8.16.1")
    return stage.stage(["a/b"], [], coq, None, stage.Bounds(**more), load_settings({"provers": "symbolic"}), "jsonl")


def test_without_a_model_the_stage_is_what_it_was() -> None:
    without, with_one = made(), made(conjecturers=("openai:chat",))
    assert set(without.settings) == {
        "targets", "theorems", "conjectures for each", "tries for each", "seconds for each conjecture", "minutes",
        "provers", "coq",
    }  # fmt: skip
    assert with_one.settings == {**without.settings, "conjecturers": ["openai:chat"]}
    assert "without a model" in without.about
    assert "with a model" in with_one.about


def test_who_makes_no_conjectures_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEMMATA_OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    asking.check(())
    for name in ("coq-tactics", "symbolic", "openai:", "nobody:x"):
        with pytest.raises(UsageError):
            asking.check([name])


def test_a_reason_is_told_once_and_patience_ends() -> None:
    patience = asking.Patience()
    (told,) = patience.failed("a", "no")
    assert (told.item, told.reason, told.detail) == ("a", asking.SILENT, "no")
    assert patience.failed("a", "no") == []
    assert len(patience.failed("b", "no")) == 1
    patience.answered("a")
    assert [len(patience.failed("a", why)) for why in ("no", "never", "never")] == [0, 1, 0]
    assert patience.over("a")
    assert not patience.over("b")
