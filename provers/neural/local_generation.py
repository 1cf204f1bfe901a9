"""Generation with a loaded model, many prompts at once, and the probability of what it wrote.

Probabilities are computed anew for finished answers: what a search over beams or a sampler reports is changed by length
penalties, temperatures and cut-offs. They do not depend on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lemmata.errors import LimitExceeded
from provers.neural.local_loading import Loaded, libraries

_ROWS = 512
"""Most sequences that are generated at once."""
_CELLS = 1 << 20
"""Most tokens at once, prompts and answers together: what bounds the memory for keys and values."""
_LOGITS = 1 << 26
"""Most logits at once when answers are scored: 256 MiB in single precision."""

Row = tuple[list[int], list[int]]
"""Tokens of a prompt and of an answer to it."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How answers are searched for."""

    method: str = "beam"
    """`beam` (as many beams as answers wanted, ReProver's way) or `sample`."""
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 256
    """Most tokens of an answer; a longer one is cut off there."""
    stop: tuple[str, ...] = ()
    """Texts that end an answer as well as the model's own end."""

    def to_json(self) -> dict[str, Any]:
        """Return what describes it in a proposal's provenance."""
        body = {**asdict(self), "stop": list(self.stop)}
        return body if self.method == "sample" else {k: body[k] for k in ("method", "max_tokens", "stop")}


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer to a prompt."""

    text: str
    log_probability: float
    """Natural logarithm of its probability given the prompt, its end included; at most 0."""
    tokens: int
    """Tokens written, the end included."""
    prompt_tokens: int
    complete: bool
    """Whether it came to its end."""


def generate(
    loaded: Loaded, prompts: Sequence[list[int]], n: int, sampling: Sampling, seed: int, stopped: Callable[[], bool]
) -> list[list[Completion]]:
    """Answer every prompt in at most `n` ways, the most probable first, each text once.

    Args:
        loaded: the model.
        prompts: tokens, see `encoded`.
        n: answers wanted for each, at least 1.
        sampling: how they are searched for.
        seed: of the sampler; the same question with the same seed has the same answers.
        stopped: asked after every token; once it is true what is finished is returned.

    Raises:
        LimitExceeded: even one prompt does not fit into the device's memory.
    """
    torch, _ = libraries()
    torch.manual_seed(seed)
    found: list[list[Completion]] = [[] for _ in prompts]
    waiting = _chunks(prompts, n, sampling.max_tokens)
    while waiting and not stopped():
        chunk = waiting.pop(0)
        try:
            answers = _answers(loaded, [prompts[i] for i in chunk], n, sampling, stopped)
            rows = [(prompts[i], answer) for i, group in zip(chunk, answers, strict=True) for answer in group]
            scores = iter(score(loaded, rows))
        except torch.OutOfMemoryError as error:
            if len(chunk) == 1:
                raise LimitExceeded("the model ran out of the device's memory", hint="use a smaller model") from error
            middle = len(chunk) // 2
            waiting[:0] = [chunk[:middle], chunk[middle:]]
            continue
        for i, group in zip(chunk, answers, strict=True):
            found[i] = _distinct(_completion(loaded, prompts[i], a, next(scores), sampling.stop) for a in group)
    return found


def _completion(
    loaded: Loaded, prompt: Sequence[int], answer: Sequence[int], scored: float, stop: Sequence[str]
) -> Completion:
    text = str(loaded.tokenizer.decode(answer, skip_special_tokens=True))
    ends = [at for s in stop if (at := text.find(s)) >= 0]
    complete = bool(ends) or answer[-1] in loaded.ends
    return Completion(text[: min(ends, default=len(text))], scored, len(answer), len(prompt), complete)


def encoded(loaded: Loaded, prompt: str, room: int = 0, *, marked: bool = False) -> list[int]:
    """Return a prompt's tokens; one that is too long loses its beginning, for what is to be proved stands at its end.

    Args:
        loaded: the model.
        prompt: any text.
        room: tokens left free for the answer where it counts against the same limit.
        marked: whether the tokens that begin a text are already written in it.
    """
    tokens = [int(token) for token in loaded.tokenizer(prompt, add_special_tokens=not marked)["input_ids"]]
    if loaded.encoder_decoder:
        ended = tokens[-1:] if tokens[-1:] == [loaded.tokenizer.eos_token_id] else []
        return [*tokens[: len(tokens) - len(ended)][-(loaded.longest - 1) :], *ended]
    # A tokenizer made for encoders ends every text, but an ended text is not gone on with.
    while not marked and tokens and tokens[-1] == loaded.tokenizer.eos_token_id:
        tokens.pop()
    return tokens[-max(loaded.longest - room, 1) :] or [loaded.pad]


def _chunks(tokens: Sequence[list[int]], n: int, room: int) -> list[list[int]]:
    """Put prompts of like length together, so that little is padded and the memory is bounded."""
    chunks: list[list[int]] = []
    for i in sorted(range(len(tokens)), key=lambda i: -len(tokens[i])):
        last = chunks[-1] if chunks else []
        rows = (len(last) + 1) * n
        # The longest comes first.
        if not last or rows > _ROWS or rows * (len(tokens[last[0]]) + room) > _CELLS:
            chunks.append([i])
        else:
            last.append(i)
    return chunks


def _answers(
    loaded: Loaded, prompts: Sequence[list[int]], n: int, sampling: Sampling, stopped: Callable[[], bool]
) -> list[list[list[int]]]:
    """Return the tokens of the answers to each prompt."""
    torch, transformers = libraries()
    # A decoder goes on where a row ends, so that is where all rows have to end.
    ids, mask = _padded(loaded, prompts, left=not loaded.encoder_decoder)

    class Stopped(transformers.StoppingCriteria):  # type: ignore[misc, name-defined, unused-ignore]
        def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
            return torch.full((input_ids.shape[0],), stopped(), dtype=torch.bool, device=input_ids.device)

    # Without any temperature a sampler draws the same every time.
    drawn = sampling.method == "sample" and sampling.temperature > 0
    settings = transformers.GenerationConfig(
        max_new_tokens=sampling.max_tokens,
        num_return_sequences=n,
        num_beams=1 if drawn else n,
        do_sample=drawn,
        pad_token_id=loaded.pad,
        eos_token_id=sorted(loaded.ends) or None,
        **({"decoder_start_token_id": loaded.start} if loaded.encoder_decoder else {}),
        **({"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0} if drawn else {}),
        **({} if drawn or n == 1 else {"length_penalty": 0.0, "early_stopping": False}),
        **({"stop_strings": list(sampling.stop)} if sampling.stop else {}),
    )
    with torch.inference_mode():
        rows = loaded.model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=settings,
            stopping_criteria=transformers.StoppingCriteriaList([Stopped()]),
            **({"tokenizer": loaded.tokenizer} if sampling.stop else {}),
        )
    begin = 1 if loaded.encoder_decoder else ids.shape[1]
    answers = [_written(loaded, row[begin:]) for row in rows.tolist()]
    return [[a for a in answers[i : i + n] if a] for i in range(0, len(answers), n)]


def _written(loaded: Loaded, row: list[int]) -> list[int]:
    """Return an answer up to its end, that included; without what fills its row up."""
    ends = loaded.ends
    for place, token in enumerate(row):
        if token in ends:
            return row[: place + 1] if place else []
    while row and row[-1] == loaded.pad:
        row.pop()
    return row


def _distinct(completions: Iterable[Completion]) -> list[Completion]:
    """Return each text once, the most probable first."""
    found: dict[str, Completion] = {}
    for one in sorted(completions, key=lambda c: -c.log_probability):
        found.setdefault(one.text, one)
    return list(found.values())


def score(loaded: Loaded, rows: Sequence[Row]) -> list[float]:
    """Return for each answer the logarithm of its probability after its prompt, in single precision.

    Equal prompts are best next to each other: an encoder reads each run of them once.
    """
    torch, _ = libraries()
    vocabulary = int(loaded.model.get_output_embeddings().weight.shape[0])
    found: list[float] = []
    place = 0
    while place < len(rows):
        count, width = 0, 0
        while place + count < len(rows) and count < _ROWS:
            prompt, answer = rows[place + count]
            length = len(answer) if loaded.encoder_decoder else len(prompt) + len(answer)
            if count and (count + 1) * max(width, length) * vocabulary > _LOGITS:
                break
            count, width = count + 1, max(width, length)
        with torch.inference_mode():
            chunk = rows[place : place + count]
            found += _encoder_decoder(loaded, chunk) if loaded.encoder_decoder else _decoder(loaded, chunk)
        place += count
    return [min(value, 0.0) for value in found]


def _encoder_decoder(loaded: Loaded, rows: Sequence[Row]) -> list[float]:
    torch, _ = libraries()
    prompts: list[list[int]] = []
    which = []
    for prompt, _answer in rows:
        if not prompts or prompts[-1] != prompt:
            prompts.append(prompt)
        which.append(len(prompts) - 1)
    ids, mask = _padded(loaded, prompts)
    hidden = loaded.model.get_encoder()(input_ids=ids, attention_mask=mask)
    chosen = torch.tensor(which, device=ids.device)
    hidden.last_hidden_state = hidden.last_hidden_state[chosen]
    before, _seen = _padded(loaded, [[loaded.start, *answer[:-1]] for _, answer in rows])
    logits = loaded.model(encoder_outputs=hidden, attention_mask=mask[chosen], decoder_input_ids=before).logits
    return _summed(loaded, logits, [answer for _, answer in rows])


def _decoder(loaded: Loaded, rows: Sequence[Row]) -> list[float]:
    torch, _ = libraries()
    # What follows a row cannot be seen from it, so it is padded at its end and its positions count from 0.
    ids, mask = _padded(loaded, [[*prompt, *answer[:-1]] for prompt, answer in rows])
    logits = loaded.model(input_ids=ids, attention_mask=mask, use_cache=False).logits
    longest = max(len(answer) for _, answer in rows)
    places = torch.tensor([[len(p) - 1 + k for k in range(longest)] for p, _ in rows], device=ids.device)
    places = places.clamp(max=logits.shape[1] - 1).unsqueeze(-1).expand(-1, -1, logits.shape[-1])
    return _summed(loaded, logits.gather(1, places), [answer for _, answer in rows])


def _summed(loaded: Loaded, logits: Any, answers: Sequence[list[int]]) -> list[float]:
    torch, _ = libraries()
    ids, mask = _padded(loaded, answers)
    each = torch.log_softmax(logits.float(), dim=-1).gather(2, ids.unsqueeze(-1)).squeeze(-1)
    summed: list[float] = each.masked_fill(mask == 0, 0.0).sum(dim=1).tolist()
    return summed


def _padded(loaded: Loaded, rows: Sequence[list[int]], *, left: bool = False) -> tuple[Any, Any]:
    """Return rows of tokens as one tensor, and a mask that is 1 where there is a token."""
    torch, _ = libraries()
    width = max(len(row) for row in rows)
    fill = [[loaded.pad] * (width - len(row)) for row in rows]
    zeros, ones = ([0 * token for token in pads] for pads in fill), ([1] * len(row) for row in rows)
    ids = [[*pads, *row] if left else [*row, *pads] for row, pads in zip(rows, fill, strict=True)]
    mask = [[*z, *o] if left else [*o, *z] for z, o in zip(zeros, ones, strict=True)]
    return torch.tensor(ids, device=loaded.device), torch.tensor(mask, device=loaded.device)
