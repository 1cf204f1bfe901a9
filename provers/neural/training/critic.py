"""Training of critics: how likely a goal is provable, from its text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from provers.neural.local_loading import libraries, weights_digest
from provers.neural.local_manifest import Manifest
from provers.neural.training import card, loop, records
from provers.neural.training.encoders import Texts, create, load_trained
from provers.neural.training.settings import Report, Settings, nobody


def train_critic(
    dataset: Sequence[Path],
    out: Path,
    base: Path | None = None,
    settings: Settings = Settings(),  # noqa: B008 - immutable
    *,
    resume: bool = False,
    report: Report = nobody,
) -> Manifest:
    """Train a value model by regression on records `{"goal", "value"}`; `TrainedCritic` loads it.

    Args:
        dataset: files of records; a value is the logarithm of a probability.
        out: folder of the model.
        base: folder of a T5 or ByT5 checkpoint whose encoder is gone on from; without it a new one is made.
        settings: of the run.
        resume: go on with a run that was killed.
        report: is told how it gets on.

    Returns:
        The manifest; `training["held_out"]` has the mean absolute error in nats.

    Raises:
        InputError: a record is wrong, with its file and line.
        UsageError: the settings or the folder make no sense.
        BackendMissing: a library is missing.
    """
    data = records.read(dataset, records.value_record, settings.held_out, settings.seed)
    run = card.identity("critic", data, base, settings)
    workspace = loop.Workspace(out, run, resume=resume)
    if workspace.finished is not None:
        return workspace.finished
    model, texts = create("ValueNetwork", base, settings)
    torch, _ = libraries()

    def collate(examples: list[records.ValueRecord]) -> dict[str, Any]:
        ids, mask = texts.tensors([example.goal for example in examples])
        return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor([e.value for e in examples])}

    steps = loop.fit(model, data.train, collate, workspace, settings, report, scratch=base is None)
    critic = TrainedCritic(model.eval(), texts)
    results = {part: _measured(critic, kept) for part, kept in (("train", data.train), ("held_out", data.held_out))}
    training = card.training(run, data, steps, results, model)

    def save(folder: Path) -> None:
        model.save_pretrained(folder)
        texts.tokenizer.save_pretrained(folder)
        training["weights"] = weights_digest(folder)

    manifest = Manifest("critic", "goal/1", (), training)
    return workspace.finish(save, manifest, card.text(out.name, manifest))


def _measured(critic: TrainedCritic, kept: Sequence[records.ValueRecord]) -> dict[str, Any]:
    if not kept:
        return {"records": 0, "mean_absolute_error": None}
    values = critic.score([record.goal for record in kept])
    errors = [abs(value - record.value) for value, record in zip(values, kept, strict=True)]
    return {"records": len(kept), "mean_absolute_error": sum(errors) / len(errors)}


class TrainedCritic:
    """A value model that is ready to estimate.

    Args:
        model: a `ValueNetwork`.
        texts: makes tensors of texts for it.
    """

    def __init__(self, model: Any, texts: Texts) -> None:
        self._model = model
        self._texts = texts

    @classmethod
    def load(cls, folder: Path) -> TrainedCritic:
        """Load what `train_critic` has written.

        Raises:
            UsageError: the folder has no critic.
            BackendError: it cannot be loaded.
        """
        return cls(*load_trained("ValueNetwork", "critic", folder))

    def score(self, goals: Sequence[str]) -> list[float]:
        """Return for each goal's text an estimated logarithm of the probability that it is provable, at most 0."""
        found: list[float] = []
        for batch in self._texts.batches(goals, self._model.device):
            found += self._texts.run(self._model, *batch)["values"].tolist()
        return self._texts.restored(goals, found)
