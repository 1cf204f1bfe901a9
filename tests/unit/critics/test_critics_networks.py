"""Networks trained by `lemmata train` are loaded by the critic and the ranker, and asked in their own words."""

from __future__ import annotations

import asyncio
import json
import math
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from lemmata.errors import LemmataError
from lemmata.goal import Goal, GoalView, Location, Obligation
from lemmata.step import Part, clauses
from provers.critics.ranker import InvariantRanker
from provers.critics.value import ValueCritic
from provers.neural.render import goal_text
from provers.neural.training.critic import train_critic
from provers.neural.training.ranker import train_ranker
from provers.neural.training.settings import Settings


def lines(path: Path, values: list[dict[str, object]]) -> list[Path]:
    path.write_text("\n".join(map(json.dumps, values)), "utf-8")
    return [path]


def view(text: str, system: str = "coq") -> GoalView:
    return GoalView(Goal(system, text), Obligation(system, "it", text, Location("It")))


def test_a_trained_value_network_scores_goals(tmp_path: Path) -> None:
    goals = [view(f"{word} n = {i}") for i in range(12) for word in ("rev", "div")]
    data = [{"goal": goal_text(g), "value": -0.05 if g.goal.conclusion[0] == "r" else -3.0} for g in goals]
    settings = Settings(epochs=8, batch=8, held_out=0.0, longest_prompt=64)
    train_critic(lines(tmp_path / "data.jsonl", list(data)), tmp_path / "model", settings=settings)
    critic = ValueCritic(str(tmp_path / "model"))
    good, bad, odd = asyncio.run(critic.score([view("rev n = 40"), view("div n = 40"), view("")]))
    assert all(math.isfinite(value) and value <= 0 for value in (good, bad, odd))
    assert good > bad


def test_a_trained_ranker_orders_clauses(tmp_path: Path) -> None:
    problems = [f"int x{i} = 0; while (x{i} < 5) x{i}++;" for i in range(8)]
    data = [
        {"problem": p, "candidate": text.format(i), "label": label}
        for i, p in enumerate(problems)
        for text, label in (("x{} <= 5", True), ("x{} == 77", False), ("x{} == 78", False))
    ]
    settings = Settings(epochs=8, batch=8, held_out=0.0, longest_prompt=64)
    train_ranker(lines(tmp_path / "data.jsonl", list(data)), tmp_path / "model", settings=settings)
    InvariantRanker.check_model(str(tmp_path / "model"))
    steps = [clauses((Part("L1", text),)) for text in ("x3 == 78", "x3 <= 5")]
    wrong, right = asyncio.run(InvariantRanker(str(tmp_path / "model")).rate(view(problems[3], "programs"), steps))
    assert right > wrong
    with pytest.raises(LemmataError, match="there is no critic here"):
        ValueCritic.check_model(str(tmp_path / "model"))


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lemmata.json").write_text("{}")
    with pytest.raises(LemmataError):
        asyncio.run(ValueCritic(str(tmp_path)).score([view("x")]))
