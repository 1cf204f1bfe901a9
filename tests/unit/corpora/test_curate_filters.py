"""What curation takes out of a data set, and what it keeps."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from curation_records import carried_out, dataset, keep_search, library, proof, rows

from corpora.curate.benchmarks import read
from corpora.curate.filters import Settings
from corpora.curate.shingles import Near, overlap, shingles
from corpora.curate.stage import curation
from corpora.stages import lines
from lemmata.errors import InputError, UsageError
from lemmata.events import GoalExpanded

BENCHMARK = [
    {
        "file": "Lists/List.v",
        "name": "rev_app",
        "statement": "Lemma rev_app : forall (l k : list nat), rev (l ++ k) = rev k ++ rev l.",
    },
    {"file": "Lists/List.v", "name": "len_zero", "statement": "Theorem len_zero l : length l = 0 -> l = nil."},
]
STEPS = ["induction l as [|a l IHl]", "simpl; rewrite app_nil_r", "rewrite IHl, app_assoc"]


def outcome(out: Path) -> tuple[set[str], dict[str, str]]:
    """Return the theorems that are kept, and the reason of each removal by its record."""
    kept = {row["theorem"].rpartition(".")[2] for row in rows(out / "data.jsonl")}
    return kept, {row["record"]: row["reason"] for row in rows(out / "removed.jsonl")}


def test_a_planted_copy_of_a_benchmark_theorem_goes_with_all_its_records(tmp_path: Path) -> None:
    copy = proof("innocent", "forall u (v : list nat), rev (u ++ v)\n = rev v ++ (* no *) rev u", STEPS)
    swapped = proof(
        "swapped", "forall u v : list nat, rev (u ++ v) = rev u ++ rev v", ["destruct u", "now rewrite E with 3"]
    )
    constant = proof("constant", "forall u v : list nat, map (u ++ v) = map v ++ map u", ["apply F", "exact (G 1)"])
    binders = proof("bound", "forall (k : list B) (H : length k = 0), k = nil", ["case k", "intros b; inversion H"])
    made = proof(
        "made",
        "forall u, foo u = 2",
        ["revert u", "apply K"],
        more={"origin": {"rule": "rw", "from": ["Lib.Some.File.innocent"]}},
    )
    also = proof(
        "also",
        "forall u, foo u = 3",
        ["elim u", "apply K2"],
        more={"origin": {"rule": "rw", "from": ["Coq.Lists.List.rev_app"]}},
    )
    same_place = proof("rev_app", "anything else", ["unfold rev", "exact I2"], file="Lists/List.v")
    data = dataset(tmp_path / "data.jsonl", copy, swapped, constant, binders, made, also, same_place)
    lines.write(tmp_path / "bench.jsonl", BENCHMARK)
    carried_out(curation([data], Settings(), [tmp_path / "bench.jsonl"]), tmp_path / "out")
    kept, removed = outcome(tmp_path / "out")
    assert kept == {"swapped", "constant"}
    copies = {record for record, reason in removed.items() if reason == "benchmark theorem"}
    assert {f"made-up/Some/File.v:Lib.Some.File.innocent#{number}" for number in range(3)} <= copies
    assert Counter(removed.values()) == {"benchmark theorem": 7, "derived from a benchmark theorem": 4}
    near = rows(tmp_path / "out" / "near.jsonl")
    assert [row["theorem"].rpartition(".")[2] for row in near] == ["swapped"]
    assert near[0]["benchmark"] == "bench.jsonl:Lists/List.v:rev_app"
    card = (tmp_path / "out" / "README.md").read_text()
    assert "| removed: benchmark theorem | 7 |" in card


def test_lean_files_are_benchmarks(tmp_path: Path) -> None:
    folder = tmp_path / "MiniF2F"
    folder.mkdir()
    (folder / "a.lean").write_text("import Mathlib\n\ntheorem sq (x : ℝ) (h : 0 < x) : x ^ 2 > 0 := by sorry\n")
    lean = {"schema": "lemmata.theorem/1", "system": "lean", "statement": "", "proof": "by positivity"}
    found = [
        {**lean, "name": "one", "statement": "lemma one : ∀ y : ℝ, 0 < y → y ^ 2 > 0"},
        {**lean, "name": "two", "statement": "lemma two : ∀ y : ℝ, 0 < y → y ^ 3 > 0"},
    ]
    data = dataset(tmp_path / "data.jsonl", found)
    carried_out(curation([data], Settings(near=2.0), [folder]), tmp_path / "out")
    assert [row["name"] for row in rows(tmp_path / "out" / "data.jsonl")] == ["two"]
    assert rows(tmp_path / "out" / "removed.jsonl")[0]["witness"] == "MiniF2F:sq"


def test_copies_trivial_steps_and_steps_without_effect(tmp_path: Path) -> None:
    base = library(3)
    again = proof("thm0_again", "forall y : apple0, apple y 0 -> apple (S y) = apple 0", [r["step"] for r in base[0]])
    trivial = proof("easy", "True \\/ False", ["left", "auto with core"])
    useful = proof("cites", "one = two", ["symmetry", "auto using some_lemma"])
    idle = proof("idle", "idle = 5", ["simpl", "apply idle_five"])
    idle[0]["after"] = [idle[0]["goal"]]
    repeated = proof("again", "again = 7", ["pose proof a", "apply b with 8", "exact c"])
    repeated += [{**repeated[2], "index": 3, "step": " exact   c"}]
    data = dataset(tmp_path / "data.jsonl", *base, again, trivial, useful, idle, repeated)
    summary = carried_out(curation([data], Settings(trivial_share=0.0)), tmp_path / "out")
    kept, removed = outcome(tmp_path / "out")
    by_theorem = {(record.rpartition(".")[2].partition("#")[0], reason) for record, reason in removed.items()}
    assert by_theorem == {
        ("thm0_again", "near duplicate"),
        ("easy", "closed by automation"),
        ("idle", "changes nothing"),
        ("again", "duplicate"),
    }
    assert {"cites", "easy", "idle", "again"} <= kept
    assert summary.counts["removed: near duplicate"] == 3
    assert summary.records + len(removed) == sum(map(len, [*base, again, trivial, useful, idle, repeated]))


def test_a_share_of_trivial_steps_stays(tmp_path: Path) -> None:
    proofs = [proof(f"t{number}", f"{number} = {number}", ["reflexivity"]) for number in range(400)]
    data = dataset(tmp_path / "data.jsonl", *proofs)
    summary = carried_out(curation([data], Settings(near=2.0, trivial_share=0.25)), tmp_path / "out")
    assert 70 < summary.records < 130


def test_balance_keeps_the_most_allowed_and_does_not_depend_on_the_order(tmp_path: Path) -> None:
    proofs = library(40)
    settings = Settings(most_per_head=12, most_per_file=5)
    found = []
    for name, order in (("a", proofs), ("b", proofs[::-1])):
        data = dataset(tmp_path / f"{name}.jsonl", *order)
        carried_out(curation([data], settings), tmp_path / name)
        kept = rows(tmp_path / name / "data.jsonl")
        assert max(Counter(row["step"].split()[0] for row in kept).values()) <= 12
        assert max(Counter(row["file"] for row in kept).values()) <= 5
        found.append({(row["theorem"], row["index"]) for row in kept})
    assert found[0] == found[1]
    assert len(found[0]) > 20


def test_difficulty_is_what_a_search_spent_or_the_length_of_the_proof(tmp_path: Path) -> None:
    keep_search(tmp_path / "store.db", "thm1", [GoalExpanded(node=0, prover="p", proposals=1, seconds=0.1)] * 15)
    data = dataset(tmp_path / "data.jsonl", *library(2))
    carried_out(curation([data], Settings(), store=tmp_path / "store.db"), tmp_path / "out")
    found = {(row["theorem"][-4:], row["difficulty"]) for row in rows(tmp_path / "out" / "data.jsonl")}
    assert found == {("thm0", 2.0), ("thm1", 4.0)}


def test_near_sets_are_found_and_confirmed() -> None:
    words = [f"w{number}" for number in range(60)]
    near = Near(0.8, seed=3)
    near.keep("first", shingles(words, 3))
    changed = [*words[:58], "other", "words"]
    assert near.nearest(shingles(changed, 3)) == ("first", overlap(shingles(words, 3), shingles(changed, 3)))
    half = [*words[:30], *(f"v{number}" for number in range(30))]
    assert near.nearest(shingles(half, 3)) is None
    assert near.nearest(shingles([], 3)) is None


def test_wrong_settings_and_benchmarks_are_refused(tmp_path: Path) -> None:
    data = dataset(tmp_path / "data.jsonl", *library(2))
    for settings in (
        Settings(near=0.0),
        Settings(trivial_share=1.5),
        Settings(near_benchmark=0.0),
        Settings(most_per_head=0),
    ):
        with pytest.raises(UsageError):
            curation([data], settings)
    (tmp_path / "bad.jsonl").write_text('{"name": "x"}\n')
    with pytest.raises(InputError) as caught:
        list(read([tmp_path / "bad.jsonl"]))
    assert str(caught.value).startswith(f"{tmp_path / 'bad.jsonl'}:1: error: the theorem has no 'statement'; ")
    with pytest.raises(InputError, match="no theorems"):
        list(read([tmp_path]))
    with pytest.raises(InputError):
        curation([data], Settings(), [tmp_path / "missing.jsonl"])
