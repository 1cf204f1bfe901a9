"""Critics: heuristic ones, and the linear one trained on events of searches, a store's among them."""

from __future__ import annotations

import asyncio
import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemmata.errors import InputError, StoreError
from lemmata.events import Event, GoalExpanded, GoalOpened, StatusChanged
from lemmata.goal import Goal, GoalView, Hypothesis, Location, Obligation
from lemmata.protocols import Critic
from lemmata.store import Store
from provers.critics.examples import GoalExample, goal_examples
from provers.critics.heuristics import NoveltyCritic, SizeCritic
from provers.critics.value import LinearValueCritic, ValueCritic
from search.priorities import Candidate, MultiQueue

OBLIGATION = Obligation("coq", "it", "Theorem it.", Location("It.v"))


def view(conclusion: str, above: tuple[tuple[str, str], ...] = (), depth: int = 1) -> GoalView:
    return GoalView(Goal("coq", conclusion, tuple(Hypothesis(*pair) for pair in above)), OBLIGATION, depth)


def score(critic: Critic, *goals: GoalView) -> list[float]:
    return asyncio.run(critic.score(goals))


goals = st.builds(
    view, st.text(max_size=80), st.lists(st.tuples(st.text(max_size=4), st.text(max_size=20)), max_size=4).map(tuple)
)


@given(st.lists(goals, max_size=5))
@settings(deadline=None)
def test_scores_are_logarithms_of_probabilities(asked: list[GoalView]) -> None:
    linear = LinearValueCritic.train([GoalExample("coq", "a", (), 0, True), GoalExample("coq", "b", (), 0, False)])
    for critic in (SizeCritic(), NoveltyCritic(), linear):
        found = score(critic, *asked)
        assert len(found) == len(asked)
        assert all(math.isfinite(value) and value <= 0 for value in found)
        assert found == score(critic, *asked)


def test_small_goals_are_preferred() -> None:
    small, large = score(SizeCritic(), view("a = b"), view("rev (rev (x :: l ++ m)) = x :: l ++ rev (rev m)"))
    assert small > large
    bare, laden = score(SizeCritic(), view("a = b"), view("a = b", (("H", "foo bar baz"),)))
    assert bare > laden


def test_what_was_not_seen_before_is_preferred() -> None:
    critic = NoveltyCritic()
    score(critic, *(view(f"rev (app l{i} nil) = rev l{i} + {i}") for i in range(6)))
    known, fresh = score(critic, view("rev (app l7 nil) = rev l7 + 7"), view("even (Nat.mul two k)"))
    assert fresh > known


def search(chance: random.Random, number: int) -> list[Event]:
    """Events of a search in which goals about `rev` are proved and those about `div` are not."""
    events: list[Event] = []
    for node in range(12):
        easy = chance.random() < 0.5
        noise = " ".join(chance.choices(["add", "mul", "app", "x1", "le", "cons"], k=5))
        text = f"{noise} {'rev' if easy else 'div'} {noise}"
        events += [
            GoalOpened(
                node=node, key=f"{number}.{node}", conclusion=text, hypotheses=[("H", "nat")], parent=None, depth=2
            ),
            GoalExpanded(node=node, prover="p", proposals=1, seconds=0.1),
            StatusChanged(node=node, status="proved" if easy else chance.choice(["failed", "open"])),
        ]
    return events


def test_the_linear_critic_learns_what_gets_proved(tmp_path: Path) -> None:
    chance = random.Random(3)
    known = [e for i in range(40) for e in goal_examples("coq", search(chance, i))]
    unseen = [e for i in range(20) for e in goal_examples("coq", search(chance, 100 + i))]
    critic = LinearValueCritic.train(known)
    assert LinearValueCritic.train(known).model == critic.model
    right = wrong = 0
    scores = score(critic, *(view(e.conclusion, e.hypotheses, e.depth) for e in unseen))
    for proved in (s for s, e in zip(scores, unseen, strict=True) if e.proved):
        for other in (s for s, e in zip(scores, unseen, strict=True) if not e.proved):
            right, wrong = right + (proved > other), wrong + (proved <= other)
    assert right / (right + wrong) > 0.95
    critic.save(tmp_path / "model")
    again = score(ValueCritic(str(tmp_path / "model")), *(view(e.conclusion, e.hypotheses, e.depth) for e in unseen))
    assert again == pytest.approx(scores, abs=1e-3)


