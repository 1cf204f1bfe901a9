"""Texts as vectors: any encoder of transformers, mean-pooled and normalised, so that products are cosines.

This is how ReProver's retriever is used (Yang et al., "LeanDojo", NeurIPS 2023): a ByT5 encoder reads the goal, and
premises whose name is marked by `<a>` and `</a>` where their code declares it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lemmata.errors import BackendError
from provers.neural.local_loading import folder, libraries, only_tensors, spare, unusable, weights_digest
from provers.retrieval.premise import Premise

LONGEST_TOKENS = 1024
"""So many tokens of a text are read, as by ReProver's retriever."""
_BATCH_TOKENS = 16384


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    network: Any
    tokenizer: Any
    revision: str
    longest: int


class Encoder:
    """An encoder, loaded when it is first used.

    Args:
        model: a folder, or `OWNER/NAME` or `OWNER/NAME@REVISION` of the hub.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._known: _Loaded | None = None

    @property
    def revision(self) -> str:
        """The commit of a model from the hub, or the digest of a folder's weights; empty before it is loaded."""
        return self._known.revision if self._known else ""

    @property
    def key(self) -> str:
        """What vectors depend on besides the text, as a short digest; loads the model."""
        loaded = self._load()
        return hashlib.blake2b(f"{loaded.revision}\0{loaded.longest}".encode(), digest_size=12).hexdigest()

    def encode(self, texts: Sequence[str]) -> Any:
        """Return one vector of length 1 for each text (numpy, float32, a row each).

        Raises:
            BackendMissing: torch or transformers is not installed.
            BackendError: the model cannot be loaded or run.
            UsageError: its name makes no sense.
        """
        import numpy as np

        loaded = self._load()
        network = loaded.network
        torch, _ = libraries()
        # Texts of like length go together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
        rows: list[Any] = [None] * len(texts)
        try:
            with torch.inference_mode():
                for batch in _batches(order, texts):
                    read = loaded.tokenizer(
                        [texts[i] or " " for i in batch],
                        padding=True,
                        truncation=True,
                        max_length=loaded.longest,
                        return_tensors="pt",
                    ).to(network.device)
                    mask = read["attention_mask"]
                    states = network(input_ids=read["input_ids"], attention_mask=mask).last_hidden_state.float()
                    pooled = (states * mask.unsqueeze(2)).sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1)
                    unit = torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()
                    for place, row in zip(batch, unit, strict=True):
                        rows[place] = row
        except (RuntimeError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise BackendError(f"the encoder {self.model} cannot be run: {error}") from None
        size = int(network.config.hidden_size)
        found = np.stack(rows) if rows else np.zeros((0, size))
        # A model gone wrong may answer no number: such a text is like no other.
        return np.nan_to_num(found.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)

    def _load(self) -> _Loaded:
        if self._known is None:
            self._known = _load(self.model)
        return self._known


def _load(model: str) -> _Loaded:
    where = folder(model)
    torch, transformers = libraries()
    name, _, revision = (str(where), "", "") if where else model.partition("@")
    offline = where is not None or os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    options: dict[str, Any] = {"local_files_only": offline, "trust_remote_code": False}
    if revision:
        options["revision"] = revision
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, **options)
        only_tensors(name, **options)
        network = transformers.AutoModelForTextEncoding.from_pretrained(name, use_safetensors=True, **options)
        network = network.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        spare(network)
    except Exception as error:
        # Whatever is in somebody's folder: these libraries raise anything.
        raise unusable(model, error) from error
    commit = getattr(network.config, "_commit_hash", None)
    limits = (LONGEST_TOKENS, tokenizer.model_max_length, getattr(network.config, "max_position_embeddings", None))
    longest = min(int(limit) for limit in limits if isinstance(limit, int | float) and limit > 0)
    return _Loaded(network, tokenizer, weights_digest(where) if where else f"{name}@{commit or 'unknown'}", longest)


def premise_text(premise: Premise) -> str:
    """Return a premise as ReProver's retriever reads it: its code, with its full name marked where it is declared."""
    marked = f"<a>{premise.name}</a>"
    parts = premise.name.split(".")
    for start in range(len(parts)):
        name = re.escape(".".join(parts[start:]))
        text, count = re.subn(rf"(?<=\s)«?{name}»?(?![\w'.])", lambda _: marked, premise.statement, count=1)
        if count:
            return text
    return f"{marked} : {premise.statement}" if premise.statement else marked


def _batches(order: Sequence[int], texts: Sequence[str]) -> list[list[int]]:
    """Cut places, shortest text first, into batches of so many characters when padded."""
    found: list[list[int]] = []
    for place in order:
        width = min(max(len(texts[place].encode("utf-8", "replace")), 1), LONGEST_TOKENS)
        if found and (len(found[-1]) + 1) * width <= _BATCH_TOKENS:
            found[-1].append(place)
        else:
            found.append([place])
    return found
