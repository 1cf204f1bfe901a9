"""A model within this process by vLLM: `--prover vllm:MODEL[@REVISION][#FORMAT]`.

Kept thin, because it needs a GPU: everything but the calls of `vllm.LLM` and `vllm.SamplingParams` is shared with the
other provers. A server started by `vllm serve` is asked by `--prover openai:MODEL` instead.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lemmata.errors import BackendCrashed, BackendMissing, LemmataError
from lemmata.goal import GoalView
from lemmata.step import Proposal

if TYPE_CHECKING:
    from provers.neural.formats import Format
    from provers.neural.proposing import Sample


@dataclass(frozen=True, slots=True)
class _Question:
    """One goal in one format."""

    goal: int
    format: Format
    order: tuple[str, ...]
    """Questions with near orders share the beginnings of their prompts."""


class VllmProver:
    """Proposes what a model sampled by vLLM answers, all goals of a question in one batch.

    Args:
        model: a folder or a name of the hub, perhaps `@` and a revision, perhaps `#` and the prompt format.
        seed: of the sampling.
    """

    name = "vllm"
    systems: tuple[str, ...] = ("coq", "fstar", "isabelle", "lean", "programs")
    configured = True
    needs = ("vllm",)
    install = "pip install 'lemmata[vllm]'"
    memory_bytes: int | None = None
    batch = 64
    patience = 8
    call_seconds = 600.0
    processes = 1
    variables = (
        "CUDA_VISIBLE_DEVICES",
        "HF_HOME",
        "HF_HUB_CACHE",
        "HF_HUB_OFFLINE",
        "HF_TOKEN",
        "LEMMATA_VLLM_TENSOR_PARALLEL",
        "VLLM_CACHE_ROOT",
    )

    def __init__(self, model: str, *, seed: int = 0) -> None:
        from provers.neural.naming import named

        self._named = named(model)
        name, _, revision = self._named.model.rpartition("@")
        self._model, self._revision = (name, revision) if name else (self._named.model, "")
        self._seed = seed
        self._questions = 0
        self._engine: Any = None
        self._library: Any = None

    @staticmethod
    def check_model(model: str) -> None:
        """Raise a `LemmataError` where no model can be meant."""
        VllmProver(model)

    @staticmethod
    def check_conjecturer(model: str) -> None:
        """Raise a `LemmataError` where it cannot be asked for conjectures."""
        from provers.neural.naming import named

        named(model).check_conjecturer()

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose at most `n` steps for each goal, best first; the model is loaded by the first call.

        Raises:
            BackendMissing: vLLM is not installed.
            BackendCrashed: it failed.
        """
        if not any(goal.goal.system in self.systems for goal in goals) or n < 1:
            return [[] for _ in goals]
        try:
            return await asyncio.to_thread(self._propose, goals, n)
        except LemmataError:
            raise
        except Exception as error:
            message = " ".join(str(error).split())[:300]
            raise BackendCrashed(f"vLLM failed with {self._model}: {type(error).__name__}: {message}") from error

    def _propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        from provers.neural.proposing import proposals

        self._load()
        found: list[list[Proposal]] = [[] for _ in goals]
        questions = [
            _Question(i, form, (view.obligation.key, form.id, view.goal.key))
            for i, view in enumerate(goals)
            for form in self._named.formats(view)
        ]
        # Automatic prefix caching finds what the prompt before left: goals of one proof stand next to each other.
        questions.sort(key=lambda question: question.order)
        for form in dict.fromkeys(question.format for question in questions):
            asked = [question for question in questions if question.format is form]
            began = time.monotonic()
            answers = self._generate(form, [goals[question.goal] for question in asked], min(n, form.sampling.samples))
            seconds = (time.monotonic() - began) / len(asked)
            for question, samples in zip(asked, answers, strict=True):
                view = goals[question.goal]
                provenance = {"model": self._model, "revision": self._revision, "sampling": _settings(form)}
                found[question.goal] += proposals(
                    samples, form, view, self.name, provenance=provenance, seconds=seconds
                )
        return [sorted(group, key=lambda proposal: -proposal.log_probability)[:n] for group in found]

    def _generate(self, form: Format, views: Sequence[GoalView], n: int) -> list[list[Sample]]:
        self._questions += 1
        seed = self._seed + self._questions
        sampling = form.sampling
        params = self._library.SamplingParams(
            n=n,
            temperature=sampling.temperature if n > 1 or sampling.method == "sample" else 0.0,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            stop=list(form.stop) or None,
            seed=seed,
            # The chosen token's own suffices.
            logprobs=0,
        )
        if form.chat:
            outputs = self._engine.chat([form.messages(view) for view in views], params, use_tqdm=False)
        else:
            outputs = self._engine.generate([form.prompt(view) for view in views], params, use_tqdm=False)
        return [[_sample(one, output, seed) for one in output.outputs] for output in outputs]

    def _load(self) -> None:
        if self._engine is not None:
            return
        try:
            import vllm  # type: ignore[import-not-found, unused-ignore]
        except ImportError as error:
            raise BackendMissing(f"vLLM cannot be used: {error}", hint="pip install 'lemmata[vllm]'") from error
        self._library = vllm
        parallel = os.environ.get("LEMMATA_VLLM_TENSOR_PARALLEL", "").strip()
        self._engine = vllm.LLM(
            model=self._model,
            revision=self._revision or None,
            seed=self._seed,
            tensor_parallel_size=int(parallel) if parallel.isdecimal() and int(parallel) else 1,
            enable_prefix_caching=True,
            trust_remote_code=False,
        )

    async def close(self) -> None:
        """Let the model go; safe to call twice."""
        self._engine = None


def _settings(form: Format) -> dict[str, Any]:
    sampling = form.sampling
    return {
        "method": "sample",
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
    }


def _sample(one: Any, output: Any, seed: int) -> Sample:
    from provers.neural.proposing import Sample

    likely = one.cumulative_logprob
    sound = isinstance(likely, int | float) and math.isfinite(likely)
    return Sample(
        one.text,
        min(float(likely), 0.0) if sound else None,
        len(one.token_ids),
        len(output.prompt_token_ids or ()),
        one.finish_reason == "stop",
        {"seed": seed},
    )
