"""Tiny language models made in the test: from a configuration, trained on real Coq goals, for a CPU in seconds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from checkers.coq.checker import CoqChecker
from checkers.process import Supervisor
from lemmata.errors import Location
from lemmata.goal import Goal, GoalView, Hypothesis, Obligation
from lemmata.outcome import Open
from lemmata.step import Step
from lemmata.verdict import Limits
from provers.neural.render import goal_text

HEADER = "Require Import Arith List Bool Lia.\nImport ListNotations.\n\n"
LEMMAS: tuple[tuple[str, str, str], ...] = (
    ("plus_zero", "forall n : nat, n + 0 = n", "induction n; simpl; auto"),
    ("plus_succ", "forall n m : nat, n + S m = S (n + m)", "induction n; simpl; auto"),
    ("plus_swap", "forall n m : nat, n + m = m + n", "intros; lia"),
    ("plus_regroup", "forall a b c : nat, a + (b + c) = a + b + c", "intros; lia"),
    ("zero_least", "forall n : nat, 0 <= n", "intros; lia"),
    ("less_succ", "forall n : nat, n < S n", "auto"),
    ("two_and_two", "2 + 2 = 4", "reflexivity"),
    ("succ_zero", "forall n : nat, S n <> 0", "discriminate"),
    ("le_chain", "forall a b c : nat, a <= b -> b <= c -> a <= c", "intros; lia"),
    ("times_zero", "forall n : nat, n * 0 = 0", "induction n; simpl; auto"),
    ("times_one", "forall n : nat, n * 1 = n", "intros; lia"),
    ("not_twice", "forall b : bool, negb (negb b) = b", "destruct b; reflexivity"),
    ("and_swap", "forall a b : bool, a && b = b && a", "destruct a, b; reflexivity"),
    ("or_swap", "forall a b : bool, a || b = b || a", "destruct a, b; reflexivity"),
    ("or_false", "forall b : bool, b || false = b", "destruct b; reflexivity"),
    ("xor_self", "forall b : bool, xorb b b = false", "destruct b; reflexivity"),
    ("self", "forall P : Prop, P -> P", "auto"),
    ("both", "forall P Q : Prop, P /\\ Q -> Q /\\ P", "tauto"),
    ("either", "forall P Q : Prop, P \\/ Q -> Q \\/ P", "tauto"),
    ("modus", "forall P Q : Prop, P -> (P -> Q) -> Q", "auto"),
    ("anything", "forall P : Prop, False -> P", "tauto"),
    ("curry", "forall P Q R : Prop, (P /\\ Q -> R) -> P -> Q -> R", "tauto"),
    ("nil_app", "forall (A : Type) (l : list A), [] ++ l = l", "reflexivity"),
    ("app_nil", "forall (A : Type) (l : list A), l ++ [] = l", "induction l; simpl; congruence"),
    (
        "app_regroup",
        "forall (A : Type) (a b c : list A), a ++ b ++ c = (a ++ b) ++ c",
        "induction a; simpl; congruence",
    ),
    ("app_size", "forall (A : Type) (a b : list A), length (a ++ b) = length a + length b", "induction a; simpl; auto"),
    ("map_size", "forall (A B : Type) (f : A -> B) l, length (map f l) = length l", "induction l; simpl; auto"),
    ("map_self", "forall (A : Type) (l : list A), map (fun x => x) l = l", "induction l; simpl; congruence"),
    ("cons_nil", "forall (A : Type) (x : A) (l : list A), x :: l <> []", "discriminate"),
    ("double", "forall n : nat, n + n = 2 * n", "intros; lia"),
)
"""Easy lemmas: name, statement, a tactic that proves it."""


def write_lemmas(path: Path) -> Path:
    """Write the lemmas without their proofs to a file for Coq."""
    theorems = [f"Lemma {name} : {statement}.\nProof.\nAdmitted.\n" for name, statement, _ in LEMMAS]
    path.write_text(HEADER + "\n".join(theorems), encoding="utf-8")
    return path


def coq_records(folder: Path) -> list[dict[str, str]]:
    """Return a record for each lemma, with the goal as a real Coq session shows it.

    All statements are one conjunction: to start a session takes longer than to split it.
    """
    file = folder / "All.v"
    whole = " /\\ ".join(f"({statement})" for _, statement, _ in LEMMAS)
    file.write_text(f"{HEADER}Lemma all : {whole}.\nProof.\nAdmitted.\n", encoding="utf-8")

    async def run() -> list[GoalView]:
        async with Supervisor() as supervisor:
            checker = CoqChecker(supervisor)
            (obligation,) = await checker.obligations(file, {})
            session = await checker.open(obligation, Limits())
            try:
                outcome = await session.apply(session.root, Step("repeat apply conj"), Limits(wall_seconds=20.0))
                assert isinstance(outcome, Open), outcome
                return [GoalView(ref.goal, obligation, context=session.context) for ref in outcome.subgoals]
            finally:
                await session.close()

    views = asyncio.run(run())
    return [
        {"system": "coq", "goal": goal_text(view), "step": tactic, "theorem": name}
        for view, (name, _, tactic) in zip(views, LEMMAS, strict=True)
    ]


def root_goals(file: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the goals of open theorems of a file as a real Coq session shows them, by the theorems' names."""

    async def run() -> dict[str, str]:
        async with Supervisor() as supervisor:
            checker = CoqChecker(supervisor)
            found = {}
            for obligation in await checker.obligations(file, {}):
                if obligation.name in names:
                    session = await checker.open(obligation, Limits())
                    found[obligation.name] = goal_text(GoalView(session.root.goal, obligation, context=session.context))
                    await session.close()
            return found

    return asyncio.run(run())


def write_records(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    """Write records as JSON lines."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return path


def view(conclusion: str, *hypotheses: tuple[str, str], system: str = "coq", tried: tuple[str, ...] = ()) -> GoalView:
    """Return a goal as a prover is shown it."""
    goal = Goal(system, conclusion, tuple(Hypothesis(name, text) for name, text in hypotheses))
    obligation = Obligation(system, "it", f"Lemma it : {conclusion}.", Location("It.v", 1, 1))
    return GoalView(goal, obligation, tried=tried)


def made_up_records() -> list[dict[str, str]]:
    """Return records with goals of many lengths, without Coq."""
    return [
        {"system": "coq", "goal": goal_text(view(statement)), "step": tactic, "theorem": name}
        for name, statement, tactic in LEMMAS
    ]


def byte_tokenizer() -> Any:
    """Make a tokenizer over bytes of the fast kind, the only one that servers of models take."""
    import tokenizers
    import transformers
    from tokenizers import decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    numbers = {token: i for i, token in enumerate(("<pad>", "</s>", "<unk>", *alphabet))}
    made = tokenizers.Tokenizer(models.BPE(vocab=numbers, merges=[], unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def encoder_decoder(folder: Path, tokenizer: Any) -> Path:
    """Make an encoder-decoder model with random weights, as a checkpoint to train from."""
    import transformers

    from provers.neural.training.models import byte_config

    transformers.set_seed(0)
    transformers.T5ForConditionalGeneration(byte_config("tiny")).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def decoder_only(folder: Path, seed: int = 0, width: int = 96, tokenizer: Any = None) -> Path:
    """Make a decoder-only model over bytes with random weights, as a checkpoint to train from."""
    import transformers

    transformers.set_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=384,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=1,
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    (tokenizer or transformers.ByT5Tokenizer()).save_pretrained(folder)
    return folder
