from __future__ import annotations

import pytest

from lemmata.workflow import peers
from lemmata.workflow.comparison import scores, section, tags

PROVED = {"verdict": "proved", "seconds": 1.0}
UNKNOWN = {"verdict": "unknown", "seconds": 9.0, "reason": "no"}


def row(name: str, ours: str, seconds: float, tag: bool | None = None, **said: dict[str, object]) -> dict[str, object]:
    more = {} if tag is None else {"dup": tag, "id": 3}
    return {"problem": name, "verdict": ours, "seconds": seconds, "peers": said, "tags": more}


ROWS = [
    row("p", "proved", 2.0, True, auto=PROVED, lia={"verdict": "proved", "seconds": 0.5}),
    row("q", "proved", 4.0, False, auto=UNKNOWN, lia=UNKNOWN),
    row("r", "unknown", 10.0, auto=UNKNOWN, lia=PROVED),
    row("s", "unknown", 10.0, True, auto=UNKNOWN, lia=UNKNOWN),
]


def test_scores() -> None:
    found = scores(ROWS)
    assert {name: sorted(score.times) for name, score in found.items()} == {
        "lemmata": ["p", "q"],
        "auto": ["p"],
        "lia": ["p", "r"],
        "all peers together": ["p", "r"],
    }
    assert found["lemmata"].median == 3.0
    assert found["lemmata"].p95 == 4.0
    assert found["lemmata"].par2(10.0) == pytest.approx((2 + 4 + 20 + 20) / 4)
    assert found["all peers together"].times["p"] == 0.5


def test_a_score_of_nothing() -> None:
    score = scores([])["lemmata"]
    assert (score.median, score.p95, score.par2(10.0)) == (None, None, None)


def test_the_section_names_what_only_one_side_proved() -> None:
    text = "\n".join(section(ROWS, 10.0))
    assert "| lemmata | 2 | 4 | 0 | 3.00 | 4.00 | 11.50 |" in text
    assert "Only us: 1\n\n- `q`" in text
    assert "Only them: 1\n\n- `r` by `lia`" in text
    assert section([{**r, "peers": {}} for r in ROWS], 10.0) == []


def test_truth_values_split_the_problems() -> None:
    text = "\n".join(tags(ROWS, 10.0))
    assert "### With `dup`: 2 problems" in text
    assert "### Without `dup`: 2 problems" in text
    assert "`id`" not in text
    assert tags([{**r, "tags": {}} for r in ROWS], 10.0) == []


def test_a_peer_proves_a_problem_when_it_proves_all_of_it() -> None:
    assert peers.together([{"auto": PROVED, "lia": PROVED}, {"auto": UNKNOWN, "lia": PROVED}]) == {
        "auto": {"verdict": "unknown", "seconds": 10.0, "reason": "no"},
        "lia": {"verdict": "proved", "seconds": 2.0},
    }