def test_goals_that_say_nothing_are_left_out() -> None:
    def opened(node: int) -> GoalOpened:
        return GoalOpened(node=node, key=str(node), conclusion=f"g{node}", hypotheses=[], parent=None, depth=0)

    events: list[Event] = [*(opened(i) for i in range(4)), GoalExpanded(node=1, prover="p", proposals=0, seconds=0.0)]
    events += [GoalExpanded(node=2, prover="p", proposals=0, seconds=0.0), StatusChanged(node=0, status="proved")]
    events += [StatusChanged(node=2, status="irrelevant")]
    assert [(e.conclusion, e.proved) for e in goal_examples("coq", events)] == [("g0", True), ("g1", False)]


def test_it_learns_from_a_store(tmp_path: Path) -> None:
    chance = random.Random(4)
    with Store.open(tmp_path / "store.db") as store:
        run = store.start_run(["prove"], {})
        for number in range(8):
            task = store.add_task(run, "It.v", f"key{number}", "it", "coq")
            sink = store.sink(task)
            for event in search(chance, number):
                sink.emit(event)
            sink.close()
    critic = LinearValueCritic.from_store(tmp_path / "store.db")
    assert critic.model.about["goals"] == 96
    good, bad = score(critic, view("add rev le"), view("add div le"))
    assert good > bad
    with pytest.raises(StoreError):
        LinearValueCritic.from_store(tmp_path / "none.db")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"schema": "lemmata.linear/1", "kind": "ranker"}', "[" * 9999, "weights", "bits", "nan"],
)
def test_a_model_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    good = {"schema": "lemmata.linear/1", "kind": "critic", "bits": 4, "bias": 0.0, "weights": {"1": 0.5}, "about": {}}
    changes = {"weights": {"weights": [1]}, "bits": {"bits": 99}, "nan": {"bias": float("nan")}}
    (tmp_path / "linear.json").write_text(json.dumps(good | changes[text]) if text in changes else text)
    with pytest.raises(InputError):
        score(ValueCritic(str(tmp_path)), view("a"))
    with pytest.raises(InputError):
        ValueCritic.check_model(str(tmp_path))
    with pytest.raises(InputError):
        score(ValueCritic(str(tmp_path / "nowhere")), view("a"))


def test_there_is_nothing_to_learn_from_one_kind_only() -> None:
    with pytest.raises(InputError):
        LinearValueCritic.train([GoalExample("coq", "a", (), 0, True)])


def test_a_critic_orders_the_search() -> None:
    asked = [view("rev (rev (x :: l ++ m)) = x :: l ++ rev (rev m)"), view("a = b")]
    queue = MultiQueue().queue()
    for node, value in enumerate(score(SizeCritic(), *asked)):
        queue.push(Candidate(node, 1.0, 1, (value,)))
    assert queue.pop() == 1


def test_each_critic_has_a_queue_of_its_own() -> None:
    queue = MultiQueue().queue()
    queue.push(Candidate(0, 9.0, 9, (-0.1, -9.0)))
    queue.push(Candidate(1, 8.0, 9, (-9.0, -0.1)))
    queue.push(Candidate(2, 0.1, 9, (-9.0, None)))
    queue.push(Candidate(3, 9.0, 1, (None, None)))
    queue.push(Candidate(4, 9.0, 9, (None, -20.0)))
    # First critic, second critic, probability, depth; then the first has nothing left that it judged.
    assert [queue.pop() for _ in range(6)] == [0, 1, 2, 3, 4, None]
    assert len(queue) == 0


def test_the_other_orders_average_those_who_said_something() -> None:
    assert Candidate(0, 1.0, 1, (-1.0, None, -3.0)).score == -2.0
    assert Candidate(0, 1.0, 1, (None, None)).score is None
    assert Candidate(0, 1.0, 1).score is None
