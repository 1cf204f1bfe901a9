"""A chat model that guesses loop invariants, right and wrong ones mixed, from a file: the rounds end in proofs."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer

pytest.importorskip("httpx", reason="httpx is not installed")

PROGRAMS = Path(__file__).parents[2] / "examples" / "programs"
GUESSES = tomllib.loads((Path(__file__).parent / "plausible_invariants.toml").read_text("utf-8"))


class Guessing:
    """Answers with some of the clauses of a file, in any order, and often with what it said before.

    Args:
        guesses: `right` and `wrong` clauses.
    """

    def __init__(self, guesses: dict[str, list[str]]) -> None:
        self._guesses = guesses
        self._random = random.Random(7)

    def __call__(self, prompt: str) -> str:
        right = [clause for clause in self._guesses["right"] if self._random.random() < 0.4]
        wrong = self._random.sample(self._guesses["wrong"], k=2)
        said = [*right, *wrong]
        self._random.shuffle(said)
        return "\n".join(said)


def prove(lemmata: Any, source: Path, guesses: dict[str, list[str]], seconds: str = "60") -> tuple[Any, ChatServer]:
    with ChatServer(Guessing(guesses)) as server:
        lemmata.environment |= {"LEMMATA_OPENAI_BASE_URL": server.url}
        answer = lemmata("prove", "--json", "-t", seconds, "--prover", "openai:chat", source)
    return answer, server


@pytest.mark.parametrize("program", sorted(PROGRAMS.glob("*.c")), ids=lambda path: path.stem)
def test_guesses_end_in_a_proof(lemmata: Any, program: Path) -> None:
    source = lemmata.write(program.name, program.read_bytes())
    answer, server = prove(lemmata, source, GUESSES[program.stem])
    (result,) = answer.document["results"]
    assert (answer.code, result["verdict"]) == (0, "proved"), server.prompts[-1]
    parts = [part for step in result["proof"]["steps"] for part in step["parts"]]
    kept = {f"loop {part['label']} invariant {part['text']};" for part in parts}
    assert kept
    assert not kept.intersection(GUESSES[program.stem]["wrong"])
    assert lemmata("replay", result["certificate"]).code == 0


@pytest.mark.parametrize("program", ["counter", "parity"])
def test_guesses_for_a_wrong_program_never_prove_it(lemmata: Any, program: str) -> None:
    text = (PROGRAMS / f"{program}.c").read_text("utf-8")
    broken = text.replace("i == n", "i == n + 1").replace("x % 2 == 0", "x % 2 == 1")
    assert broken != text
    source = lemmata.write(f"{program}.c", broken)
    answer, server = prove(lemmata, source, GUESSES[program], "8")
    assert server.prompts
    assert [result["verdict"] for result in answer.document["results"]] in (["disproved"], ["unknown"])
