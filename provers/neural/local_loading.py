"""Loads a language model for generation: from a folder or the hub's cache, safetensors only, never its own code."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata.errors import BackendError, BackendMissing, LemmataError, UsageError

INSTALL = "pip install 'lemmata[neural]'"
_DEVICE, _DTYPE = "LEMMATA_TRANSFORMERS_DEVICE", "LEMMATA_TRANSFORMERS_DTYPE"
_DTYPES = ("float32", "bfloat16", "float16")
_LONGEST_PROMPT = 4096
"""Tokens of a prompt for models that name no limit of their own."""
_SMALL = 20_000_000
"""Parameters."""
_MARKS = ("config.json", "lemmata.json", "checkpoints")
"""One of these is in a model's folder, be it a linear one or one whose training is not finished."""
_INDEX = "model.safetensors.index.json"
_SENTINEL = 1_000_000
"""Tokenizers without a limit give a length beyond this."""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A model that is ready to generate."""

    model: Any
    tokenizer: Any
    encoder_decoder: bool
    device: str
    dtype: str
    revision: str
    """Commit of the hub's repository, or `sha256:` and the digest of the weights in a folder."""
    longest: int
    """Most tokens of a prompt, and for a decoder-only model of prompt and answer together."""

    @property
    def ends(self) -> frozenset[int]:
        """Tokens that end an answer."""
        own = self.model.generation_config.eos_token_id
        found = own if isinstance(own, list) else [own]
        return frozenset(int(token) for token in [*found, self.tokenizer.eos_token_id] if token is not None)

    @property
    def pad(self) -> int:
        """Token that fills up shorter rows of a batch; any will do, it is masked."""
        token = self.tokenizer.pad_token_id
        return int(token) if token is not None else min(self.ends, default=0)

    @property
    def start(self) -> int:
        """First token that a decoder behind an encoder is given."""
        token = self.model.generation_config.decoder_start_token_id
        return int(token) if token is not None else int(self.model.config.decoder_start_token_id or 0)


def folder(model: str) -> Path | None:
    """Return the folder that a model's name stands for, None for a name of the hub.

    Raises:
        UsageError: it looks like a folder and is none.
    """
    path = Path(model).expanduser()
    if path.is_dir() and any((path / name).exists() for name in _MARKS):
        return path
    if path.exists() or path.is_absolute() or model.startswith((".", "~")) or model.count("/") > 1:
        raise UsageError(f"there is no model in {model}", hint="name a folder with config.json and *.safetensors")
    return None


def libraries() -> tuple[Any, Any]:
    """Import torch and transformers.

    Raises:
        BackendMissing: one of them is not installed.
    """
    try:
        # What they print and ask the network for at their start is of no use to anybody here.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        # Threads that wait for each other in a loop stand still for seconds where a checker has one of the cores.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        torch = importlib.import_module("torch")
        transformers = importlib.import_module("transformers")
    except ImportError as error:
        raise BackendMissing(f"local models need torch and transformers: {error}", hint=INSTALL) from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return torch, transformers


def load(model: str) -> Loaded:
    """Load a model and its tokenizer.

    Args:
        model: a folder, or `OWNER/NAME` or `OWNER/NAME@REVISION` of the hub. Nothing is downloaded for a folder, and
            for a name only where `HF_HUB_OFFLINE` is not set.

    Raises:
        BackendMissing: torch or transformers is not installed, or the model is nowhere.
        BackendError: it cannot be loaded.
        UsageError: the model's name or a setting in the environment makes no sense.
    """
    where = folder(model)
    torch, transformers = libraries()
    device, dtype = _placement(torch)
    name, _, revision = (str(where), "", "") if where else model.partition("@")
    offline = where is not None or os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    options: dict[str, Any] = {"local_files_only": offline, "trust_remote_code": False}
    if revision:
        options["revision"] = revision
    try:
        config = transformers.AutoConfig.from_pretrained(name, **options)
        both = bool(config.is_encoder_decoder)
        kind = transformers.AutoModelForSeq2SeqLM if both else transformers.AutoModelForCausalLM
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, **options)
        only_tensors(name, **options)
        loaded = kind.from_pretrained(name, config=config, dtype=getattr(torch, dtype), use_safetensors=True, **options)
        loaded = loaded.to(device).eval()
        spare(loaded)
    except LemmataError:
        raise
    except Exception as error:
        # Whatever is in somebody's folder: these libraries raise anything.
        raise unusable(model, error, there=where is not None) from error
    commit = getattr(loaded.config, "_commit_hash", None)
    version = weights_digest(where) if where else f"{commit or 'unknown'}"
    return Loaded(loaded, tokenizer, both, device, dtype, version, _longest(loaded.config, tokenizer, both))


