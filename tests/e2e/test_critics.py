"""Critics and a ranker in the real command: they steer the search and are harmless, whatever they do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lemmata.store import Store
from provers.critics.ranker import LinearRanker
from provers.critics.value import LinearValueCritic

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")
COUNTER = Path(__file__).parents[2] / "examples" / "programs" / "counter.c"

# A prover that guesses one clause at a time, the right ones last; and critics as nobody wants them.
PLUGIN = """
import os, re, time
from lemmata.step import Part, Proposal, clauses

GUESSES = ("{x} > {n}", "{x} == 7", "{x} < 0", "{n} < 0", "{x} != {x}", "{n} == 12", "{x} == 3 && {n} == 4",
           "{x} > {n} + 1", "{x} + {n} == 42", "{x} >= 0", "{x} <= {n}")

class Guesses:
    name, systems = "guesses", ("programs",)

    async def propose(self, goals, n):
        return [self.guess(view) if not view.depth else [] for view in goals]

    def guess(self, view):
        x, n = re.search(r"while \\((\\w+) < (\\w+)\\)", view.obligation.source).groups()
        loop = next(cut["name"] for cut in view.context["system"]["cuts"] if cut["kind"] == "loop")
        texts = [text.format(x=x, n=n) for text in GUESSES]
        return [Proposal(clauses((Part(loop, t),)), -0.1 * i, self.name) for i, t in enumerate(texts)]

    async def close(self):
        pass

class Faulty:
    def __init__(self, model):
        self.model = model
    configured = True
    async def score(self, goals):
        match self.model:
            case "hangs": time.sleep(3600)
            case "dies": os._exit(3)
            case "nan": return [float("nan")] * len(goals)
            case "positive": return [7.0] * len(goals)
            case "texts": return ["good"] * len(goals)
            case "short": return []
            case "leaks": return bytearray(1 << 40)

class FaultyRanker(Faulty):
    systems = ("programs",)
    async def rate(self, view, steps):
        return await self.score(steps)

"""
POINTS = """\
[lemmata.provers]
guesses = guesses_plugin:Guesses
[lemmata.critics]
faulty = guesses_plugin:Faulty
faulty-ranker = guesses_plugin:FaultyRanker
lacking = guesses_lacking:X
"""
LOOP = """\
int unknown_int(void);
int main(void)
{{
    int {x} = 0;
    int {n} = unknown_int();
    if ({n} < 0)
        return 0;
    while ({x} < {n}) {{
        {x} = {x} + 1;
    }}
    assert({x} == {n});
    return 0;
}}
"""
COQ = """\
Require Import List. Import ListNotations.

Theorem nil_last : forall (A : Type) (l : list A), l ++ [] = l.
Proof.
Admitted.

Theorem add_zero : forall n : nat, n + 0 = n.
Proof.
Admitted.

