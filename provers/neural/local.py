"""A language model on this machine as a prover: `--prover transformers:MODEL`.

Encoder-decoder models, such as ReProver's ByT5 tactic generators (Yang et al., "LeanDojo", 2023), and decoder-only
ones.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lemmata.errors import BackendCrashed, LemmataError
from lemmata.goal import GoalView
from lemmata.step import Proposal
from provers.neural import local_loading, local_manifest
from provers.neural.local_asking import Asking, Question
from provers.neural.local_generation import encoded, generate
from provers.neural.local_loading import Loaded
from provers.neural.proposing import Sample, proposals

_SHARE = 0.75
"""Part of a call's time after which the answers that are there have to do: a killed process loads its model again."""


class TransformersProver:
    """Proposes what a local model writes, goals in batches, the most probable first.

    Args:
        model: a folder with a model, or `OWNER/NAME[@REVISION]` of the hub.
        seed: of the sampler.
        sampling: settings that differ from those of the prompt format, by the names of `Sampling`.
    """

    name = "transformers"
    systems: tuple[str, ...] = ("coq", "fstar", "isabelle", "lean", "programs")
    configured = True
    needs = ("torch", "transformers")
    install = local_loading.INSTALL
    memory_bytes: int | None = None
    processes = 1
    batch = 32
    call_seconds = 120.0
    interruptible = True
    variables = (
        "CUDA_VISIBLE_DEVICES",
        "HF_HOME",
        "HF_HUB_CACHE",
        "HF_HUB_OFFLINE",
        "HF_TOKEN",
        "LEMMATA_TRANSFORMERS_DEVICE",
        "LEMMATA_TRANSFORMERS_DTYPE",
    )

    def __init__(self, model: str, *, seed: int = 0, sampling: Mapping[str, Any] | None = None) -> None:
        self.model = model
        self._seed = int(seed)
        self._changes = dict(sampling or {})
        self._loaded: Loaded | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._stop = threading.Event()
        folder = local_loading.folder(model)
        # A wrong folder is told before anything heavy is loaded.
        self._asking = Asking(model, local_manifest.read(folder) if folder is not None else None)
        self.systems = self._asking.systems(TransformersProver.systems)

    @staticmethod
    def check_model(model: str) -> None:
        """Raise a `LemmataError` where there is no model in a folder, or no such prompt format."""
        TransformersProver(model)

    @staticmethod
    def check_conjecturer(model: str) -> None:
        """Raise a `LemmataError` where it cannot be asked for conjectures: it was trained to write steps."""
        TransformersProver(model)._asking.check_conjecturer()

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose what the model writes for each goal; computed in a thread, one question at a time.

        Raises:
            LemmataError: the model cannot be loaded or run; the message says why.
        """
        if not goals or n < 1:
            return [[] for _ in goals]
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transformers")
        stop = threading.Event()
        self._stop = stop
        work = functools.partial(self._propose, tuple(goals), n, stop, time.monotonic() + _SHARE * self.call_seconds)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            # Where the question is withdrawn, the thread ends with the token that it is at.
            stop.set()

    def interrupt(self) -> None:
        """Let the question under way end with the token that it is at; what is finished is its answer."""
        self._stop.set()

    async def close(self) -> None:
        """Stop what is under way and release the model; safe to call twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None
        self._loaded = None

    def _propose(
        self, goals: Sequence[GoalView], n: int, stop: threading.Event, deadline: float
    ) -> list[list[Proposal]]:
        try:
            if self._loaded is None:
                self._loaded = self._asking.limited(local_loading.load(self.model))
            return self._answered(self._loaded, goals, n, lambda: stop.is_set() or time.monotonic() > deadline)
        except LemmataError:
            raise
        except Exception as error:
            # Whatever these libraries raise on somebody's model, the search hears of it in one form.
            what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise BackendCrashed(f"model {self.model} failed: {what}") from error

    def _answered(
        self, loaded: Loaded, goals: Sequence[GoalView], n: int, stopped: Callable[[], bool]
    ) -> list[list[Proposal]]:
        began = time.monotonic()
        asked: dict[str, list[tuple[int, Question]]] = {}
        for i, view in enumerate(goals):
            for question in self._asking.questions(view, loaded) if view.goal.system in self.systems else ():
                asked.setdefault(question.form.id, []).append((i, question))
        found: list[list[Proposal]] = [[] for _ in goals]
        # Questions in one format are one batch: they have the same settings.
        for same in asked.values():
            first = same[0][1]
            sampling = self._asking.sampling(first.form, self._changes)
            prompts = [encoded(loaded, q.text, sampling.max_tokens, marked=q.marked) for _, q in same]
            seed = _seed(self._seed, [q.text for _, q in same], [len(goals[i].tried) for i, _ in same])
            answers = generate(loaded, prompts, first.answers(n), sampling, seed, stopped)
            seconds = (time.monotonic() - began) / len(same)
            told = {
                "model": self.model,
                "revision": loaded.revision,
                "sampling": sampling.to_json(),
                "seed": self._seed,
            }
            for (i, question), group in zip(same, answers, strict=True):
                samples = [Sample(c.text, c.log_probability, c.tokens, c.prompt_tokens, c.complete) for c in group]
                found[i] += proposals(
                    samples, question.form, goals[i], self.name, provenance=told, seconds=seconds / max(len(group), 1)
                )
        return [_best(group, n) for group in found]


def _best(group: Sequence[Proposal], n: int) -> list[Proposal]:
    """Return the most probable proposals, those that two formats led to once."""
    unique: dict[tuple[str, ...], Proposal] = {}
    for proposal in sorted(group, key=lambda proposal: -proposal.log_probability):
        unique.setdefault((proposal.step.key, *(step.key for step in proposal.then)), proposal)
    return list(unique.values())[:n]


def _seed(seed: int, prompts: Sequence[str], tried: Sequence[int]) -> int:
    """Return a seed of the question: asked again it has the same answers, whatever was asked between."""
    text = json.dumps([seed, list(prompts), list(tried)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7])
