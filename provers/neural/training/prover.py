"""Training of provers: from a goal's text to the text of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from provers.neural.local_asking import GOAL_THEN_STEP, STATE_TO_TACTIC, separator, with_premises
from provers.neural.local_generation import Sampling, generate, score
from provers.neural.local_loading import Loaded, weights_digest
from provers.neural.local_manifest import Manifest
from provers.neural.training import card, loop, models, records
from provers.neural.training.records import StepRecord
from provers.neural.training.settings import Report, Settings, nobody

_MOST_TESTED = 512
"""Most records whose step is written anew to see whether it is the same."""


def train_prover(
    dataset: Sequence[Path],
    out: Path,
    base: Path | None = None,
    settings: Settings = Settings(),  # noqa: B008 - immutable
    *,
    resume: bool = False,
    report: Report = nobody,
) -> Manifest:
    """Train a model to propose steps; the folder then works as `--prover transformers:OUT`.

    Args:
        dataset: files of records `{"system", "goal", "step"}`, see `records.step_record`.
        out: folder of the model.
        base: a checkpoint to go on from, encoder-decoder or decoder-only; without it a new byte-level model is made.
        settings: of the run.
        resume: go on with a run that was killed; it reaches what it would have reached.
        report: is told how it gets on.

    Returns:
        The model's manifest; `training["held_out"]` has its loss (nats per token) and exact-match accuracy.

    Raises:
        InputError: a record is wrong, with its file and line.
        UsageError: the settings or the folder make no sense.
        BackendMissing: a library is missing.
    """
    data = records.read(dataset, records.step_record, settings.held_out, settings.seed)
    run = card.identity("prover", data, base, settings)
    workspace = loop.Workspace(out, run, resume=resume)
    if workspace.finished is not None:
        return workspace.finished
    loop.seed_everything(settings.seed)
    loaded = models.fresh(settings) if base is None else models.base_model(base)
    loaded = replace(loaded, device="cpu", longest=min(loaded.longest, settings.longest_prompt))
    style = STATE_TO_TACTIC if loaded.encoder_decoder else GOAL_THEN_STEP

    def tokens(record: StepRecord) -> tuple[list[int], list[int]]:
        prompt = with_premises(record.premises, record.goal) + separator(style)
        return models.pair(loaded, prompt, record.step, settings)

    train = [tokens(record) for record in data.train]
    steps = loop.fit(
        loaded.model,
        train,
        lambda pairs: models.batch(loaded, pairs),
        workspace,
        settings,
        report,
        scratch=base is None,
    )
    loaded.model.eval()
    loaded = replace(loaded, device=str(next(loaded.model.parameters()).device))
    held_out = [tokens(record) for record in data.held_out]
    results = {
        "train": _measured(loaded, data.train, train, settings),
        "held_out": _measured(loaded, data.held_out, held_out, settings),
    }
    training = card.training(run, data, steps, results, loaded.model)
    training["longest_answer"] = max(len(answer) for _, answer in (*train, *held_out))
    systems = tuple(sorted({record.system for record in (*data.train, *data.held_out)}))

    def save(folder: Path) -> None:
        loaded.model.save_pretrained(folder)
        loaded.tokenizer.save_pretrained(folder)
        training["weights"] = weights_digest(folder)

    manifest = Manifest("prover", style, systems, training)
    return workspace.finish(save, manifest, card.text(out.name, manifest))


def _measured(
    loaded: Loaded,
    kept: Sequence[StepRecord],
    pairs: Sequence[tuple[list[int], list[int]]],
    settings: Settings,
) -> Mapping[str, Any]:
    """Return the loss over records and how many steps are written exactly as they stand there."""
    if not kept:
        return {"records": 0, "loss": None, "exact_match": None}
    tested = range(min(len(kept), _MOST_TESTED))
    scores = score(loaded, [pairs[i] for i in tested])
    count = sum(len(pairs[i][1]) for i in tested)
    prompts = [pairs[i][0] for i in tested]
    sampling = Sampling(max_tokens=settings.longest_answer)
    answers = generate(loaded, prompts, 1, sampling, settings.seed, lambda: False)
    right = sum(
        bool(group) and " ".join(group[0].text.split()) == " ".join(kept[i].step.split())
        for i, group in zip(tested, answers, strict=True)
    )
    return {
        "records": len(kept),
        "tested": len(tested),
        "loss": -sum(scores) / count,
        "exact_match": right / len(tested),
    }
