"""Models to train: byte-level ones from scratch, or a checkpoint in a folder, and their texts as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lemmata.errors import LemmataError, UsageError
from provers.neural.local_generation import encoded
from provers.neural.local_loading import Loaded, libraries, load, unusable
from provers.neural.training.settings import SIZES, Settings

IGNORED = -100
"""Label of what is not learnt."""


def base_model(base: Path) -> Loaded:
    """Load a checkpoint to go on from, in single precision on the CPU: the trainer moves it.

    Raises:
        UsageError: there is no model.
        BackendError: it cannot be loaded.
    """
    if not base.is_dir():
        raise UsageError(f"there is no model in {base}", hint="name a folder with config.json and *.safetensors")
    loaded = load(str(base))
    loaded.model.float().cpu()
    return loaded


def fresh(settings: Settings) -> Loaded:
    """Make an encoder-decoder model over bytes with random weights, in the manner of ByT5 (Xue et al., 2022)."""
    _, transformers = libraries()
    model = transformers.T5ForConditionalGeneration(byte_config(settings.size))
    tokenizer = transformers.ByT5Tokenizer()
    return Loaded(model, tokenizer, True, "cpu", "float32", "", settings.longest_prompt)


def byte_config(size: str) -> Any:
    """Return the configuration of a T5 of version 1.1 over bytes."""
    _, transformers = libraries()
    return transformers.T5Config(
        **SIZES[size],
        vocab_size=384,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        # Small data sets are to be learnt by heart.
        dropout_rate=0.0 if size == "tiny" else 0.1,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
    )


def encoder_config(base: Path | None, settings: Settings) -> tuple[Any, Any]:
    """Return configuration and tokenizer of an encoder: a T5 checkpoint's, or those over bytes.

    Raises:
        UsageError: the checkpoint is of another architecture.
        BackendError: it cannot be read.
    """
    _, transformers = libraries()
    if base is None:
        return byte_config(settings.size), transformers.ByT5Tokenizer()
    try:
        config = transformers.AutoConfig.from_pretrained(str(base), local_files_only=True, trust_remote_code=False)
        if config.model_type != "t5":
            raise UsageError(f"{base} is a {config.model_type} model", hint="critics and rankers need T5 or ByT5")
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            str(base), local_files_only=True, trust_remote_code=False
        )
    except LemmataError:
        raise
    except Exception as error:
        # Whatever is in somebody's folder: the library raises anything.
        raise unusable(str(base), error) from error
    return config, tokenizer


def pair(loaded: Loaded, prompt: str, answer: str, settings: Settings) -> tuple[list[int], list[int]]:
    """Return the tokens of a prompt, and of the answer with its end."""
    tokens = encoded(loaded, prompt)
    if len(tokens) > settings.longest_prompt:
        tokens = tokens[-settings.longest_prompt :]
    end = loaded.tokenizer.eos_token_id
    written = [int(token) for token in loaded.tokenizer(answer, add_special_tokens=False)["input_ids"]]
    return tokens, [*written[: settings.longest_answer - 1], int(end)]


def batch(loaded: Loaded, pairs: Sequence[tuple[list[int], list[int]]]) -> dict[str, Any]:
    """Return the tensors that a language model learns answers to prompts from, on the CPU."""
    if loaded.encoder_decoder:
        ids, mask = padded([prompt for prompt, _ in pairs], loaded.pad)
        labels, _ = padded([answer for _, answer in pairs], IGNORED)
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}
    ids, mask = padded([[*prompt, *answer] for prompt, answer in pairs], loaded.pad)
    labels, _ = padded([[*([IGNORED] * len(prompt)), *answer] for prompt, answer in pairs], IGNORED)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def padded(rows: Sequence[Sequence[int]], fill: int) -> tuple[Any, Any]:
    """Return rows as one tensor, filled up at their ends, and a mask that is 1 where there is a token."""
    torch, _ = libraries()
    width = max(len(row) for row in rows)
    ids = [[*row, *([fill] * (width - len(row)))] for row in rows]
    mask = [[int(place < len(row)) for place in range(width)] for row in rows]
    return torch.tensor(ids), torch.tensor(mask)
