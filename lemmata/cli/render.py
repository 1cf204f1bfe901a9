"""How results look to people: one block an obligation, then a summary line."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from lemmata.cli.output import encodable
from lemmata.verdict import Verdict
from lemmata.workflow.patch import Patched
from lemmata.workflow.results import ReplayResult, Result

_STYLE = {
    Verdict.PROVED: ("green", "✓", "+"),
    Verdict.DISPROVED: ("red", "✗", "x"),
    Verdict.UNKNOWN: ("yellow", "?", "?"),
    Verdict.ERROR: ("red", "!", "!"),
}
_MAX_ROWS = 24
_MAX_CLAUSES = 40
_MAX_LINES = 200


def seconds(value: float) -> str:
    """Return a duration in seconds as people like to read it."""
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def near(path: str) -> str:
    """Return a path as seen from the current folder, where it is below it."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return path


def mark(verdict: Verdict) -> Text:
    """Return the coloured sign of a verdict, in plain ASCII where the terminal knows no other."""
    colour, symbol, plain = _STYLE[verdict]
    return Text(encodable(symbol, plain), style=f"bold {colour}")


def block(result: Result) -> list[Text]:
    """Return the lines that show one result; what went wrong with an `error` is told by `diagnostic`."""
    lines = [_heading(result)]
    if result.verdict is Verdict.PROVED:
        proof = result.proof or {}
        lines += _script(proof, result.audit or {}) if proof.get("text") else _invariants(proof)
    elif result.verdict is Verdict.DISPROVED:
        lines += _counterexample(result)
    elif result.verdict is Verdict.UNKNOWN and result.reason:
        lines.append(Text(f"    {result.reason}"))
    if result.certificate:
        lines.append(Text(f"    certificate  {near(result.certificate)}", style="dim"))
    for system, file in result.theorems.items():
        lines.append(Text(f"    theorems  {near(file)} for {system}", style="dim"))
    if result.conditions:
        folder = near(str(Path(result.conditions[0]).parent))
        lines.append(Text(f"    conditions  {len(result.conditions)} in {folder}", style="dim"))
    return lines


def _heading(result: Result) -> Text:
    colour = _STYLE[result.verdict][0]
    place = result.target
    # A selector may say `NAME@LINE` where the obligation is called `NAME`.
    if result.obligation and not re.search(rf":{re.escape(result.obligation)}(@\d+)?$", place):
        place = f"{place}:{result.obligation}"
    line = Text.assemble(mark(result.verdict), " ", (place, "bold"), "  ", (result.verdict.value, colour))
    if result.verdict is not Verdict.ERROR:
        line.append(f"  {seconds(result.seconds)}", style="dim")
    if result.resumed:
        line.append("  (from an earlier run)", style="dim")
    return line


def diagnostic(result: Result) -> str:
    """Return the one line that says what went wrong with an `error` result, and where."""
    place = str(result.location or result.target)
    hint = f"; {result.hint}" if result.hint else ""
    return f"{place}: error: {result.reason}{hint}"


def _script(proof: Mapping[str, Any], audit: Mapping[str, Any]) -> list[Text]:
    """Return the lines of a proof that is a script, and what it rests on."""
    lines = str(proof["text"]).strip("\n").expandtabs().splitlines()
    shown = textwrap.dedent("\n".join(lines)).splitlines()
    found = [Text(f"    {line}".rstrip(), style="cyan") for line in shown[:_MAX_LINES]]
    if len(shown) > _MAX_LINES:
        found.append(Text(f"    and {len(shown) - _MAX_LINES} more lines", style="dim"))
    axioms = audit.get("axioms")
    if axioms is not None:
        found.append(Text(f"    axioms  {', '.join(map(str, axioms)) or 'none'}", style="" if axioms else "dim"))
    return found


def _invariants(proof: Mapping[str, Any]) -> list[Text]:
    parts = [part for step in proof.get("steps", []) for part in step.get("parts", [])]
    if not parts:
        steps = [str(step.get("text", "")) for step in proof.get("steps", []) if step.get("text")]
        return [Text(f"    {text}") for text in steps[:_MAX_CLAUSES]]
    rows = [
        (Path(part.get("place") or part["label"]).name, part["text"], part.get("prover") or "")
        for part in parts[:_MAX_CLAUSES]
    ]
    lines = _columns(rows, styles=("cyan", "", "dim"), merge_first=True)
    if len(parts) > _MAX_CLAUSES:
        lines.append(Text(f"    and {len(parts) - _MAX_CLAUSES} more", style="dim"))
    return lines


