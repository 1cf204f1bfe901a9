"""The prover on local models: probabilities under batching and padding, seeds, threads, folders that are no models."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import tiny

from lemmata.errors import BackendCrashed, BackendError, LemmataError, LimitExceeded, UsageError
from lemmata.step import Proposal, Step

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")

from provers.neural import local_generation, local_loading, local_manifest
from provers.neural.local import TransformersProver
from provers.neural.local_generation import Sampling, encoded, generate, score
from provers.neural.local_loading import Loaded
from provers.neural.local_manifest import Manifest
from provers.neural.training.prover import train_prover
from provers.neural.training.settings import Settings

VIEWS = [tiny.view(statement) for _, statement, _ in tiny.LEMMAS[:12]]
KINDS = ("encoder-decoder", "decoder-only")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One model of each architecture, trained for a few dozen steps."""
    folder = tmp_path_factory.mktemp("models")
    data = tiny.write_records(folder / "steps.jsonl", tiny.made_up_records()[:12])
    settings = Settings(epochs=60, held_out=0.0, learning_rate=3e-3, batch=6, longest_prompt=512)
    base = tiny.decoder_only(folder / "base")
    train_prover([data], folder / KINDS[0], settings=settings)
    train_prover([data], folder / KINDS[1], base, settings=settings)
    return {kind: folder / kind for kind in KINDS}


@pytest.fixture(scope="session", params=KINDS)
def model(request: pytest.FixtureRequest, models: dict[str, Path]) -> Path:
    return models[request.param]


@pytest.fixture(scope="session")
def loaded(model: Path) -> Loaded:
    return local_loading.load(str(model))


def ask(prover: TransformersProver, views: list[Any], n: int = 4) -> list[list[Proposal]]:
    async def run() -> list[list[Proposal]]:
        try:
            return await prover.propose(views, n)
        finally:
            await prover.close()

    return asyncio.run(run())


def texts(group: list[Proposal]) -> list[str]:
    return [proposal.step.text for proposal in group]


def test_a_batch_has_the_probabilities_of_one_at_a_time(loaded: Loaded) -> None:
    prompts = [encoded(loaded, "⊢ " + "x + " * k + "1 = 1") for k in (0, 3, 20, 1)]
    answers = [encoded(loaded, text) for text in ("lia", "induction n; simpl; auto", "a", "intros; congruence")]
    rows = list(zip(prompts, answers, strict=True))
    together = score(loaded, rows)
    alone = [score(loaded, [row])[0] for row in rows]
    assert together == pytest.approx(alone, abs=1e-3)
    assert all(value < 0 for value in together)


def test_scores_are_the_sum_of_what_the_model_says_token_by_token(loaded: Loaded) -> None:
    import torch

    prompt, answer = encoded(loaded, "⊢ 2 + 2 = 4"), [*encoded(loaded, "lia")[:3], 1]
    total = 0.0
    with torch.inference_mode():
        for place, token in enumerate(answer):
            before = answer[:place]
            if loaded.encoder_decoder:
                ids, start = torch.tensor([prompt]), torch.tensor([[loaded.start, *before]])
                logits = loaded.model(input_ids=ids, decoder_input_ids=start).logits
            else:
                logits = loaded.model(input_ids=torch.tensor([[*prompt, *before]])).logits
            total += float(torch.log_softmax(logits[0, -1].double(), dim=-1)[token])
    assert score(loaded, [(prompt, answer)]) == pytest.approx([total], abs=1e-3)


def test_a_batch_has_the_proposals_of_one_at_a_time(model: Path) -> None:
    beams = {"method": "beam"}
    together = ask(TransformersProver(str(model), sampling=beams), VIEWS, 3)
    prover = TransformersProver(str(model), sampling=beams)

    async def one_by_one() -> list[list[Proposal]]:
        return [(await prover.propose([view], 3))[0] for view in VIEWS[:6]]

    for several, single in zip(together, asyncio.run(one_by_one()), strict=False):
        assert texts(several)[0] == texts(single)[0]
        known = {proposal.step.text: proposal.log_probability for proposal in single}
        shared = [proposal for proposal in several if proposal.step.text in known]
        assert [p.log_probability for p in shared] == pytest.approx([known[p.step.text] for p in shared], abs=1e-3)


def test_it_has_learnt_its_lemmas(model: Path) -> None:
    groups = ask(TransformersProver(str(model)), VIEWS, 8)
    right = [tactic in texts(group) for group, (_, _, tactic) in zip(groups, tiny.LEMMAS, strict=False)]
    assert sum(right) >= 8, [texts(group)[:3] for group in groups]


def test_proposals_are_sound_distinct_and_best_first(model: Path) -> None:
    for group in ask(TransformersProver(str(model)), VIEWS, 8):
        assert 0 < len(group) <= 8
        estimates = [proposal.log_probability for proposal in group]
        assert estimates == sorted(estimates, reverse=True)
        assert all(math.isfinite(value) and value <= 0 for value in estimates)
        assert len({" ".join(text.split()) for text in texts(group)}) == len(group)


