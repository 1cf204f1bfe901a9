"""Settings of a training run: everything that its result depends on, beside the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from lemmata.errors import UsageError

SIZES: dict[str, dict[str, int]] = {
    "tiny": {"d_model": 128, "d_kv": 32, "num_heads": 4, "d_ff": 256, "num_layers": 2, "num_decoder_layers": 2},
    # A deep encoder and a shallow decoder, as in ByT5 (Xue et al., 2022): bytes carry little each.
    "small": {"d_model": 512, "d_kv": 64, "num_heads": 8, "d_ff": 1024, "num_layers": 9, "num_decoder_layers": 3},
}
"""Dimensions of models from scratch."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train."""

    size: str = "tiny"
    """Of a model from scratch; a checkpoint has its own."""
    epochs: int = 10
    seed: int = 0
    batch: int = 16
    learning_rate: float | None = None
    """None is 2e-3 from scratch and 1e-4 from a checkpoint."""
    held_out: float = 0.1
    """Share of theorems, goals or problems that are kept for the test."""
    longest_prompt: int = 1024
    """Tokens; longer ones lose their beginning."""
    longest_answer: int = 256
    """Tokens; longer ones are cut."""
    save_every: int | None = None
    """Steps between checkpoints; None is a tenth of the run, but at most 500."""

    def __post_init__(self) -> None:
        if self.size not in SIZES:
            raise UsageError(f"there is no size {self.size!r}", hint=f"one of {', '.join(SIZES)}")
        counts = (self.epochs, self.batch, self.longest_prompt, self.longest_answer, self.save_every or 1)
        if min(counts) < 1 or self.seed < 0 or (self.learning_rate is not None and not 0 < self.learning_rate < 1):
            raise UsageError("epochs, batch, lengths and steps are at least 1, the seed at least 0, the rate in (0, 1)")

    def rate(self, *, scratch: bool) -> float:
        """Return the highest learning rate."""
        return self.learning_rate or (2e-3 if scratch else 1e-4)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as they stand in `lemmata.json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is."""

    step: int
    steps: int
    epoch: float
    loss: float | None = None
    """Mean over the last steps."""
    saved: bool = False
    """Whether a checkpoint was written here, from which a killed run goes on."""


Report = Callable[[Progress], None]
"""Is told how a training gets on."""


def nobody(progress: Progress) -> None:
    """Report to nobody."""
