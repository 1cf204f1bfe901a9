"""How a data set is split."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lemmata.errors import UsageError

TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")


class Strategy(StrEnum):
    """What stays together, and so what the test asks for."""

    RANDOM = "random"
    """Theorems with the same statement: the test asks for theorems like those trained on."""
    FILE = "file"
    PACKAGE = "package"
    NOVEL_PREMISES = "novel_premises"
    """Each proof that is kept back uses a premise that no proof trained on uses (LeanDojo, arXiv:2306.15626)."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the theorems that are kept back.

    Raises:
        UsageError: they make no sense.
    """

    validation: float = 0.05
    test: float = 0.05

    def __post_init__(self) -> None:
        if min(self.validation, self.test) < 0.0 or not self.validation + self.test < 1.0:
            hint = "from 0, together less than 1, for example --validation 0.05 --test 0.05"
            raise UsageError("these shares leave nothing to train on", hint=hint)