def test_what_was_tried_is_not_proposed_again(model: Path) -> None:
    prover = TransformersProver(str(model), sampling={"method": "beam"})
    (first,) = ask(prover, VIEWS[:1], 4)
    view = tiny.view(tiny.LEMMAS[0][1], tried=(first[0].step.key,))
    (second,) = ask(prover, [view], 4)
    assert first[0].step not in [proposal.step for proposal in second]


def test_the_provenance_names_model_weights_prompt_and_seed(model: Path) -> None:
    ((proposal, *_),) = ask(TransformersProver(str(model), seed=7), VIEWS[:1])
    told = json.loads(json.dumps(dict(proposal.provenance)))
    assert told["model"] == str(model)
    assert told["revision"] == local_loading.weights_digest(model)
    assert told["prompt"] == (local_manifest.read(model) or Manifest("", "")).format
    assert told["seed"] == 7
    assert told["sampling"]["method"] in ("beam", "sample")
    assert told["completion_tokens"] == proposal.tokens > 0
    assert told["prompt_tokens"] > 10
    assert told["log_probability_per_token"] == pytest.approx(proposal.log_probability / proposal.tokens)


def test_sampling_repeats_with_its_seed_whatever_was_asked_between(model: Path) -> None:
    hot = {"method": "sample", "temperature": 3.0, "max_tokens": 24}
    prover = TransformersProver(str(model), seed=1, sampling=hot)
    once, other = ask(prover, VIEWS[:2], 6), ask(prover, VIEWS[2:5], 6)
    assert [texts(group) for group in ask(prover, VIEWS[:2], 6)] == [texts(group) for group in once]
    different = ask(TransformersProver(str(model), seed=2, sampling=hot), VIEWS[:2], 6)
    assert [texts(group) for group in different] != [texts(group) for group in once]
    assert other


def test_goals_of_other_systems_and_empty_questions(model: Path) -> None:
    prover = TransformersProver(str(model))
    assert prover.systems == ("coq",)
    groups = ask(prover, [tiny.view("True", system="lean"), VIEWS[0]])
    assert groups[0] == []
    assert groups[1]
    assert ask(prover, []) == []
    assert ask(prover, VIEWS[:1], 0) == [[]]


def test_any_goal_has_an_answer(model: Path) -> None:
    strange = [
        "",
        "\x00" * 50,
        "</s><pad>" * 20,
        "x" * 20_000,
        "∀ \U0001d538 \ud800".replace("\ud800", "?"),
        "{{goal}}",
    ]
    groups = ask(TransformersProver(str(model)), [tiny.view(text) for text in strange], 2)
    assert len(groups) == len(strange)


def test_the_event_loop_goes_on_while_a_model_computes(model: Path) -> None:
    prover = TransformersProver(str(model), sampling={"method": "beam"})

    async def run() -> float:
        await prover.propose(VIEWS[:1], 2)
        worst, done = 0.0, False

        async def heartbeat() -> None:
            nonlocal worst
            last = time.monotonic()
            while not done:
                await asyncio.sleep(0.005)
                now = time.monotonic()
                worst, last = max(worst, now - last - 0.005), now

        beating = asyncio.create_task(heartbeat())
        await prover.propose(VIEWS * 3, 8)
        done = True
        await beating
        await prover.close()
        return worst

    # The aim is 0.05 s, which benchmarks/neural_batching.py measures on a machine that does nothing else.
    assert asyncio.run(run()) < 0.5


