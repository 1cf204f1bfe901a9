"""The queue of proposals by itself."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from lemmata.step import Proposal, Step
from search.waiting import Waiting

OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 3), st.integers(0, 4), st.booleans()),
        st.tuples(st.just("take"), st.just(0), st.just(0), st.just(False)),
        st.tuples(st.just("take all"), st.integers(0, 3), st.just(0), st.just(False)),
        st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 4), st.just(False)),
    )
)


def proposal(text: str, log_probability: float) -> Proposal:
    return Proposal(Step(text), log_probability, "p")


@given(OPERATIONS, st.sampled_from([0.0, 1.0, 2.5]), st.sampled_from([0.0, 0.5, 1.0]))
def test_it_agrees_with_sorting(operations, stickiness, weight):
    costs = dict.fromkeys(range(4), 0.0)
    waiting = Waiting(stickiness, weight, costs.__getitem__)
    model: list[tuple[float, int, int, str]] = []
    last = None

    def key(entry):
        return entry[0] + weight * costs[entry[2]], entry[1]

    for number, (operation, goal, size, first) in enumerate(operations):
        if operation == "add":
            waiting.add(goal, proposal(str(number), -float(size)), first=first)
            model.append((float("-inf") if first else float(size), number, goal, str(number)))
        elif operation == "move":
            costs[goal] = float(size)
            waiting.moved(goal)
        elif operation == "take all":
            own = sorted((e for e in model if e[2] == goal), key=key)
            model = [e for e in model if e[2] != goal]
            assert [p.step.text for p in waiting.take_all(goal)] == [e[3] for e in own]
        else:
            best = min(model, key=key, default=None)
            near = min((e for e in model if e[2] == last), key=key, default=None)
            if best and near and stickiness and key(near)[0] <= key(best)[0] + stickiness:
                best = near
            taken = waiting.take()
            assert (taken and (taken[0], taken[1].step.text)) == (best and (best[2], best[3]))
            if best:
                model.remove(best)
                last = best[2]
        assert len(waiting) == len(model)


def test_without_stickiness_the_goals_play_no_part():
    rng = random.Random(1)
    waiting = Waiting(0.0, 0.0, lambda goal: 1 / 0)
    ranks = [rng.choice([-1.0, -2.0, -3.0, -0.5]) for _ in range(300)]
    for number, rank in enumerate(ranks):
        waiting.add(rng.randrange(20), proposal(str(number), rank))
    taken = [int(item[1].step.text) for _ in ranks if (item := waiting.take())]
    assert taken == sorted(range(300), key=lambda number: -ranks[number])


def test_a_goal_is_left_when_another_has_something_much_better():
    waiting = Waiting(1.0, 0.0, lambda goal: 0.0)
    for goal, ranks in ((1, (0.0, 0.9, 1.5, 4.0)), (2, (0.6, 2.0))):
        for rank in ranks:
            waiting.add(goal, proposal(f"{goal}:{rank}", -rank))
    taken = [item[1].step.text for _ in range(6) if (item := waiting.take())]
    assert taken == ["1:0.0", "1:0.9", "1:1.5", "2:0.6", "2:2.0", "1:4.0"]


def test_old_entries_do_not_pile_up():
    waiting = Waiting(5.0, 1.0, lambda goal: costs[goal])
    costs = dict.fromkeys(range(10), 0.0)
    for goal in range(10):
        waiting.add(goal, proposal(str(goal), -1.0))
    for turn in range(5_000):
        costs[turn % 10] = float(turn)
        waiting.moved(turn % 10)
        waiting.add(turn % 10, proposal(f"again {turn}", -0.5))
        waiting.take()
    assert len(waiting._heap) < 200
