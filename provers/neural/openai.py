"""Any server with the OpenAI HTTP API as a prover: `--prover openai:MODEL[#FORMAT]`.

Where it is, and the key for it, come from the environment only. `vllm serve` and `transformers serve` are such servers.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lemmata.errors import LemmataError, UsageError
from lemmata.goal import GoalView
from lemmata.step import Proposal

if TYPE_CHECKING:
    from provers.neural.budget import Budget
    from provers.neural.formats import Format
    from provers.neural.http import Endpoint
    from provers.neural.proposing import Sample
    from provers.neural.stream import Collected

_PREFIX = "LEMMATA_OPENAI"
_SHARE = 0.85
"""Part of a call's time after which what is there has to do."""
_AT_ONCE = 8
"""Most requests under way."""
_LOG = logging.getLogger("lemmata.neural.openai")


@dataclass(slots=True)
class _Answers:
    """What was sampled for one goal in one format."""

    format: Format
    samples: list[Sample]
    seconds: float


class OpenaiProver:
    """Proposes what a model behind an HTTP API answers.

    Args:
        model: the model's name at the server, and perhaps `#` and the prompt format to use.
        environment: where the settings come from; the process's own environment where it is None.
        budget: what may be spent; None takes it from the environment.
        seed: of the sampling, where the server can be given one.

    Raises:
        UsageError: the settings make no sense.
    """

    name = "openai"
    systems: tuple[str, ...] = ("coq", "fstar", "isabelle", "lean", "programs")
    configured = True
    needs = ("httpx",)
    install = "pip install 'lemmata[neural]'"
    batch = 8
    patience = 8
    call_seconds = 120.0
    processes = 2
    variables = (
        f"{_PREFIX}_BASE_URL",
        f"{_PREFIX}_API_KEY",
        f"{_PREFIX}_BUDGET_TOKENS",
        f"{_PREFIX}_BUDGET_USD",
        f"{_PREFIX}_PRICE_PROMPT",
        f"{_PREFIX}_PRICE_COMPLETION",
        "ALL_PROXY",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
    )

    def __init__(
        self,
        model: str,
        *,
        environment: Mapping[str, str] | None = None,
        budget: Budget | None = None,
        seed: int = 0,
    ) -> None:
        from provers.neural import budget as budgets
        from provers.neural.http import Endpoint
        from provers.neural.naming import named

        given = os.environ if environment is None else environment
        url = given.get(f"{_PREFIX}_BASE_URL", "").strip()
        if not url:
            hint = "set it to the server's URL, for example http://localhost:8000/v1"
            raise UsageError(f"{_PREFIX}_BASE_URL is not set", hint=hint)
        self._named = named(model)
        self._endpoint: Endpoint = Endpoint(url, given.get(f"{_PREFIX}_API_KEY", "").strip())
        limited = any(given.get(f"{_PREFIX}_BUDGET_{unit}", "").strip() for unit in ("TOKENS", "USD"))
        file = budgets.shared("openai") if limited and budget is None else None
        self._budget = budget or budgets.from_environment(_PREFIX, given, file)
        self._seeds = itertools.count(seed)
        self._single = False
        """Whether this server gives one answer however many are asked for."""
        self._only_chat = False
        self._turns: asyncio.Semaphore | None = None
        self._warned = False

    def __repr__(self) -> str:
        return f"OpenaiProver({self._named.model!r})"

    @staticmethod
    def check_model(model: str) -> None:
        """Raise a `LemmataError` where the settings make no sense; whether the server answers shows later."""
        OpenaiProver(model)

    @staticmethod
    def check_conjecturer(model: str) -> None:
        """Raise a `LemmataError` where it cannot be asked for conjectures."""
        from provers.neural.naming import named

        named(model).check_conjecturer()

    @staticmethod
    def setting() -> str:
        """Say in a few words which server is asked."""
        from provers.neural.http import place

        url = os.environ.get(f"{_PREFIX}_BASE_URL", "").strip()
        try:
            return f"asks {place(url)}" if url else f"{_PREFIX}_BASE_URL is not set"
        except UsageError as error:
            return error.message

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose at most `n` steps for each goal, best first.

        Raises:
            LemmataError: no goal got an answer; the message says why.
        """
        self._turns = asyncio.Semaphore(_AT_ONCE)
        deadline = time.monotonic() + self.call_seconds * _SHARE
        # Goals of one proof one after the other: a server that keeps prefixes has theirs at hand.
        order = sorted(range(len(goals)), key=lambda i: (goals[i].obligation.key, goals[i].depth, goals[i].goal.key))
        asked = await asyncio.gather(*(self._about(goals[i], n, deadline) for i in order))
        found: list[list[Proposal]] = [[] for _ in goals]
        failure: LemmataError | None = None
        answered = not goals
        for i, (proposals, problem) in zip(order, asked, strict=True):
            found[i] = proposals
            failure = failure or problem
            answered = answered or problem is None
        if failure is not None and not answered:
            raise failure
        if failure is not None:
            _LOG.warning("some questions were not answered: %s", failure.message)
        return found

    async def _about(self, view: GoalView, n: int, deadline: float) -> tuple[list[Proposal], LemmataError | None]:
        """Ask about one goal; whatever goes wrong is a `LemmataError`."""
        try:
            return await self._ask(view, n, deadline), None
        except LemmataError as error:
            return [], error
        except Exception as error:  # noqa: BLE001 - a server's answer must never end the search
            return [], LemmataError(f"an answer of {self._named.model} cannot be used ({type(error).__name__})")

    async def _ask(self, view: GoalView, n: int, deadline: float) -> list[Proposal]:
        if view.goal.system not in self.systems or n < 1:
            return []
        forms = self._named.formats(view)
        asked = [self._sampled(view, form, min(n, form.sampling.samples), deadline) for form in forms]
        told = await asyncio.gather(*asked, return_exceptions=True)
        answers = [answer for answer in told if not isinstance(answer, BaseException)]
        problems = [answer for answer in told if isinstance(answer, BaseException)]
        if problems and not answers:
            raise problems[0]
        # Many candidates of a long answer are read without a pause, so not in the loop that serves the others.
        return await asyncio.to_thread(self._read, view, answers, n)

    def _read(self, view: GoalView, answers: Sequence[_Answers], n: int) -> list[Proposal]:
        from provers.neural.proposing import proposals

        found: dict[tuple[str, ...], Proposal] = {}
        for answer in answers:
            sampling = answer.format.sampling
            provenance = {
                "model": self._named.model,
                "sampling": {
                    "method": "sample",
                    "temperature": sampling.temperature,
                    "top_p": sampling.top_p,
                    "max_tokens": sampling.max_tokens,
                },
            }
            made = proposals(
                answer.samples, answer.format, view, self.name, provenance=provenance, seconds=answer.seconds
            )
            for proposal in made:
                found.setdefault((proposal.step.key, *(step.key for step in proposal.then)), proposal)
        return sorted(found.values(), key=lambda proposal: -proposal.log_probability)[:n]

    async def _sampled(self, view: GoalView, form: Format, wanted: int, deadline: float) -> _Answers:
        """Sample answers about one goal: in one request, or in several where the server does not do that."""
        began = time.monotonic()
        samples: list[Sample] = []
        if not self._single or wanted == 1:
            samples = await self._request(view, form, wanted, deadline)
        missing = wanted - len(samples) if samples or self._single else 0
        more = await asyncio.gather(
            *(self._request(view, form, 1, deadline) for _ in range(missing)), return_exceptions=True
        )
        for answer in more:
            if not isinstance(answer, BaseException):
                samples += answer
        problem = next((answer for answer in more if isinstance(answer, BaseException)), None)
        if problem is not None and not samples:
            raise problem
        return _Answers(form, samples[:wanted], time.monotonic() - began)

    async def _request(self, view: GoalView, form: Format, n: int, deadline: float) -> list[Sample]:
        from provers.neural.http import TookTooLong

        chat = form.chat or self._only_chat
        body = self._body(view, form, n, chat)
        text = "".join(turn["content"] for turn in body["messages"]) if chat else body["prompt"]
        # Fewer than two bytes make a token hardly anywhere.
        booked = len(text.encode("utf-8", "replace")) // 2 + 64, n * form.sampling.max_tokens
        if time.monotonic() >= deadline:
            raise TookTooLong(f"{self._named.model} has no time left to answer")
        if not self._budget.book(*booked):
            self._exhausted()
            return []
        used = booked
        try:
            assert self._turns is not None
            async with self._turns:
                seconds = max(deadline - time.monotonic(), 0.0)
                path = "chat/completions" if chat else "completions"
                collected = await self._endpoint.ask(path, body, seconds)
            used = _used(collected, booked)
            self._single = self._single or (n > 1 and collected.ended and len(collected.choices) == 1)
        except LemmataError as error:
            used = booked if isinstance(error, TookTooLong) else (0, 0)
            if not chat and getattr(error, "status", 0) in (404, 405):
                self._only_chat = True
                self._budget.correct(booked, used)
                booked = used
                return await self._request(view, form, n, deadline)
            raise
        finally:
            self._budget.correct(booked, used)
        return _samples(collected, body.get("seed"))

    def _body(self, view: GoalView, form: Format, n: int, chat: bool) -> dict[str, Any]:
        sampling = form.sampling
        body: dict[str, Any] = {
            "model": self._named.model,
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": next(self._seeds) & 0x7FFFFFFF,
            "stream": True,
            "stream_options": {"include_usage": True},
            "logprobs": True if chat else 1,
        }
        if n > 1:
            body["n"] = n
        if form.stop and not (chat and not form.chat):
            body["stop"] = list(form.stop)
        if chat:
            return {**body, "messages": form.messages(view)}
        return {**body, "prompt": form.prompt(view)}

    def _exhausted(self) -> None:
        if not self._warned:
            self._warned = True
            _LOG.warning("the budget for %s is spent: it is not asked any more", self._named.model)

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._endpoint.close()


def _used(collected: Collected, booked: tuple[int, int]) -> tuple[int, int]:
    """Return the tokens that a question used, as the server counts or, where it does not, as far as can be seen."""
    seen = sum(max(choice.counted, choice.pieces) for choice in collected.choices.values())
    characters = sum(len(piece) for choice in collected.choices.values() for piece in choice.text)
    return collected.prompt_tokens or booked[0], collected.completion_tokens or max(seen, characters // 3)


def _samples(collected: Collected, seed: int | None) -> list[Sample]:
    from provers.neural.proposing import Sample

    known: dict[str, Any] = {} if seed is None else {"seed": seed}
    if collected.fingerprint:
        known["revision"] = collected.fingerprint
    count = max(len(collected.choices), 1)
    found = []
    for _, choice in sorted(collected.choices.items()):
        tokens = choice.counted or collected.completion_tokens // count or choice.pieces
        likely = choice.sum if choice.counted else None
        text = "".join(choice.text)
        found.append(Sample(text, likely, tokens, collected.prompt_tokens, choice.complete, known))
    return found
