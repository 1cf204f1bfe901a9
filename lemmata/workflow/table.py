"""`table.md`: what a benchmark run came to, as a Markdown page."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.workflow import comparison
from lemmata.workflow.comparison import contradicts

_VERDICTS = ("proved", "disproved", "unknown", "error")
_EXPECTED = ("true", "false", None)


def markdown(title: str, rows: Sequence[Mapping[str, Any]], settings: str, timeout: float) -> str:
    """Return the page.

    Args:
        title: name of the suite.
        rows: lines of `results.jsonl`, one for each problem.
        settings: what the results depend on.
        timeout: seconds for each problem.
    """
    wrong = [row for row in rows if contradicts(row)]
    lines = [f"# {title}", ""]
    if wrong:
        lines += [f"**{len(wrong)} verdicts contradict what is known:**", ""]
        lines += [f"- `{row['problem']}`: {row['verdict']}, expected {row['expected']}" for row in wrong] + [""]
    decided = [row for row in rows if row["verdict"] in ("proved", "disproved")]
    lines += [f"{len(decided)} of {len(rows)} decided, {len(wrong)} wrong. Settings: `{settings}`.", ""]
    if decided:
        times = sorted(float(row["seconds"]) for row in decided)
        lines += [
            f"Seconds for a decided problem: median {statistics.median(times):.2f}, "
            f"90 % within {times[(len(times) * 9 + 9) // 10 - 1]:.2f}, longest {times[-1]:.2f}, sum {sum(times):.1f}.",
            "",
        ]
    lines += _counts(rows)
    lines += comparison.section(rows, timeout)
    lines += comparison.tags(rows, timeout)
    lines += ["## Problems", "", "| problem | expected | verdict | seconds | reason |", "|---|---|---|---:|---|"]
    for row in rows:
        sign = " **wrong**" if contradicts(row) else ""
        lines.append(
            f"| {cell(row['problem'])} | {cell(row['expected'])} | {row['verdict']}{sign} "
            f"| {float(row['seconds']):.2f} | {cell(row.get('reason'))} |"
        )
    return "\n".join(lines) + "\n"


def cell(text: str | None) -> str:
    """Return a text as it stands in a cell of a table."""
    return str(text or "").replace("|", "\\|").replace("\n", " ")


def _counts(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    counts = Counter((row["expected"], row["verdict"]) for row in rows)
    lines = [f"| expected | {' | '.join(_VERDICTS)} |", "|---|" + "---:|" * len(_VERDICTS)]
    for expected in _EXPECTED:
        numbers = [counts[expected, verdict] for verdict in _VERDICTS]
        if any(numbers):
            lines.append(f"| {expected or 'not known'} | {' | '.join(map(str, numbers))} |")
    return [*lines, ""]
