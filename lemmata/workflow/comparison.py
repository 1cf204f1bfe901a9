"""How we compare with peers over a benchmark: who proved what, and how fast, as sections of a Markdown page."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

OURS = "lemmata"
_UNION = "all peers together"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """What one contestant made of a set of problems."""

    times: Mapping[str, float] = field(default_factory=dict)
    """Seconds for each problem that it decided."""
    problems: int = 0

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
    found = {OURS: Score(_times(rows, lambda row: row), len(rows))}
    for peer in peers:
        found[peer] = Score(_times(rows, lambda row, peer=peer: row.get("peers", {}).get(peer, {})), len(rows))
    if len(peers) > 1:
        best: dict[str, float] = {}
        for peer in peers:
            for problem, seconds in found[peer].times.items():
                best[problem] = min(seconds, best.get(problem, math.inf))
        found[_UNION] = Score(best, len(rows))
    return found


def _times(rows: Sequence[Row], said: Any) -> dict[str, float]:
    decided = ((row["problem"], said(row)) for row in rows)
    return {name: float(s["seconds"]) for name, s in decided if s.get("verdict") in ("proved", "disproved")}


def section(rows: Sequence[Row], timeout: float) -> list[str]:
    """Return the lines that compare us with the peers over all problems; none where there are no peers.

    Args:
        rows: lines of `results.jsonl`, one for each problem.
        timeout: seconds that each had for a problem.
    """
    found = scores(rows)
    if len(found) == 1:
        return []
    theirs = {problem for name, score in found.items() if name != OURS for problem in score.times}
    ours = set(found[OURS].times)
    lines = ["## Peers", "", *_table(found, timeout), ""]
    for title, names in (("Only us", ours - theirs), ("Only them", theirs - ours)):
        lines += [f"{title}: {len(names)}", ""]
        lines += [f"- `{row['problem']}`{_by(found, row['problem'])}" for row in rows if row["problem"] in names]
        lines += [""] if names else []
    return lines


def _by(found: Mapping[str, Score], problem: str) -> str:
    names = [f"`{n}`" for n, score in found.items() if n not in (OURS, _UNION) and problem in score.times]
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
            if chosen and len(found) > 1:
                theirs = {problem for who, score in found.items() if who != OURS for problem in score.times}
                ours = set(found[OURS].times)
                lines += [f"Only us {len(ours - theirs)}, only them {len(theirs - ours)}.", ""]
    return ["## Tags", "", *lines] if lines else []


def _table(found: Mapping[str, Score], timeout: float) -> list[str]:
    lines = ["| who | proved | of | median s | p95 s | PAR-2 s |", "|---|---:|---:|---:|---:|---:|"]
    for name, score in found.items():
        numbers = " | ".join(_number(value) for value in (score.median, score.p95, score.par2(timeout)))
        shown = name if name in (OURS, _UNION) else f"`{name}`".replace("|", "\\|")
        lines.append(f"| {shown} | {len(score.times)} | {score.problems} | {numbers} |")
    return lines


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
