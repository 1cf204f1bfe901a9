"""The training loop that all models share: `transformers.Trainer` on one folder, which a killed run goes on in.

While it runs, the model's folder has `checkpoints/` and no `lemmata.json`; when it is done it is the other way round.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lemmata.errors import BackendCrashed, BackendMissing, StoreError, UsageError
from provers.neural import local_manifest
from provers.neural.local_loading import INSTALL, libraries, spare
from provers.neural.local_manifest import UNFINISHED, Manifest
from provers.neural.training.settings import Progress, Report, Settings

_RUN, _COMPLETE = "run.json", "complete"
_STAGE = "model"


class Workspace:
    """A model's folder while it is trained.

    Args:
        out: the folder; made where it is missing.
        run: what the result depends on (data, settings, base); a run is only gone on with where it is the same.
        resume: go on with what is there; without it the folder has to be empty.

    Raises:
        UsageError: something else is there.
        StoreError: it cannot be read.
    """

    def __init__(self, out: Path, run: Mapping[str, Any], *, resume: bool) -> None:
        self.out = out
        self.checkpoints = out / UNFINISHED
        self.finished: Manifest | None = None
        """What is in the folder, where the very same run has already ended."""
        asked: Any = json.loads(json.dumps(dict(run)))
        try:
            if out.exists() and not out.is_dir():
                raise UsageError(f"{out} is not a folder", hint="name another with --out")
            before = self._before() if out.is_dir() else None
            if before is None and out.is_dir() and any(out.iterdir()):
                raise UsageError(f"{out} is not empty", hint="name an empty or a new folder with --out")
            if before is not None and not resume:
                raise UsageError(f"{out} already has a training run", hint="--resume goes on with it")
            if before is not None and before != asked:
                different = sorted(key for key in {*before, *asked} if before.get(key) != asked.get(key))
                message = f"the run in {out} differs in {', '.join(different)}"
                raise UsageError(message, hint="give the same data and settings, or another folder")
        except OSError as error:
            raise _unwritable(out, error) from error
        self._run = asked

    def begin(self) -> None:
        """Make the folder, once nothing but the training itself can go wrong any more.

        Raises:
            StoreError: it cannot be written.
        """
        try:
            self.checkpoints.mkdir(parents=True, exist_ok=True)
            local_manifest.replace(self.checkpoints / _RUN, json.dumps(self._run, indent=1, sort_keys=True) + "\n")
        except OSError as error:
            raise _unwritable(self.out, error) from error

    def _before(self) -> Any:
        if (self.out / local_manifest.NAME).is_file():
            self.finished = local_manifest.read(self.out)
            return dict(self.finished.training).get("run", {}) if self.finished else {}
        try:
            return json.loads((self.checkpoints / _RUN).read_text(encoding="utf-8"))
        except FileNotFoundError:
            if self.checkpoints.is_dir() and all(path.name.startswith(".") for path in self.checkpoints.iterdir()):
                # Killed before it had begun: the folder was made, and nothing in it.
                shutil.rmtree(self.checkpoints)
            return None
        except ValueError:
            return {}

    def last(self) -> Path | None:
        """Return the newest checkpoint that was written to its end; others are removed."""
        found = []
        for path in self.checkpoints.glob("checkpoint-*"):
            if (path / _COMPLETE).is_file():
                found.append(path)
            else:
                shutil.rmtree(path, ignore_errors=True)
        return max(found, key=lambda path: int(path.name.rpartition("-")[2]), default=None)

    def finish(self, save: Callable[[Path], None], manifest: Manifest, card: str) -> Manifest:
        """Move the finished model into the folder; the manifest comes last, and the checkpoints go.

        Args:
            save: writes weights, configuration and tokenizer into a folder.
            manifest: the model's own.
            card: text of `README.md`.
        """
        try:
            stage = self.checkpoints / _STAGE
            shutil.rmtree(stage, ignore_errors=True)
            stage.mkdir()
            save(stage)
            for path in sorted(stage.iterdir()):
                path.replace(self.out / path.name)
            local_manifest.replace(self.out / "README.md", card)
            local_manifest.write(self.out, manifest)
            shutil.rmtree(self.checkpoints)
        except Exception as error:
            # A full disk is told by each of the libraries in its own way.
            raise _unwritable(self.out, error) from error
        return manifest


def _unwritable(out: Path, error: Exception) -> StoreError:
    what = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())[:200]
    return StoreError(f"{out} cannot be written: {what}", hint="the same command with --resume goes on")


def seed_everything(seed: int) -> None:
    """Seed what new weights and the order of the data are drawn from."""
    _, transformers = libraries()
    transformers.set_seed(seed)


def fit(
    model: Any,
    examples: Sequence[Any],
    collate: Callable[[list[Any]], dict[str, Any]],
    workspace: Workspace,
    settings: Settings,
    report: Report,
    *,
    scratch: bool,
) -> int:
    """Train a model in place and return the number of steps taken, those of killed runs included.

    Args:
        model: gives a `loss` for what `collate` makes of examples.
        examples: what is learnt, in any form.
        collate: makes one batch of tensors.
        workspace: where checkpoints are kept.
        settings: of the run.
        report: is told how it gets on.
        scratch: whether the weights are new ones.

    Raises:
        BackendMissing: a library is missing.
        BackendCrashed: it cannot go on: for want of memory, or with what is in the folder.
        StoreError: the folder cannot be written.
    """
    torch, transformers = libraries()
    try:
        import accelerate  # type: ignore[import-untyped, import-not-found, unused-ignore]  # noqa: F401
    except ImportError as error:
        raise BackendMissing("training needs accelerate", hint=INSTALL) from error
    workspace.begin()
    spare(model)
    steps = settings.epochs * math.ceil(len(examples) / settings.batch)
    cuda = bool(torch.cuda.is_available())
    arguments = transformers.TrainingArguments(
        output_dir=str(workspace.checkpoints),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.rate(scratch=scratch),
        lr_scheduler_type="cosine",
        warmup_steps=max(1, steps // 20),
        max_grad_norm=1.0,
        logging_steps=max(1, min(50, steps // 20)),
        save_strategy="steps",
        save_steps=settings.save_every or max(1, min(500, steps // 10)),
        save_total_limit=2,
        seed=settings.seed,
        data_seed=settings.seed,
        bf16=cuda,
        use_cpu=not cuda,
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
        disable_tqdm=True,
        report_to="none",
    )
    trainer = transformers.Trainer(
        model=model, args=arguments, train_dataset=list(examples), data_collator=collate, callbacks=[_reporter(report)]
    )
    # It prints to standard output, which is for results.
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    last = workspace.last()
    try:
        trainer.train(resume_from_checkpoint=str(last) if last else None)
    except OSError as error:
        raise _unwritable(workspace.out, error) from error
    except Exception as error:
        # Whatever these libraries raise: on a full disk, for want of memory, on a checkpoint that was tampered with.
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise BackendCrashed(
            f"the training failed: {what}", hint="--resume goes on from the last checkpoint"
        ) from error
    return int(trainer.state.global_step)


def _reporter(report: Report) -> Any:
    _, transformers = libraries()

    class Reporter(transformers.TrainerCallback):  # type: ignore[misc, name-defined, unused-ignore]
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            loss = (logs or {}).get("loss")
            if loss is not None:
                report(Progress(state.global_step, state.max_steps, float(state.epoch or 0), float(loss)))

        def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            # Only now everything is written.
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            (folder / _COMPLETE).touch()
            report(Progress(state.global_step, state.max_steps, float(state.epoch or 0), saved=True))

    return Reporter()
