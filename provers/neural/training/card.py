"""What a trained model's folder says of its training: for programs in `lemmata.json`, for people in `README.md`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provers.neural.local_loading import weights_digest
from provers.neural.local_manifest import Manifest
from provers.neural.training.records import Dataset
from provers.neural.training.settings import Settings

_PURPOSE = {
    "prover": "proposes steps for goals: `lemmata prove --prover transformers:{name} FILE`",
    "critic": "estimates the logarithm of the probability that a goal is provable",
    "ranker": "orders candidates, such as loop invariants, for a problem",
}


def identity(kind: str, data: Dataset[Any], base: Path | None, settings: Settings) -> dict[str, Any]:
    """Return all that a run's result depends on; two runs with the same identity are the same run."""
    return {
        "kind": kind,
        "data": data.digest,
        "base": weights_digest(base) if base is not None and base.is_dir() else None,
        **settings.to_json(),
    }


def training(
    run: Mapping[str, Any], data: Dataset[Any], steps: int, results: Mapping[str, Any], model: Any
) -> dict[str, Any]:
    """Return what a manifest says of a training that has ended."""
    return {
        "run": dict(run),
        "files": list(data.files),
        "records": {"train": len(data.train), "held_out": len(data.held_out)},
        "steps": steps,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        **results,
    }


def text(name: str, manifest: Manifest) -> str:
    """Return the model card."""
    body = manifest.training
    run, counts = body["run"], body["records"]
    started = f"a checkpoint with weights {run['base']}" if run["base"] else f"random weights, size `{run['size']}`"
    rows = [
        ("kind", manifest.kind),
        ("prompt format", manifest.format),
        ("systems", ", ".join(manifest.systems) or "any"),
        ("parameters", f"{body['parameters']:,}"),
        ("started from", started),
        ("data", f"{', '.join(Path(file).name for file in body['files'])} ({run['data']})"),
        ("records", f"{counts['train']} trained on, {counts['held_out']} held out"),
        ("epochs, steps, batch", f"{run['epochs']}, {body['steps']}, {run['batch']}"),
        ("seed", str(run["seed"])),
    ]
    for part, what in (("train", "trained on"), ("held_out", "held out")):
        numbers = {key: value for key, value in body[part].items() if key not in ("records", "tested")}
        said = ", ".join(f"{key.replace('_', ' ')} {value:.4f}" for key, value in numbers.items() if value is not None)
        rows.append((f"measured on records {what}", said or "nothing"))
    table = "\n".join(f"| {key} | {value} |" for key, value in rows)
    purpose = _PURPOSE[manifest.kind].format(name=name)
    return (
        f"---\nlibrary_name: transformers\n---\n\n# {name}\n\nThis model {purpose}.\n\n| | |\n|---|---|\n{table}\n\n"
        "Trained by `lemmata train`. Nothing it says is believed: every step is checked by the proof system.\n"
    )
