"""The `vllm` prover: its calls fit the published package, and a stand-in for it is asked and read.

`vllm-0.33.0.json` holds the signatures of the package, read from its published sources; vLLM itself needs a GPU.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from neural_views import view

from lemmata.errors import BackendCrashed, BackendMissing
from lemmata.goal import GoalView
from lemmata.step import Proposal
from provers.neural.vllm import VllmProver

PUBLISHED: Mapping[str, Any] = json.loads(Path(__file__).with_name("vllm-0.33.0.json").read_text(encoding="utf-8"))


def fits(name: str, arguments: Sequence[Any], settings: Mapping[str, Any], extra: Sequence[str] = ()) -> None:
    """Say that a call has the published signature."""
    signature = PUBLISHED[name]
    assert len(arguments) <= len(signature["positional"])
    rest = signature["positional"][len(arguments) :]
    assert set(settings) <= {*rest, *signature["keyword"], *extra}, name


class Output:
    """An answer with exactly the fields of the published class."""

    def __init__(self, name: str, **fields: Any) -> None:
        assert set(fields) <= set(PUBLISHED[name])
        for field in PUBLISHED[name]:
            setattr(self, field, fields.get(field))


class StandIn:
    """What `import vllm` gives."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self.params: list[dict[str, Any]] = []
        self.prompts: list[str] = []
        self.calls = 0
        self.answer = "simp"
        """A pair of braces in it stands for the last word of the prompt."""
        self.likely: float | None = -0.5
        self.finish = "stop"
        self.fails: Exception | None = None
        self.module = ModuleType("vllm")
        self.module.LLM = self._llm  # type: ignore[attr-defined]
        self.module.SamplingParams = self._sampling  # type: ignore[attr-defined]

    def _sampling(self, **settings: Any) -> SimpleNamespace:
        assert set(settings) <= set(PUBLISHED["SamplingParams"])
        self.params.append(settings)
        return SimpleNamespace(**settings)

    def _llm(self, **settings: Any) -> SimpleNamespace:
        fits("LLM", (), settings, PUBLISHED["EngineArgs"])
        self.made.append(settings)
        return SimpleNamespace(generate=self._generate, chat=self._chat)

    def _generate(self, *arguments: Any, **settings: Any) -> list[Output]:
        fits("LLM.generate", arguments, settings)
        return self._answers(arguments[0], arguments[1])

    def _chat(self, *arguments: Any, **settings: Any) -> list[Output]:
        fits("LLM.chat", arguments, settings)
        return self._answers([turns[-1]["content"] for turns in arguments[0]], arguments[1])

    def _answers(self, prompts: Sequence[str], params: Any) -> list[Output]:
        if self.fails is not None:
            raise self.fails
        self.calls += 1
        self.prompts += prompts
        return [
            Output(
                "RequestOutput",
                prompt_token_ids=[1, 2, 3],
                outputs=[
                    Output(
                        "CompletionOutput",
                        text=self.answer.format(prompt.split()[-1]),
                        token_ids=(5, 6),
                        cumulative_logprob=self.likely,
                        finish_reason=self.finish,
                    )
                    for _ in range(params.n)
                ],
            )
            for prompt in prompts
        ]


@pytest.fixture
def vllm(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setitem(sys.modules, "vllm", stand_in.module)
    return stand_in


def ask(prover: VllmProver, *goals: GoalView, n: int = 4) -> list[list[Proposal]]:
    return asyncio.run(prover.propose(goals, n))


def test_a_model_is_loaded_once_with_prefix_caching_and_asked_in_one_batch(vllm: StandIn) -> None:
    prover = VllmProver("org/bfs-prover@abc", seed=3)
    found = ask(prover, view("lean", "a"), view("lean", "b"))
    ask(prover, view("lean", "c"))
    assert len(vllm.made) == 1
    assert vllm.made[0]["enable_prefix_caching"] is True
    assert vllm.made[0]["model"] == "org/bfs-prover"
    assert vllm.made[0]["revision"] == "abc"
    assert vllm.made[0]["trust_remote_code"] is False
    assert vllm.calls == 2
    assert vllm.params[0]["n"] == 4
    assert vllm.params[0]["seed"] != vllm.params[1]["seed"]
    assert [[p.step.text for p in group] for group in found] == [["simp"], ["simp"]]
    (proposal,) = found[0]
    assert proposal.log_probability == -0.5
    assert proposal.provenance["revision"] == "abc"
    assert proposal.provenance["prompt"] == "bfs-prover/1"
    assert proposal.provenance["completion_tokens"] == 2
    assert proposal.provenance["prompt_tokens"] == 3
    json.dumps(dict(proposal.provenance))


def test_goals_of_one_proof_stand_next_to_each_other_and_answers_go_back_to_their_goals(vllm: StandIn) -> None:
    vllm.answer = "exact {}"
    goals = [view(system, f"{system}_{text}") for text in ("a", "b", "c") for system in ("lean", "coq")]
    found = ask(VllmProver("tiny#reprover"), *goals)
    assert [len(group) for group in found] == [1] * 6
    proofs = [text.split()[1][0] for text in vllm.prompts]
    assert proofs in (["l"] * 3 + ["c"] * 3, ["c"] * 3 + ["l"] * 3)
    for goal, (proposal,) in zip(goals, found, strict=True):
        assert proposal.step.text == f"exact {goal.goal.conclusion}"


def test_a_chat_model_is_asked_by_chat(vllm: StandIn) -> None:
    vllm.answer = '["auto", "intros n"]'
    (found,) = ask(VllmProver("tiny"), view("coq"))
    assert {proposal.step.text for proposal in found} == {"auto", "intros n"}
    assert "The goal:" in vllm.prompts[0]


@pytest.mark.parametrize("likely", [None, math.nan, 1.0])
def test_odd_probabilities_do_no_harm(vllm: StandIn, likely: float | None) -> None:
    vllm.likely = likely
    (found,) = ask(VllmProver("tiny#reprover"), view("lean"))
    assert all(-100 < proposal.log_probability <= 0 for proposal in found)


def test_an_answer_that_was_cut_off_is_no_tactic(vllm: StandIn) -> None:
    vllm.finish = "length"
    assert ask(VllmProver("tiny#reprover"), view("lean")) == [[]]


def test_whatever_fails_is_one_error(vllm: StandIn) -> None:
    vllm.fails = RuntimeError("CUDA\nout of memory")
    with pytest.raises(BackendCrashed, match="CUDA out of memory"):
        ask(VllmProver("tiny#reprover"), view("lean"))


def test_without_vllm_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(BackendMissing, match=r"lemmata\[vllm\]"):
        ask(VllmProver("tiny"), view("coq"))


def test_nothing_is_loaded_for_goals_of_other_systems(vllm: StandIn) -> None:
    assert ask(VllmProver("tiny"), view("coq"), n=0) == [[]]
    assert vllm.made == []
    assert VllmProver.processes == 1
    assert VllmProver.memory_bytes is None
