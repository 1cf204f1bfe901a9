"""Logistic regression over hashed features, in plain Python: small, exact, and saved as JSON.

Features are hashed to a fixed number of weights (Weinberger et al., "Feature hashing", ICML 2009), which are found by
stochastic gradient descent with AdaGrad (Duchi et al., JMLR 2011).
"""

from __future__ import annotations

import json
import math
import os
import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemmata.errors import InputError, Location

SCHEMA = "lemmata.linear/1"
_MOST_BITS = 22
_FLOOR = -30.0
"""Least logarithm of a probability that is told."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """How weights are found."""

    epochs: int = 12
    rate: float = 0.3
    decay: float = 1e-4
    """Weight of the squared weights in the loss."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of features; `log_odds` is their sum."""

    kind: str
    """What it judges: `critic` or `ranker`."""
    bits: int = 16
    """Features are hashed to 2 to the power of this many weights."""
    bias: float = 0.0
    weights: Mapping[int, float] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    """What it was made from; JSON values only."""

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Return the logarithm of the odds."""
        return self.bias + sum(self.weights.get(i, 0.0) * v for i, v in _hashed(features, self.bits).items())

    def log_probability(self, features: Mapping[str, float]) -> float:
        """Return the logarithm of the probability, at most 0."""
        return max(log_sigmoid(self.log_odds(features)), _FLOOR)

    def save(self, path: Path) -> None:
        """Write it as JSON, in one move."""
        body = {
            "schema": SCHEMA,
            "kind": self.kind,
            "bits": self.bits,
            "bias": self.bias,
            "weights": {str(i): round(w, 6) for i, w in sorted(self.weights.items()) if round(w, 6)},
            "about": dict(self.about),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part{os.getpid()}")
        part.write_text(json.dumps(body, indent=0), "utf-8")
        part.replace(path)

    @classmethod
    def load(cls, path: Path, kind: str) -> Linear:
        """Read what `save` wrote.

        Raises:
            InputError: there is no such file, or it is none of these.
        """
        location = Location(str(path))
        try:
            body: Any = json.loads(path.read_text("utf-8"))
            if body["schema"] != SCHEMA or body["kind"] != kind:
                raise ValueError(f"it is a {body['kind']} in {body['schema']}, not a {kind} in {SCHEMA}")
            bits = int(body["bits"])
            weights = {int(i): float(w) for i, w in body["weights"].items()}
            bias, about = float(body["bias"]), dict(body["about"])
            if not 1 <= bits <= _MOST_BITS or not all(map(math.isfinite, (bias, *weights.values()))):
                raise ValueError("a number is out of bounds")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            message = f"this {kind} cannot be read: {type(error).__name__}: {error}"
            raise InputError(message, location=location) from None
        return cls(kind, bits, bias, weights, about)


def fit(
    kind: str,
    examples: Sequence[tuple[Mapping[str, float], bool]],
    settings: Fitting = Fitting(),
    *,
    bits: int = 16,
    about: Mapping[str, Any] | None = None,
) -> Linear:
    """Find the weights that tell examples apart; the same examples in the same order give the same weights.

    Args:
        kind: as of `Linear`.
        examples: features, and whether what they belong to is right.
        settings: how.
        bits: as of `Linear`.
        about: as of `Linear`.
    """
    data = [(_hashed(features, bits), float(label)) for features, label in examples]
    weights: dict[int, float] = {}
    squares: dict[int, float] = {}
    right = sum(label for _, label in data)
    bias = math.log((right + 1) / (len(data) - right + 1))
    bias_square = 1.0
    order = list(range(len(data)))
    chance = random.Random(settings.seed)
    for _ in range(settings.epochs):
        chance.shuffle(order)
        for place in order:
            features, label = data[place]
            odds = bias + sum(weights.get(i, 0.0) * v for i, v in features.items())
            error = math.exp(log_sigmoid(odds)) - label
            for i, v in features.items():
                slope = error * v + settings.decay * weights.get(i, 0.0)
                squares[i] = squares.get(i, 1e-6) + slope * slope
                weights[i] = weights.get(i, 0.0) - settings.rate * slope / math.sqrt(squares[i])
            bias_square += error * error
            bias -= settings.rate * error / math.sqrt(bias_square)
    return Linear(kind, bits, bias, weights, dict(about or {}))


def log_sigmoid(odds: float) -> float:
    """Return the logarithm of the probability with these log-odds, at most 0."""
    return -math.log1p(math.exp(-odds)) if odds >= 0 else odds - math.log1p(math.exp(odds))


def _hashed(features: Mapping[str, float], bits: int) -> dict[int, float]:
    found: dict[int, float] = {}
    for name, value in features.items():
        number = zlib.crc32(name.encode("utf-8", "surrogatepass"))
        # One more bit is the sign, so that features which meet by chance cancel out on average.
        place = number & ((1 << bits) - 1)
        found[place] = found.get(place, 0.0) + (value if number >> 31 else -value)
    return found
