"""What critics and rankers have in common: making, loading and feeding their networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lemmata.errors import UsageError
from provers.neural import local_manifest
from provers.neural.local_loading import libraries, only_tensors, unusable
from provers.neural.training import loop, models
from provers.neural.training.settings import Settings

_BATCH = 64
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Texts:
    """Makes tensors of texts."""

    tokenizer: Any
    longest: int
    """Tokens; a longer text loses its beginning."""

    def tensors(self, texts: Sequence[str]) -> tuple[Any, Any]:
        """Return the tokens of texts, and a mask that is 1 where there is one."""
        rows = [[int(token) for token in ids][-self.longest :] for ids in self.tokenizer(list(texts))["input_ids"]]
        return models.padded([row or [self.tokenizer.eos_token_id] for row in rows], self.tokenizer.pad_token_id or 0)

    def batches(self, texts: Sequence[str], device: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the tensors of texts in batches, those of like length together; see `restored`."""
        order = _order(texts)
        for place in range(0, len(order), _BATCH):
            ids, mask = self.tensors([texts[i] for i in order[place : place + _BATCH]])
            yield ids.to(device), mask.to(device)

    def run(self, work: Callable[..., Any], *tensors: Any) -> Any:
        """Compute without keeping what training would need."""
        torch, _ = libraries()
        with torch.inference_mode():
            return work(*tensors)

    def restored(self, texts: Sequence[str], found: Sequence[T]) -> list[T]:
        """Return what was found for the texts of all batches in the order of the texts."""
        back = dict(zip(_order(texts), found, strict=True))
        return [back[i] for i in range(len(texts))]


def _order(texts: Sequence[str]) -> list[int]:
    return sorted(range(len(texts)), key=lambda i: len(texts[i]))


def create(network: str, base: Path | None, settings: Settings) -> tuple[Any, Texts]:
    """Make a network to train, by the name of its class in `networks`; with a checkpoint's encoder, or a new one.

    Raises:
        UsageError: the checkpoint is of another architecture.
        BackendMissing: a library is missing.
    """
    libraries()
    from provers.neural.training import networks

    config, tokenizer = models.encoder_config(base, settings)
    loop.seed_everything(settings.seed)
    kind = getattr(networks, network)
    texts = Texts(tokenizer, settings.longest_prompt)
    if base is None:
        return kind(config), texts
    return _loaded(kind, base, config), texts


def load_trained(network: str, what: str, folder: Path) -> tuple[Any, Texts]:
    """Load a trained network, by the name of its class.

    Raises:
        UsageError: the folder has none of this kind.
        BackendError: it cannot be loaded.
    """
    manifest = local_manifest.read(folder) if folder.is_dir() else None
    if manifest is None or manifest.kind != what:
        raise UsageError(f"there is no {what} in {folder}", hint=f"`lemmata train {what}` makes one")
    torch, _ = libraries()
    from provers.neural.training import networks

    run = manifest.training.get("run", {})
    config, tokenizer = models.encoder_config(folder, Settings())
    model = _loaded(getattr(networks, network), folder, config)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return model.to(device).eval(), Texts(tokenizer, int(run.get("longest_prompt", Settings().longest_prompt)))


def _loaded(kind: Any, folder: Path, config: Any) -> Any:
    torch, _ = libraries()
    try:
        only_tensors(str(folder), local_files_only=True)
        return kind.from_pretrained(
            str(folder),
            config=config,
            dtype=torch.float32,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
        )
    except Exception as error:
        # Whatever is in somebody's folder: the library raises anything.
        raise unusable(str(folder), error) from error
