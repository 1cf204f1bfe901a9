"""Training of rankers: which of many candidates is right for a problem (iRank, Chakraborty et al., 2023).

Problem and candidates are embedded, and right candidates are drawn nearer to their problem than its wrong ones.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lemmata.errors import InputError, Location
from provers.neural.local_loading import libraries, weights_digest
from provers.neural.local_manifest import Manifest
from provers.neural.training import card, loop, records
from provers.neural.training.encoders import Texts, create, load_trained
from provers.neural.training.settings import Report, Settings, nobody

_WRONG = 7
"""Wrong candidates that one right candidate is told from in a step of training."""

Contrast = tuple[str, str, tuple[str, ...]]
"""A problem, a right candidate, and wrong ones."""


def train_ranker(
    dataset: Sequence[Path],
    out: Path,
    base: Path | None = None,
    settings: Settings = Settings(),  # noqa: B008 - immutable
    *,
    resume: bool = False,
    report: Report = nobody,
) -> Manifest:
    """Train an embedding by contrast on records `{"problem", "candidate", "label"}`; `TrainedRanker` loads it.

    Args:
        dataset: files of records; problems without both right and wrong candidates teach nothing.
        out: folder of the model.
        base: folder of a T5 or ByT5 checkpoint whose encoder is gone on from; without it a new one is made.
        settings: of the run.
        resume: go on with a run that was killed.
        report: is told how it gets on.

    Returns:
        The manifest; `training["held_out"]` has the share of pairs in the right order and the mean reciprocal rank of
        the first right candidate.

    Raises:
        InputError: a record is wrong, with its file and line, or there is nothing to tell apart.
        UsageError: the settings or the folder make no sense.
        BackendMissing: a library is missing.
    """
    data = records.read(dataset, records.candidate_record, settings.held_out, settings.seed)
    contrasts = _contrasts(data.train, settings.seed)
    if not contrasts:
        message = "no problem has both right and wrong candidates"
        raise InputError(message, location=Location(data.files[0]), hint="label some true and some false")
    run = card.identity("ranker", data, base, settings)
    workspace = loop.Workspace(out, run, resume=resume)
    if workspace.finished is not None:
        return workspace.finished
    model, texts = create("EmbeddingNetwork", base, settings)
    torch, _ = libraries()

    def collate(examples: list[Contrast]) -> dict[str, Any]:
        problem_ids, problem_mask = texts.tensors([problem for problem, _, _ in examples])
        candidates = [(text, i) for i, (_, right, wrong) in enumerate(examples) for text in (right, *wrong)]
        ids, mask = texts.tensors([text for text, _ in candidates])
        return {
            "problem_ids": problem_ids,
            "problem_mask": problem_mask,
            "candidate_ids": ids,
            "candidate_mask": mask,
            "group": torch.tensor([i for _, i in candidates]),
        }

    steps = loop.fit(model, contrasts, collate, workspace, settings, report, scratch=base is None)
    ranker = TrainedRanker(model.eval(), texts)
    results = {part: _measured(ranker, kept) for part, kept in (("train", data.train), ("held_out", data.held_out))}
    training = card.training(run, data, steps, results, model)

    def save(folder: Path) -> None:
        model.save_pretrained(folder)
        texts.tokenizer.save_pretrained(folder)
        training["weights"] = weights_digest(folder)

    manifest = Manifest("ranker", "problem-candidate/1", (), training)
    return workspace.finish(save, manifest, card.text(out.name, manifest))


def _by_problem(kept: Sequence[records.CandidateRecord]) -> dict[str, tuple[list[str], list[str]]]:
    """Return each problem's right and wrong candidates; one that is said to be both counts as right."""
    found: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for record in kept:
        found[record.problem][record.candidate] = record.label or found[record.problem].get(record.candidate, False)
    return {
        problem: ([text for text in labels if labels[text]], [text for text in labels if not labels[text]])
        for problem, labels in found.items()
    }


def _contrasts(kept: Sequence[records.CandidateRecord], seed: int) -> list[Contrast]:
    """Set every right candidate against wrong ones of its problem, so that each of those comes up."""
    lots = random.Random(seed)
    found: list[Contrast] = []
    for problem, (right, wrong) in _by_problem(kept).items():
        if not right:
            continue
        lots.shuffle(wrong)
        for place in range(0, len(wrong), _WRONG):
            found += [(problem, text, tuple(wrong[place : place + _WRONG])) for text in right]
    return found


def _measured(ranker: TrainedRanker, kept: Sequence[records.CandidateRecord]) -> dict[str, Any]:
    ordered, pairs, ranks = 0.0, 0, []
    for problem, (right, wrong) in _by_problem(kept).items():
        if not (right and wrong):
            continue
        scores = ranker.score(problem, [*right, *wrong])
        good, bad = scores[: len(right)], scores[len(right) :]
        ordered += sum((g > b) + 0.5 * (g == b) for g in good for b in bad)
        pairs += len(good) * len(bad)
        ranks.append(1 / (1 + sum(b >= max(good) for b in bad)))
    return {
        "records": len(kept),
        "ordered_pairs": ordered / pairs if pairs else None,
        "mean_reciprocal_rank": sum(ranks) / len(ranks) if ranks else None,
    }


class TrainedRanker:
    """An embedding that is ready to rank.

    Args:
        model: an `EmbeddingNetwork`.
        texts: makes tensors of texts for it.
    """

    def __init__(self, model: Any, texts: Texts) -> None:
        self._model = model
        self._texts = texts

    @classmethod
    def load(cls, folder: Path) -> TrainedRanker:
        """Load what `train_ranker` has written.

        Raises:
            UsageError: the folder has no ranker.
            BackendError: it cannot be loaded.
        """
        return cls(*load_trained("EmbeddingNetwork", "ranker", folder))

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector of length 1 for each text."""
        found: list[list[float]] = []
        for batch in self._texts.batches(texts, self._model.device):
            found += self._texts.run(self._model.embed, *batch).tolist()
        return self._texts.restored(texts, found)

    def score(self, problem: str, candidates: Sequence[str]) -> list[float]:
        """Return how well each candidate fits a problem: the cosine of their vectors, from -1 to 1."""
        if not candidates:
            return []
        (first, *others) = self.embed([problem, *candidates])
        return [sum(a * b for a, b in zip(first, other, strict=True)) for other in others]
