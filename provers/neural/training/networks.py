"""Networks on a T5 encoder that critics and rankers share; import this module only where torch is there.

Texts become vectors by the mean over their tokens, as dense retrievers over ByT5 do (Yang et al., "LeanDojo", 2023).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import T5EncoderModel, T5PreTrainedModel

_LOWEST = -20.0
"""Logarithms of probabilities below this are not told apart."""
_TEMPERATURE = 0.1
"""Of the contrast between candidates: cosines differ by little."""


class _Pooled(T5PreTrainedModel):  # type: ignore[misc, no-untyped-call, unused-ignore]
    """A T5 encoder and a linear layer over the mean of its output.

    The encoder has the name under which a whole T5's weights are looked for, so that any checkpoint will do.
    """

    base_model_prefix = "transformer"
    width = 1

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.transformer = T5EncoderModel(config)
        self.head = nn.Linear(config.d_model, self.width)
        self.post_init()  # type: ignore[no-untyped-call, unused-ignore]

    def pooled(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return what the head makes of texts, a row each."""
        hidden = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        result: Tensor = self.head(mean)
        return result


class ValueNetwork(_Pooled):  # type: ignore[no-untyped-call, unused-ignore]
    """Estimates the logarithm of a probability for a text."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        """Return the estimates, and how far they are from the labels."""
        values = self.pooled(input_ids, attention_mask).squeeze(-1).float()
        if labels is None:
            return {"values": values.clamp(_LOWEST, 0.0)}
        # Not clamped here: where an estimate is above 0 nothing would bring it down again.
        return {"loss": functional.smooth_l1_loss(values, labels.clamp(min=_LOWEST)), "values": values}


class EmbeddingNetwork(_Pooled):  # type: ignore[no-untyped-call, unused-ignore]
    """Places problems and candidates in one space, a right candidate nearer to its problem than the wrong ones."""

    width = 64

    def embed(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return vectors of length 1."""
        return functional.normalize(self.pooled(ids, mask).float(), dim=-1)

    def forward(
        self, problem_ids: Tensor, problem_mask: Tensor, candidate_ids: Tensor, candidate_mask: Tensor, group: Tensor
    ) -> dict[str, Tensor]:
        """Return the contrastive loss: how surely each problem's right candidate is told from its wrong ones.

        Args:
            problem_ids: tokens of the problems, one row each.
            problem_mask: of the same shape.
            candidate_ids: tokens of the candidates of all problems; the first of each problem is its right one.
            candidate_mask: of the same shape.
            group: for each candidate the row of its problem, in ascending order.
        """
        problems = self.embed(problem_ids, problem_mask)
        candidates = self.embed(candidate_ids, candidate_mask)
        likeness = problems @ candidates.T / _TEMPERATURE
        rows = torch.arange(problems.shape[0], device=group.device)
        own = group.unsqueeze(0) == rows.unsqueeze(1)
        first = torch.searchsorted(group, rows)
        return {"loss": functional.cross_entropy(likeness.masked_fill(~own, float("-inf")), first)}