def _counterexample(result: Result) -> list[Text]:
    counterexample = result.counterexample or {}
    lines = [Text(f"    {_failure(result, counterexample)}")]
    trace = counterexample.get("trace")
    if isinstance(trace, list) and trace and all(isinstance(row, Mapping) for row in trace):
        return lines + _trace(trace)
    inputs = counterexample.get("inputs")
    if isinstance(inputs, list) and all(isinstance(row, Mapping) for row in inputs):
        return lines + _columns([(str(i.get("name", "")), "=", _value(i.get("value"))) for i in inputs])
    model = counterexample.get("model")
    if isinstance(model, Mapping):
        return lines + _columns([(str(name), "=", _value(value)) for name, value in model.items()])
    instance = counterexample.get("instance")
    if isinstance(instance, Mapping) and instance:
        lines += _columns([(str(name), ":=", _value(value)) for name, value in instance.items()])
    steps = counterexample.get("steps")
    if isinstance(steps, list):
        lines += [Text(f"    {step}.", style="cyan") for step in steps[:_MAX_LINES]]
    return lines


def _failure(result: Result, counterexample: Mapping[str, Any]) -> str:
    failure = counterexample.get("failure")
    if isinstance(failure, Mapping) and {"file", "line", "column", "message"} <= failure.keys():
        return f"{failure['file']}:{failure['line']}:{failure['column']}: {failure['message']}"
    return result.reason or "there is a counterexample"


def _trace(trace: Sequence[Mapping[str, Any]]) -> list[Text]:
    changes = [row["values"] if isinstance(row.get("values"), Mapping) else {} for row in trace]
    names = list(dict.fromkeys(str(name) for values in changes for name in values))
    rows = [("line", *names)]
    state = dict.fromkeys(names, "")
    for row, values in zip(trace, changes, strict=True):
        # A step tells only what it changes; a reader wants to see the whole state.
        state |= {str(name): _value(value) for name, value in values.items()}
        rows.append((str(row.get("line", "")), *state.values()))
    if len(rows) > _MAX_ROWS:
        left_out = len(rows) - _MAX_ROWS
        gap = (f"... {left_out} more", *[""] * len(names))
        rows = [*rows[: _MAX_ROWS // 2], gap, *rows[-_MAX_ROWS // 2 :]]
    table = _columns(rows, right=True)
    table[0].stylize("bold")
    return table


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return str(value)


def _columns(
    rows: Iterable[Sequence[str]], *, styles: Sequence[str] = (), merge_first: bool = False, right: bool = False
) -> list[Text]:
    table = [[cell.replace("\n", " ") for cell in row] for row in rows]
    if not table:
        return []
    widths = [max(cell_len(row[i]) for row in table) for i in range(len(table[0]))]
    lines = []
    above = None
    for row in table:
        line = Text("    ")
        for i, cell in enumerate(row):
            shown = "" if merge_first and i == 0 and cell == above else cell
            padding = " " * (widths[i] - cell_len(shown))
            line.append(padding if right else "")
            line.append(shown, style=styles[i] if i < len(styles) else "")
            line.append(("" if right else padding) + "  ")
        line.rstrip()
        lines.append(line)
        above = row[0]
    return lines


def summary(results: Sequence[Result], elapsed: float, *, interrupted: bool = False) -> Text:
    """Return the last line of a run: how many of each verdict, and the time it took together.

    Args:
        results: all of the run.
        elapsed: wall time in seconds.
        interrupted: whether the run was stopped before its end.
    """
    counts = Counter(result.verdict for result in results)
    line = Text()
    for verdict, (colour, _, _) in _STYLE.items():
        if counts[verdict]:
            line.append(", " if line else "")
            line.append(f"{counts[verdict]} {verdict.value}", style=f"bold {colour}")
    if not line:
        line.append("nothing done")
    line.append(f" in {seconds(elapsed)}", style="dim")
    if interrupted:
        line.append("  interrupted", style="bold yellow")
    return line


def patched(found: Patched) -> Text:
    """Return the line that says which proofs stand in a source file now."""
    names = ", ".join(found.obligations)
    return Text.assemble(mark(Verdict.PROVED), f" {near(found.file)}  ", ("written", "green"), f"  {names}")


def replay_block(result: ReplayResult) -> list[Text]:
    """Return the lines that show what came of one certificate."""
    sign = mark(Verdict.PROVED if result.valid else Verdict.DISPROVED)
    word = ("valid", "green") if result.valid else ("invalid", "red")
    line = Text.assemble(sign, " ", (result.certificate, "bold"), "  ", word)
    line.append(f"  {seconds(result.seconds)}", style="dim")
    lines = [line]
    if result.claim:
        said = "is" if result.valid else "is said to be"
        lines.append(Text(f"    {result.target or ''}:{result.obligation or ''} {said} {result.claim}"))
    if result.reason:
        lines.append(Text(f"    error: {result.reason}"))
    bad = [check for check in result.checks if not check.ok and check.detail != result.reason]
    lines += [Text(f"    {check.name}: {check.detail}") for check in bad]
    lines += [Text(f"    note: {note}", style="dim") for note in result.notes]
    return lines