Theorem wrong : forall a b : nat, a + b = a.
Proof.
Admitted.
"""


@pytest.fixture
def plugin(lemmata: Any) -> Any:
    """The command, with the plugin above installed."""
    folder = lemmata.folder / "site"
    info = folder / "guesses-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guesses\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    (folder / "guesses_plugin.py").write_text(PLUGIN)
    (folder / "guesses_lacking.py").write_text("import surely_not_installed\n")
    lemmata.environment["PYTHONPATH"] = str(folder)
    return lemmata


def events(lemmata: Any, name: str) -> list[dict[str, Any]]:
    """Return the events of the latest search in a store."""
    with Store.open(lemmata.folder / name) as store:
        browser = store.browser()
        (task,) = browser.tasks(browser.runs(None, 1)[0].id, 0, 1)
        return [json.loads(body) for _, body in browser.events(task.id, 0, 1000)]


def checked(lemmata: Any, name: str) -> list[str]:
    """Return the clauses of the latest search in a store in the order in which they were checked."""
    steps = [event for event in events(lemmata, name) if event["kind"] == "step_checked"]
    return [step["parts"][0][1] for step in steps if step["parts"]]


def results(answer: Any) -> dict[str, Any]:
    return {result["obligation"]: result for result in answer.document["results"]}


@pytest.mark.parametrize(
    ("critic", "code", "said"),
    [
        ("siez", 2, "error: there is no critic 'siez'; did you mean 'size'?"),
        ("size:x", 2, "error: the critic size takes no model; say size"),
        ("value", 2, "error: the critic value needs a model; say value:MODEL"),
        ("value:none", 2, "none: error: there is no critic here; `lemmata train critic` makes one"),
        ("invariant-ranker:none", 2, "none: error: there is no ranker here; `lemmata train ranker` makes one"),
        ("value:broken", 2, "error: this critic cannot be read"),
        ("lacking", 4, "install 'surely_not_installed', for example with pip"),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_done(plugin: Any, critic: str, code: int, said: str) -> None:
    (plugin.folder / "broken").mkdir()
    (plugin.folder / "broken" / "linear.json").write_text("{}")
    answer = plugin("prove", "--critic", "size", "--critic", critic, COUNTER, "--out", "proofs")
    assert answer.code == code
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not (plugin.folder / "proofs").exists()


def test_two_rankers_would_quarrel(plugin: Any) -> None:
    answer = plugin("prove", "--critic", "faulty-ranker:a", "--critic", "faulty-ranker:b", COUNTER)
    assert answer.code == 2
    assert "would order the same proposals; name one of them" in answer.err


def test_doctor_knows_them(plugin: Any) -> None:
    found = {row["name"]: row for row in plugin("doctor", "--json").document["results"]}
    assert {"critic size", "critic novelty", "critic value", "critic invariant-ranker", "critic faulty"} <= set(found)
    assert found["critic invariant-ranker"]["detail"] == "for programs"
    assert found["critic size"]["ok"]
    assert not found["critic lacking"]["ok"]
    assert not found["critic lacking"]["required"]


@pytest.mark.parametrize(
    ("words", "names", "policy"),
    [
        (("--critic", "none"), None, "best-first"),
        ((), {"novelty"}, "best-first"),
        (("--critic", "size", "--critic", "novelty"), {"size", "novelty"}, "best-first"),
        (("--critic", "size", "--critic", "novelty", "--policy", "multi-queue"), {"size", "novelty"}, "multi-queue"),
    ],
)
def test_whoever_is_named_judges(lemmata: Any, words: tuple[str, ...], names: set[str] | None, policy: str) -> None:
    lemmata.write("lemmata.toml", 'critics = ["novelty"]\n')
    answer = lemmata("prove", "--json", "-t", "30", "--store", "store.db", *words, COUNTER)
    (result,) = results(answer).values()
    assert (answer.code, result["verdict"]) == (0, "proved")
    critics = result["stats"].get("critics")
    assert (None if critics is None else set(critics)) == names
    for stats in (critics or {}).values():
        assert set(stats) == {"judged", "seconds", "failures", "message"}
        assert (stats["failures"], stats["message"]) == (0, "")
    assert events(lemmata, "store.db")[0]["policy"] == policy


@pytest.mark.parametrize("fault", ["hangs", "dies", "nan", "positive", "texts", "short", "leaks"])
def test_faulty_critics_change_no_verdict_and_cost_little(plugin: Any, fault: str) -> None:
    plugin.write("loop.c", LOOP.format(x="i", n="n"))
    critics = ("--critic", f"faulty:{fault}", "--critic", f"faulty-ranker:{fault}", "--critic", "size")
    answer = plugin("prove", "--json", "-t", "30", "--prover", "guesses", *critics, "loop.c")
    (result,) = results(answer).values()
    assert (answer.code, result["verdict"]) == (0, "proved")
    assert result["stats"]["seconds"] < 15
    told = result["stats"]["critics"]
    if fault == "positive":
        # That is wrong only for a logarithm of a probability.
        assert told[f"faulty-ranker:{fault}"]["judged"] == 11
    elif fault == "hangs":
        assert told[f"faulty-ranker:{fault}"]["judged"] == 0
    else:
        assert told[f"faulty-ranker:{fault}"]["judged"] == 0
        assert told[f"faulty-ranker:{fault}"]["failures"] == 1
        assert told[f"faulty-ranker:{fault}"]["message"]
    assert (told[f"faulty:{fault}"]["judged"], told["size"]["failures"]) == (0, 0)


def test_a_ranker_learnt_from_proofs_puts_right_invariants_first(plugin: Any) -> None:
    names = (("i", "n"), ("k", "m"), ("a", "b"))
    for x, n in names:
        plugin.write(f"{x}.c", LOOP.format(x=x, n=n))
    plugin.write("new.c", LOOP.format(x="count", n="limit"))
    alone = ("prove", "--json", "-t", "30", "--prover", "guesses", "--no-minimise")
    assert plugin(*alone, "--store", "seen.db", *(f"{x}.c" for x, _ in names)).code == 0
    LinearRanker.from_store(plugin.folder / "seen.db").save(plugin.folder / "ranker")
    without = plugin(*alone, "--store", "without.db", "new.c")
    ranked = plugin(*alone, "--store", "ranked.db", "--critic", "invariant-ranker:ranker", "new.c")
    assert [answer.code for answer in (without, ranked)] == [0, 0]
    (before,), (after,) = results(without).values(), results(ranked).values()
    assert before["verdict"] == after["verdict"] == "proved"
    assert checked(plugin, "without.db")[0] == "count > limit"
    assert "count <= limit" in checked(plugin, "ranked.db")[:3]
    assert after["stats"]["checker_calls"] < before["stats"]["checker_calls"]
    told = after["stats"]["critics"]["invariant-ranker:ranker"]
    assert told["judged"] >= 11
    assert told["failures"] == 0
    assert plugin("replay", after["certificate"]).code == 0


@needs_coq
def test_a_value_critic_learnt_from_proofs_judges_goals(lemmata: Any) -> None:
    lemmata.write("A.v", COQ)
    asked = ("prove", "--json", "--prover", "coq-tactics", "A.v")
    before = lemmata(*asked, "-t", "12", "--store", "seen.db")
    LinearValueCritic.from_store(lemmata.folder / "seen.db").save(lemmata.folder / "critic")
    # A folder in a settings file is seen from that file.
    lemmata.write("lemmata.toml", 'critics = ["value:critic"]\n')
    (lemmata.folder / "deeper").mkdir()
    lemmata.folder = lemmata.folder / "deeper"
    after = lemmata("prove", "--json", "--prover", "coq-tactics", "../A.v", "-t", "12", "--no-store")
    verdicts = [{name: r["verdict"] for name, r in results(answer).items()} for answer in (before, after)]
    assert verdicts[0] == verdicts[1]
    assert list(verdicts[0].values()) == ["proved", "proved", "disproved"]
    (told,) = results(after)["nil_last"]["stats"]["critics"].values()
    assert told["failures"] == 0