def unusable(model: str, error: Exception, *, there: bool = True) -> BackendError:
    """Return how it is told that a model cannot be loaded.

    Args:
        model: its folder or name.
        error: whatever the libraries raised.
        there: whether it is a folder that exists.
    """
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    if not there and isinstance(error, OSError):
        hint = "name a folder, or download the model first; private ones need HF_TOKEN"
        return BackendMissing(f"model {model} cannot be found: {what}", hint=hint)
    if "trust_remote_code" in what:
        what = "it needs code of its own"
    hint = "the folder needs config.json, a tokenizer and weights as *.safetensors; code of its own is never run"
    return BackendError(f"model {model} cannot be loaded: {what}", hint=hint)


def only_tensors(name: str, **options: Any) -> None:
    """Make sure that a model's weights are in no other files than safetensors, which can hold nothing but numbers.

    Where there are several files, an index names them, and it may name any.

    Args:
        name: its folder, or its name at the hub.
        options: as for `from_pretrained`.

    Raises:
        ValueError: one is of another kind.
    """
    _, transformers = libraries()
    given = {key: value for key, value in options.items() if key != "trust_remote_code"}
    index = transformers.utils.cached_file(
        name,
        _INDEX,
        _raise_exceptions_for_missing_entries=False,
        _raise_exceptions_for_connection_errors=False,
        **given,
    )
    files = json.loads(Path(index).read_text(encoding="utf-8"))["weight_map"].values() if index else ()
    for file in files:
        if Path(str(file)).suffix != ".safetensors" or Path(str(file)).name != file:
            raise ValueError(f"{_INDEX} names {file!r}")


def spare(model: Any) -> None:
    """Compute with one core where the model is so small that more would only wait for each other."""
    torch, _ = libraries()
    if sum(parameter.numel() for parameter in model.parameters()) < _SMALL and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)


def _placement(torch: Any) -> tuple[str, str]:
    """Return device and number format: what the environment says, else what is there."""
    device = os.environ.get(_DEVICE, "").strip() or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise UsageError(f"{_DEVICE} is {device!r}", hint="cpu, cuda, cuda:1, mps") from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise UsageError(f"{_DEVICE} is {device!r}, but there is no such device", hint=f"unset {_DEVICE}")
    dtype = os.environ.get(_DTYPE, "").strip() or ("bfloat16" if kind == "cuda" else "float32")
    if dtype not in _DTYPES:
        raise UsageError(f"{_DTYPE} is {dtype!r}", hint=f"one of {', '.join(_DTYPES)}")
    return device, dtype


def _longest(config: Any, tokenizer: Any, encoder_decoder: bool) -> int:
    own = int(tokenizer.model_max_length or _SENTINEL)
    # Positions of an encoder-decoder model are relative where its configuration does not count them.
    positions = getattr(config, "max_position_embeddings", None)
    limits = [own] if own < _SENTINEL else []
    limits += [int(positions)] if isinstance(positions, int) else []
    return min(limits, default=_LONGEST_PROMPT if encoder_decoder else 2 * _LONGEST_PROMPT)


def weights_digest(folder: Path) -> str:
    """Return `sha256:` and the digest over all weights' files of a folder, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return f"sha256:{total.hexdigest()}"