def test_a_question_that_is_withdrawn_ends_with_its_token(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = threading.Event()

    def watched(loaded: Any, prompts: Any, n: int, sampling: Any, seed: int, stopped: Any) -> Any:
        def asked() -> bool:
            writing.set()
            return bool(stopped())

        return generate(loaded, prompts, n, sampling, seed, asked)

    monkeypatch.setattr("provers.neural.local.generate", watched)
    prover = TransformersProver(str(model), sampling={"method": "sample", "temperature": 50.0, "max_tokens": 400})

    async def run() -> float:
        await prover.propose(VIEWS[:1], 1)
        writing.clear()
        call = asyncio.create_task(prover.propose(VIEWS * 20, 8))
        await asyncio.to_thread(writing.wait, 30)
        began = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        # The thread is free again: a small question is not behind the rest of the large one.
        await prover.propose(VIEWS[:1], 1)
        seconds = time.monotonic() - began
        await prover.close()
        await prover.close()
        return seconds

    assert asyncio.run(run()) < 20


def test_a_call_that_takes_too_long_answers_with_what_it_has(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TransformersProver, "call_seconds", 0.0)
    assert ask(TransformersProver(str(model)), VIEWS[:3]) == [[], [], []]


def test_a_batch_that_does_not_fit_is_divided(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    original, sizes = local_generation._answers, []

    def small(loaded: Loaded, prompts: Any, *rest: Any) -> Any:
        sizes.append(len(prompts))
        if len(prompts) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return original(loaded, prompts, *rest)

    monkeypatch.setattr(local_generation, "_answers", small)
    prompts = [encoded(loaded, f"⊢ {k} = {k}") for k in range(5)]
    assert len(generate(loaded, prompts, 2, Sampling(max_tokens=8), 0, lambda: False)) == 5
    assert max(sizes[1:]) <= 3

    def never(*rest: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(local_generation, "_answers", never)
    with pytest.raises(LimitExceeded, match="memory"):
        generate(loaded, prompts, 2, Sampling(max_tokens=8), 0, lambda: False)


def test_faults_of_the_library_are_errors_of_ours(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provers.neural.local.generate", lambda *rest: 1 / 0)
    with pytest.raises(BackendCrashed, match="division by zero"):
        ask(TransformersProver(str(model)), VIEWS[:1])


def test_importing_the_prover_is_cheap() -> None:
    heavy = ("torch", "transformers", "numpy", "tokenizers", "safetensors")
    code = f"import sys, provers.neural.local; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_folders_that_are_no_models(models: dict[str, Path], tmp_path: Path) -> None:
    whole = models["encoder-decoder"]

    def refused(folder: Path, error: type[LemmataError], what: str) -> None:
        with pytest.raises(error, match=what):
            ask(TransformersProver(str(folder)), VIEWS[:1])

    refused(tmp_path / "nowhere", UsageError, "no model")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", UsageError, "no model")
    for name in ("pickled", "foreign", "cut"):
        shutil.copytree(whole, tmp_path / name)
    weights = "model.safetensors"
    (tmp_path / "pickled" / weights).rename(tmp_path / "pickled" / "pytorch_model.bin")
    refused(tmp_path / "pickled", BackendError, "cannot be loaded")
    (tmp_path / "cut" / weights).write_bytes((whole / weights).read_bytes()[:5000])
    refused(tmp_path / "cut", BackendError, "cannot be loaded")
    config = json.loads((whole / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "strange", "auto_map": {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"}}
    (tmp_path / "foreign" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "foreign" / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", encoding="utf-8")
    refused(tmp_path / "foreign", BackendError, "cannot be loaded")
    assert not (tmp_path / "ran").exists()


def test_manifests_that_do_not_fit(models: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(models["encoder-decoder"], folder)
    local_manifest.write(folder, Manifest("critic", "goal/1"))
    with pytest.raises(UsageError, match="critic"):
        TransformersProver(str(folder))
    local_manifest.write(folder, Manifest("prover", "nobody-knows/3"))
    with pytest.raises(UsageError, match="nobody-knows"):
        TransformersProver(str(folder))
    for text in ("", "[]", "{}", '{"schema": "lemmata.model/2"}'):
        (folder / local_manifest.NAME).write_text(text, encoding="utf-8")
        with pytest.raises(LemmataError, match=r"lemmata\.json"):
            TransformersProver(str(folder))
    (folder / local_manifest.NAME).unlink()
    (folder / local_manifest.UNFINISHED).mkdir()
    with pytest.raises(LemmataError, match=r"not finished.*--resume"):
        TransformersProver(str(folder))


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LEMMATA_TRANSFORMERS_DEVICE", "abacus"), ("LEMMATA_TRANSFORMERS_DTYPE", "int3")],
)
def test_wrong_settings_of_the_device(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=f"{variable}.*{value}"):
        ask(TransformersProver(str(models["encoder-decoder"])), VIEWS[:1])


def test_half_precision_is_close(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEMMATA_TRANSFORMERS_DTYPE", "bfloat16")
    groups = ask(TransformersProver(str(model), sampling={"method": "beam"}), VIEWS[:4], 4)
    assert all(isinstance(group[0].step, Step) for group in groups)


def test_names_of_the_hub_are_not_downloaded_when_offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(BackendError, match="nobody/nothing"):
        ask(TransformersProver("nobody/nothing"), VIEWS[:1])


def test_a_batch_is_several_times_as_fast_as_one_at_a_time(tmp_path: Path) -> None:
    import neural_batching

    together, alone = neural_batching.throughput(neural_batching.make_model(tmp_path), 32, 1, 24, 2)
    # Ten times is usual and five are asked for; what else the machine does must not count.
    assert alone / together > 3.5


def test_a_question_that_is_withdrawn_does_not_cost_the_loaded_model(model: Path) -> None:
    """The search withdraws a question when its goal is closed, which happens all the time."""
    from checkers.process import Supervisor
    from lemmata.verdict import Limits
    from search.executors.hosting import Hosting
    from search.executors.local import HostedProver

    async def run() -> list[int]:
        async with Supervisor() as supervisor:
            hosting = Hosting(Limits(wall_seconds=120.0), 1, {"model": str(model)}, interruptible=True)
            prover = HostedProver("local", "provers.neural.local:TransformersProver", ("coq",), supervisor, hosting)
            processes = []
            for _ in range(3):
                await prover.propose(VIEWS[:1], 1)
                processes.append(next(iter(prover._idle)).client.child.pid)
                call = asyncio.create_task(prover.propose(VIEWS * 8, 32))
                while not prover._busy:
                    await asyncio.sleep(0)
                await asyncio.sleep(0.05)
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            await prover.propose(VIEWS[:1], 1)
            await prover.close()
            return processes

    assert len(set(asyncio.run(run()))) == 1
