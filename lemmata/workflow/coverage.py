"""Coverage: the share of obligations that at least one of k independent attempts proves (pass@k)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.verdict import Verdict
from lemmata.workflow import plots, table
from lemmata.workflow.comparison import contradicts
from lemmata.workflow.results import Result

_STRIDE = 1_000_003
_WRONG = "wrong"
_VERDICTS = tuple(verdict.value for verdict in Verdict)
_OUTCOMES = (*_VERDICTS, _WRONG)
_CROWDED = 1.3
"""Marks of the picture with a smaller factor between them would overlap."""

Row = Mapping[str, Any]


def seeds(first: int, samples: int) -> list[int]:
    """Return the seed of each sample; that of the first is `first`.

    They are far apart, as some provers count up from their seed with each question: were they neighbours, the second
    question of one sample would have the answer of the first of the next, and the samples would not be independent.
    """
    return [first + _STRIDE * number for number in range(samples)]


def obligations(results: Iterable[Result]) -> list[dict[str, Any]]:
    """Return what a line of `results.jsonl` says of each obligation of its problem."""
    return [
        {
            "obligation": result.obligation,
            "line": result.location.line if result.location and result.obligation is not None else None,
            "verdict": result.verdict.value,
        }
        for result in results
    ]


def pass_at(k: int, samples: int, proved: int) -> float:
    """Estimate the probability that at least one of k attempts succeeds, without bias.

    This is 1 - C(n - c, k) / C(n, k): the share of the choices of k out of n samples that have one of the c good ones
    among them (M. Chen et al., "Evaluating large language models trained on code", 2021, section 2.1).

    Args:
        k: number of attempts, from 1 to `samples`.
        samples: number of attempts that were made, n.
        proved: number of those that succeeded, c.
    """
    every = math.comb(samples, k)
    # All in whole numbers until this one division, which Python rounds correctly however long they are.
    return (every - math.comb(samples - proved, k)) / every


def countable(row: Row) -> bool:
    """Say whether a line of `results.jsonl` says what became of each obligation, as older ones and others' may not."""
    parts = row.get("obligations")
    return (
        isinstance(parts, list)
        and bool(parts)
        and all(
            isinstance(part, dict)
            and isinstance(part.get("obligation"), str | None)
            and isinstance(part.get("line"), int | None)
            and part.get("verdict") in _VERDICTS
            for part in parts
        )
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the samples of one obligation."""

    problem: str
    expected: str | None
    obligation: str | None
    """None where no sample could even read the problem."""
    line: int | None
    counts: Mapping[str, int]
    """By verdict, and `wrong` for those that contradict what is known, which count nowhere else."""
    samples: int
    """How many there are; one that failed before it came to the obligation is an `error`."""

    @property
    def proved(self) -> int:
        """How many samples proved it."""
        return self.counts["proved"]

    def to_json(self) -> dict[str, Any]:
        """Return the entry of this obligation in the document of `bench --json`."""
        named = {"problem": self.problem, "obligation": self.obligation, "line": self.line, "expected": self.expected}
        return {**named, "samples": self.samples, **self.counts}


def tallies(rows: Iterable[Row]) -> list[Tally]:
    """Count the verdicts of each obligation.

    Args:
        rows: lines of `results.jsonl`, one for each sample of a problem, with what `obligations` says.
    """
    by_problem: dict[str, list[Row]] = {}
    for row in rows:
        by_problem.setdefault(row["problem"], []).append(row)
    return [tally for lines in by_problem.values() for tally in _of_problem(lines)]


def _of_problem(lines: Sequence[Row]) -> list[Tally]:
    counts: dict[tuple[str | None, int | None, int], Counter[str]] = {}
    for line in lines:
        seen: Counter[tuple[str | None, int | None]] = Counter()
        for part in line["obligations"]:
            name = part["obligation"], part["line"]
            # Two with one name on one line are told apart by their order.
            found = counts.setdefault((*name, seen[name]), Counter())
            seen[name] += 1
            bad = part["verdict"] == line["verdict"] and contradicts(line)
            found[_WRONG if bad else part["verdict"]] += 1
    if len(counts) > 1:
        counts.pop((None, None, 0), None)
    return [
        Tally(
            lines[0]["problem"],
            lines[0]["expected"],
            obligation,
            number,
            # Samples that could not read the problem are errors of each of its obligations.
            {outcome: found[outcome] for outcome in _OUTCOMES} | {"error": found["error"] + len(lines) - found.total()},
            len(lines),
        )
        for (obligation, number, _), found in counts.items()
    ]


def curve(found: Sequence[Tally]) -> list[tuple[int, float]]:
    """Return pass@k for k = 1, 2, 4, ... up to the number of samples that every obligation has.

    Args:
        found: the obligations; without any there is no curve.
    """
    most = min((tally.samples for tally in found), default=0)
    ks = [1 << n for n in range(most.bit_length()) if 1 << n < most] + [most] * bool(most)
    return [(k, math.fsum(pass_at(k, t.samples, t.proved) for t in found) / len(found)) for k in ks]


def wrong(rows: Iterable[Row]) -> list[str]:
    """Say of each problem with a verdict that contradicts what is known how often that was."""
    lines = list(rows)
    samples = Counter(row["problem"] for row in lines)
    bad = Counter((row["problem"], row["verdict"], row["expected"]) for row in lines if contradicts(row))
    return [
        f"{problem} is {verdict} in {count} of {samples[problem]} samples, but expected.csv says {expected}"
        for (problem, verdict, expected), count in bad.items()
    ]


def markdown(title: str, rows: Sequence[Row], settings: str) -> str:
    """Return `table.md` of a run with samples.

    Args:
        title: name of the suite.
        rows: lines of `results.jsonl`, one for each sample of a problem.
        settings: what the results of the first sample depend on.
    """
    found = tallies(rows)
    lines = [f"# {title}", ""]
    lines += [f"- **wrong:** {text}" for text in wrong(rows)]
    lines += [""] if lines[-1] else []
    lines += [f"pass@k over {len(found)} obligations. Settings of the first sample: `{settings}`.", ""]
    lines += ["| k | pass@k |", "|---:|---:|", *(f"| {k} | {value:.4f} |" for k, value in curve(found)), ""]
    lines += ["## Obligations", ""]
    lines += [f"| problem | obligation | expected | samples | {' | '.join(_OUTCOMES)} |"]
    lines += ["|---|---|---|---:|" + "---:|" * len(_OUTCOMES)]
    for tally in found:
        names = " | ".join(table.cell(text) for text in (tally.problem, tally.obligation, tally.expected))
        numbers = " | ".join(str(tally.counts[outcome]) for outcome in _OUTCOMES)
        lines.append(f"| {names} | {tally.samples} | {numbers} |")
    return "\n".join(lines) + "\n"


def plot(title: str, found: Sequence[Tally]) -> str:
    """Return the curve as an SVG picture.

    Args:
        title: name of the suite.
        found: its obligations.
    """
    points = curve(found)
    marks = tuple(float(k) for k, _ in points if k == points[-1][0] or points[-1][0] / k > _CROWDED)
    return plots.line_chart(
        [plots.Series(f"{len(found)} obligations", tuple((float(k), value) for k, value in points))],
        title=f"pass@k, {title}",
        x=plots.Axis("samples, k", log=True, ticks=marks),
        y=plots.Axis("share proved by at least one", ticks=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
    )
