"""The card of a data set, for people and for hubs that read its head (Hugging Face, "Dataset Cards")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

KINDS = ("schema", "system", "licence", "package", "split", "label")
"""Members of records that are counted by value; those with a great many values are cut short in the card."""
_MOST_ROWS = 60
_FIRST = "-00000.parquet"
_UNITS = {"jsonl": "data.jsonl", "parquet": "data-*.parquet"}


def text(name: str, identity: Mapping[str, Any], about: str, end: Mapping[str, Any]) -> str:
    """Return the card of a finished stage.

    Args:
        name: of the data set.
        identity: as in `stage.json`.
        about: what the records are.
        end: what the journal says of the whole.
    """
    licences = end["kinds"].get("licence", {})
    head = ["---", f"pretty_name: {json.dumps(name)}", f"license: {_license(licences)}", "configs:"]
    head += [
        "- config_name: default",
        f"  data_files: {json.dumps(_data_files(identity['format'], end['files']))}",
        "---",
    ]
    again = json.dumps(identity["settings"], ensure_ascii=False, sort_keys=True)
    body = ["", f"# {name}", "", *([about, ""] if about else [])]
    body += [f"{end['records']:,} records, made by `lemmata corpus {identity['stage']}`."]
    for kind, found in end["kinds"].items():
        body += ["", f"## By {kind}", "", f"| {kind} | records |", "|---|---:|"]
        rows = sorted(found.items(), key=lambda row: (-row[1], row[0]))
        body += [f"| {_cell(value)} | {count:,} |" for value, count in rows[:_MOST_ROWS]]
        if len(rows) > _MOST_ROWS:
            body += [f"| {len(rows) - _MOST_ROWS} more | {sum(count for _, count in rows[_MOST_ROWS:]):,} |"]
    for title, found in (("Counts", end["counts"]), ("Failures, see failures.jsonl", end["reasons"])):
        if found:
            body += ["", f"## {title}", "", "| what | number |", "|---|---:|"]
            body += [f"| {_cell(what)} | {count:,} |" for what, count in found.items()]
    body += ["", "## Made from", "", "| | |", "|---|---|", f"| settings | `{_cell(again)}` |"]
    body += [f"| seed | {identity['seed']} |", f"| lemmata | {identity['lemmata']} |"]
    body += [f"| {_cell(what)} | `{digest}` |" for what, digest in identity["inputs"].items()]
    body += ["", "## Files", "", "| file | digest |", "|---|---|"]
    body += [f"| {what} | `{digest}` |" for what, digest in end["files"].items()]
    return "\n".join(head + body) + "\n"


def _data_files(form: str, files: Mapping[str, str]) -> Any:
    """Return which files are which split: those of an export are named after it."""
    splits = [name.removesuffix(_FIRST) for name in files if name.endswith(_FIRST)]
    named = [{"split": split, "path": f"{split}-*.parquet"} for split in splits if split != "data"]
    return named or _UNITS.get(form, "*")


def _license(licences: Mapping[str, int]) -> str:
    known = sorted(licences)
    # A hub knows its own names only: everything else is `other`, and the table tells.
    return json.dumps(known[0].lower() if len(known) == 1 and known[0] != "unknown" else "other")


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")
