"""How we compare with peers over a benchmark: who proved what, and how fast, as sections of a Markdown page."""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemmata.workflow import plots

OURS = "lemmata"
SEARCH = "lemmata, search alone"
"""Our time without starting processes and without the verification from scratch: what peers have instead of both."""
_UNION = "all peers together"
_OWN = frozenset((OURS, SEARCH))

_SHORTEST = 0.001
"""A logarithmic axis has no place for less, in seconds."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """What one contestant made of a set of problems."""

    times: Mapping[str, float] = field(default_factory=dict)
    """Seconds for each problem that it decided."""
    problems: int = 0
    wrong: int = 0
    """How many verdicts contradict what is known."""

    @property
    def median(self) -> float | None:
        """Median seconds of the decided problems, None without any."""
        return statistics.median(self.times.values()) if self.times else None

    @property
    def p95(self) -> float | None:
        """Seconds within which 95 % of the decided problems were (nearest rank), None without any."""
        times = sorted(self.times.values())
        return times[math.ceil(len(times) * 0.95) - 1] if times else None

    def par2(self, timeout: float) -> float | None:
        """Return the mean over all problems, where one that is not decided counts twice the time-out (PAR-2)."""
        if not self.problems:
            return None
        return (sum(self.times.values()) + 2 * timeout * (self.problems - len(self.times))) / self.problems


def scores(rows: Sequence[Row]) -> dict[str, Score]:
    """Return the score of each contestant: ours, every peer, and the peers together, who take the fastest's time."""
    peers = list(dict.fromkeys(peer for row in rows for peer in row.get("peers", {})))
    found = {OURS: _score(rows, dict)}
    if rows and all("search_seconds" in row for row in rows):
        found[SEARCH] = _score(rows, lambda row: {**row, "seconds": row["search_seconds"]})
    for peer in peers:
        found[peer] = _score(rows, functools.partial(_said, peer))
    if len(peers) > 1:
        best: dict[str, float] = {}
        for peer in peers:
            for problem, seconds in found[peer].times.items():
                best[problem] = min(seconds, best.get(problem, math.inf))
        wrong = [
            [contradicts({**row, "verdict": said.get("verdict")}) for said in row["peers"].values()] for row in rows
        ]
        found[_UNION] = Score(best, len(rows), sum(map(any, wrong)))
    return found


def _said(peer: str, row: Row) -> Mapping[str, Any]:
    found: Mapping[str, Any] = row.get("peers", {}).get(peer, {})
    return found


def contradicts(line: Mapping[str, Any]) -> bool:
    """Say whether a problem's verdict is the opposite of what is known."""
    return (line["verdict"], line.get("expected")) in (("proved", "false"), ("disproved", "true"))


def _score(rows: Sequence[Row], said: Callable[[Row], Mapping[str, Any]]) -> Score:
    answers = [(row, said(row)) for row in rows]
    decided = [(row["problem"], a["seconds"]) for row, a in answers if a.get("verdict") in ("proved", "disproved")]
    wrong = sum(contradicts({**row, "verdict": a.get("verdict")}) for row, a in answers)
    return Score({name: float(seconds) for name, seconds in decided}, len(rows), wrong)


def section(rows: Sequence[Row], timeout: float) -> list[str]:
    """Return the lines that compare us with the peers over all problems; none where there are no peers.

    Args:
        rows: lines of `results.jsonl`, one for each problem.
        timeout: seconds that each had for a problem.
    """
    found = scores(rows)
    if not found.keys() - _OWN:
        return []
    theirs = {problem for name, score in found.items() if name not in _OWN for problem in score.times}
    ours = set(found[OURS].times)
    lines = ["## Peers", "", *_table(found, timeout), "", *_both(found)]
    for title, names in (("Only us", ours - theirs), ("Only them", theirs - ours)):
        lines += [f"{title}: {len(names)}", ""]
        lines += [f"- `{row['problem']}`{_by(found, row['problem'])}" for row in rows if row["problem"] in names]
        lines += [""] if names else []
    return lines


def _by(found: Mapping[str, Score], problem: str) -> str:
    names = [f"`{n}`" for n, score in found.items() if n not in {*_OWN, _UNION} and problem in score.times]
    return f" by {', '.join(names)}" if names else ""


def tags(rows: Sequence[Row], timeout: float) -> list[str]:
    """Return the lines that look at the problems with and without each tag that is a truth value."""
    names = dict.fromkeys(
        name for row in rows for name, value in row.get("tags", {}).items() if isinstance(value, bool)
    )
    lines: list[str] = []
    for name in names:
        for wanted in (True, False):
            chosen = [row for row in rows if bool(row.get("tags", {}).get(name, False)) is wanted]
            found = scores(chosen)
            lines += [f"### {'With' if wanted else 'Without'} `{name}`: {len(chosen)} problems", ""]
            lines += [*_table(found, timeout), ""] if chosen else []
            if chosen and found.keys() - _OWN:
                theirs = {problem for who, score in found.items() if who not in _OWN for problem in score.times}
                ours = set(found[OURS].times)
                lines += [f"Only us {len(ours - theirs)}, only them {len(theirs - ours)}.", ""]
    return ["## Tags", "", *lines] if lines else []


def _both(found: Mapping[str, Score]) -> list[str]:
    """Return the medians over the problems that we and a peer both decided."""
    ours = found.get(SEARCH, found[OURS])
    lines = []
    for name, score in found.items():
        both = ours.times.keys() & score.times.keys()
        if name in _OWN or not both:
            continue
        mine, its = (statistics.median(times[p] for p in both) for times in (ours.times, score.times))
        lines.append(
            f"- {len(both)} decided by us and {_shown(name)}: median {mine:.3f} s (ours), {its:.3f} s (theirs)"
        )
    return [*lines, ""] if lines else []


def _table(found: Mapping[str, Score], timeout: float) -> list[str]:
    lines = ["| who | decided | of | wrong | median s | p95 s | PAR-2 s |", "|---|---:|---:|---:|---:|---:|---:|"]
    for name, score in found.items():
        numbers = " | ".join(_number(value) for value in (score.median, score.p95, score.par2(timeout)))
        lines.append(f"| {_shown(name)} | {len(score.times)} | {score.problems} | {score.wrong} | {numbers} |")
    return lines


def _shown(name: str) -> str:
    return name if name in {*_OWN, _UNION} else f"`{name}`".replace("|", "\\|")


def cactus(name: str, rows: Sequence[Row]) -> str:
    """Draw how many problems each contestant decides within how many seconds, as SVG (a cactus plot).

    Args:
        name: of the suite.
        rows: lines of `results.jsonl`, one for each problem.
    """
    series = []
    for who, score in scores(rows).items():
        times = sorted(max(seconds, _SHORTEST) for seconds in score.times.values())
        points = tuple((float(count), seconds) for count, seconds in enumerate(times, 1))
        series.append(plots.Series(who, points))
    decided = plots.Axis("problems decided")
    return plots.line_chart(series, title=name, x=decided, y=plots.Axis("seconds each", log=True))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
