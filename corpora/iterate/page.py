"""What the folder of an expert iteration says of its rounds: lines for programs, a card for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpora.stages import card, lines

ABOUT = (
    "Expert iteration: in each round a search with the provers of the settings, and with the model of the round "
    "before, over the same problems; what was proved and verified so far is curated, exported, and learnt anew. "
    "Each record is a round. In `round-N/` are `search/` with the certificates, `steps.jsonl` (steps of verified "
    "proofs), `rejected.jsonl` (pairs of such a step and a refused one, for DPO), `values.jsonl` (goals, for critics), "
    "`proofs.jsonl` (the shortest proof of each problem so far), `curate/`, `export/` and `model/`."
)
_COLUMNS = ("round", "problems", "proved", "newly proved", "steps", "rejected", "values", "records", "held back")
_TRAINING = ("trained on", "held out", "held-out loss", "held-out exact match", "model")
_DATA = "data.jsonl"


def write(folder: Path, identity: Mapping[str, Any], rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write `data.jsonl` and `README.md`; return what the journal says of the whole.

    Args:
        folder: of the iteration.
        identity: as in `stage.json`.
        rounds: those that have ended.
    """
    lines.write(folder / _DATA, rounds)
    end = {
        "records": len(rounds),
        "kinds": {},
        "counts": {"problems proved": rounds[-1]["proved so far"]} if rounds else {},
        "reasons": {},
        "files": {_DATA: lines.digest(folder / _DATA)},
    }
    parts = [card.text(folder.name, identity, ABOUT, end), _table("Rounds", _COLUMNS, rounds)]
    parts.append(_table("Training", ("round", *_TRAINING), rounds))
    digests = [{"round": row["round"], **row["files"]} for row in rounds]
    parts += [_table("Digests", tuple(digests[0]), digests)] if digests else []
    lines.text(folder / "README.md", "\n".join(parts))
    return end


def _table(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    head = [f"## {title}", "", f"| {' | '.join(columns)} |", f"|{'---:|' * len(columns)}"]
    return "\n".join([*head, *(f"| {' | '.join(_cell(row.get(name)) for name in columns)} |" for row in rows), ""])


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
