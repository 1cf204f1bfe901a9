"""Tables and plots of what was counted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lemmata.workflow import plots
from lemmata.workflow.table import cell

_ROWS = 40
_BARS = 25
_PLOTS = {
    "tactics": ("records_by", "tactic", "Steps by tactic", "steps"),
    "packages": ("records_by", "package", "Steps by package", "steps"),
    "lengths": ("theorems_by", "steps recorded", "Proofs by their recorded steps", "theorems"),
    "premises": ("records_by", "premise", "Premises used most", "steps"),
    "rules": ("theorems_by", "rule of a mutation", "New theorems by rule", "theorems"),
}


def markdown(found: Mapping[str, Any]) -> str:
    """Return the numbers as tables, those of many rows cut short."""
    lines = ["# Statistics", "", f"{found['records']:,} records of {found['theorems']:,} theorems.", ""]
    means = ", ".join(f"{name} {value:,.1f}" for name, value in found["mean_characters"].items())
    lines += [f"Mean number of characters: {means}.", ""]
    for group, title in (("records_by", "Records"), ("theorems_by", "Theorems")):
        for what, counted in found[group].items():
            lines += [f"## {title} by {what}", "", f"| {what} | {title.lower()} | share |", "|---|---:|---:|"]
            total = found["records" if group == "records_by" else "theorems"] or 1
            rows = list(counted.items())
            lines += [f"| {cell(name)} | {number:,} | {number / total:.1%} |" for name, number in rows[:_ROWS]]
            if len(rows) > _ROWS:
                rest = sum(number for _, number in rows[_ROWS:])
                lines.append(f"| {len(rows) - _ROWS:,} more | {rest:,} | {rest / total:.1%} |")
            lines.append("")
    return "\n".join(lines)


def pictures(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the plots as SVG, by their file's name."""
    drawn = {}
    for name, (group, what, title, label) in _PLOTS.items():
        if counted := found[group].get(what):
            bars = [(said, float(number)) for said, number in list(counted.items())[:_BARS]]
            drawn[f"{name}.svg"] = plots.bar_chart(bars, title=title, label=label)
    return drawn


def files(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each file: tables for people and programs, and plots."""
    numbers = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    return {"stats.json": numbers, "stats.md": markdown(found), **pictures(found)}
