from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isabelle_exports import Said, element, export

from checkers.isabelle.steps import plain
from corpora.extract import isabelle
from corpora.isabelle import exported, yxml
from corpora.isabelle.proofs import plain as without_comments
from corpora.isabelle.proofs import state
from corpora.records import step_record
from corpora.stages.task import Part
from lemmata.cli.main import run
from lemmata.errors import InputError

PROVE, STATE = "proof (prove)", "proof (state)"
NIL = "xs @ [] = xs"
CASES = [r"\<And>a xs. xs @ [] = xs \<Longrightarrow> (a # xs) @ [] = a # xs", "[] @ [] = []"]


def goals(*texts: str, mode: str = PROVE, facts: tuple[str, ...] = (), count: int = 0) -> str:
    given = "".join(["using this:\n", *(f"  {fact}\n" for fact in facts), "\n"]) if facts else ""
    if not texts:
        return f"{mode}\n{given}goal:\nNo subgoals!"
    number = count or len(texts)
    listed = "\n".join(f" {i}. {text}" for i, text in enumerate(texts, 1))
    return f"{mode}\n{given}goal ({number} subgoal{'s' * (number > 1)}):\n{listed}"


HEAD = [Said("theory Demo imports Main begin", behind="\n\n")]
APPEND = [
    Said('lemma <<app_nil|Demo.app_nil>> [simp]: "xs @ [] = (xs :: \'a list)"', goals(NIL)),
    Said("apply (induct xs)", goals(*CASES)),
    Said("apply (simp add: [[append.simps|List.append.simps]] [[IH|local.IH]])", goals(CASES[1])),
    Said(r"text \<open>So far, so good.\<close>", kind="document_body"),
    Said("using [[refl|HOL.refl]]", goals(CASES[1], facts=("?t = ?t",))),
    Said("apply (* the rest *) simp", goals()),
    Said("thm refl", kind="diag"),
    Said("done"),
]
STRUCTURED = [
    Said(r'theorem "A \<and> B \<Longrightarrow> B \<and> A"', goals(r"A \<and> B \<Longrightarrow> B \<and> A")),
    Said("proof (rule [[conjI|HOL.conjI]])", goals(r"A \<and> B \<Longrightarrow> B", "C", mode=STATE)),
    Said(r'assume h: "A \<and> B"', goals("B", mode=STATE)),
    Said('show "B"', goals("B"), behind=" (* easy *)\n"),
    Said("using h", goals("B", facts=(r"A \<and> B",))),
    Said("by (rule [[conjunct2|HOL.conjunct2]])", goals("C", mode=STATE)),
    Said("qed auto"),
]


def extracted(folder: Path) -> list[Part]:
    _, tasks = isabelle.stage([folder], "jsonl")
    return [isabelle.extract(task) for task in tasks]


def steps(folder: Path) -> list[dict[str, Any]]:
    return [dict(record) for part in extracted(folder) for record in part.records]


def test_a_script_gives_a_record_for_each_of_its_methods(tmp_path: Path) -> None:
    export(tmp_path, "Lists.Demo", [*HEAD, *APPEND, Said("end")], file="~~/src/HOL/Demo.thy")
    first, second, facts, last = steps(tmp_path)
    assert [one["step"] for one in (first, second, facts, last)] == [
        "apply (induct xs)",
        "apply (simp add: append.simps IH)",
        "using refl",
        "apply simp",
    ]
    assert first["goal"].endswith(NIL)
    assert [goal.endswith(case) for goal, case in zip(first["after"], CASES, strict=True)] == [True, True]
    # The other goal is not the step's own.
    assert second["conclusion"] == CASES[0]
    assert second["after"] == []
    assert second["premises"] == ["List.append.simps"]
    assert last["hypotheses"] == [["this(1)", "?t = ?t"]]
    assert facts["after"] == [last["goal"]]
    assert last["after"] == []
    for one in (first, second, facts, last):
        assert (one["theorem"], one["package"], one["file"]) == ("Demo.app_nil", "Lists", "src/HOL/Demo.thy")
        assert one["statement"] == 'lemma app_nil [simp]: "xs @ [] = (xs :: \'a list)"'
        assert one["steps"] == 5
        assert step_record(one).to_json() == one
        assert plain(one["step"]) == one["step"]
    assert [one["line"] for one in (first, second, facts, last)] == [4, 5, 7, 8]


def test_a_structured_proof_is_a_step_and_so_is_what_is_in_it(tmp_path: Path) -> None:
    export(tmp_path, "Demo", [*HEAD, *STRUCTURED, Said("end")])
    whole, using, by = steps(tmp_path)
    assert whole["step"].splitlines()[0] == "proof (rule conjI)"
    assert whole["step"].splitlines()[-1] == "qed auto"
    assert "easy" not in whole["step"]
    assert (whole["after"], whole["premises"]) == ([], ["HOL.conjI", "HOL.conjunct2"])
    assert whole["theorem"] == "Demo.theorem@3"
    assert (using["step"], by["step"]) == ("using h", "by (rule conjunct2)")
    assert (by["conclusion"], by["hypotheses"], by["after"]) == ("B", [["this(1)", r"A \<and> B"]], [])
    assert (whole["index"], using["index"], by["index"]) == (0, 3, 4)


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ([Said("lemma t: A", goals("A", "B")), Said("by auto")], "it changes other goals as well"),
        ([Said("lemma t: A", goals("A", "B")), Said("apply auto", goals()), Said("done")], "it changes other goals"),
        ([Said("lemma t: A", goals("A")), Said("apply auto", goals("A")), Said("by x")], "it changes nothing"),
        ([Said("lemma t: A", goals("A", "B", count=12)), Said("apply simp", goals()), Said("done")], "not all goals"),
        ([Said("lemma t: A", goals("A")), Said("apply (tactic x)", goals()), Said("done")], "no plain step"),
        ([Said("lemma t: A", goals("A")), Said("back", goals("B")), Said("by x")], "no plain step"),
        ([Said("lemma t: A", goals("A")), Said("apply simp", "nonsense"), Said("done")], "what it leaves is not shown"),
        ([Said("lemma t: A", goals("A" * 20_000)), Said("by simp")], "a goal is too long"),
    ],
)
def test_what_is_no_step_on_one_goal_is_counted(tmp_path: Path, commands: list[Said], reason: str) -> None:
    export(tmp_path, "Demo", [*HEAD, *commands, Said("end")])
    (part,) = extracted(tmp_path)
    assert any(name.startswith(f"steps left out: {reason}") for name in part.counts), part.counts


@pytest.mark.parametrize("last", ["sorry", "oops", r"\<proof>"])
def test_what_was_given_up_is_no_proof(tmp_path: Path, last: str) -> None:
    commands = [Said("lemma t: A", goals("A")), Said("apply simp", goals("B")), Said(last)]
    export(tmp_path, "Demo", [*HEAD, *commands, *APPEND, Said("end")])
    (part,) = extracted(tmp_path)
    assert part.counts["proofs given up by their authors"] == 1
    assert {record["theorem"] for record in part.records} == {"Demo.app_nil"}


def test_a_hole_within_a_proof_makes_it_none(tmp_path: Path) -> None:
    commands = [*STRUCTURED[:4], Said("sorry", goals("C", mode=STATE)), Said("qed")]
    export(tmp_path, "Demo", [*HEAD, *commands, Said("end")])
    (part,) = extracted(tmp_path)
    assert (list(part.records), part.counts["proofs given up by their authors"]) == ([], 1)


def test_goals_that_share_an_unknown_are_one(tmp_path: Path) -> None:
    commands = [
        Said("lemma t: A", goals("A")),
        Said("apply (rule exI)", goals("P ?x", "Q ?x")),
        Said("apply simp", goals()),
    ]
    export(tmp_path, "Demo", [*HEAD, *commands, Said("done"), Said("end")])
    first, second = steps(tmp_path)
    assert len(first["after"]) == 1
    assert first["after"] == [second["goal"]]
    assert second["conclusion"] == "P ?x\n\nQ ?x"


def test_symbols_count_once_however_they_are_written(tmp_path: Path) -> None:
    remark = Said(r"text \<open>\<alpha>\<beta>\<gamma> — 𝒜 ∀\<close>", kind="document_body")
    export(tmp_path, "Demo", [*HEAD, remark, Said("lemma t: ‹∀x. A›", goals("∀x. A")), Said("by simp"), Said("end")])
    (one,) = steps(tmp_path)
    assert one["conclusion"] == r"\<forall>x. A"
    assert one["statement"] == r"lemma t: \<open>\<forall>x. A\<close>"


def test_a_build_without_states_is_told_of(tmp_path: Path) -> None:
    export(tmp_path, "Bare.Demo", [Said("lemma t: A"), Said("by simp")])
    export(tmp_path, "Bare.Empty", [Said("definition x"), Said("end")])
    demo, empty = extracted(tmp_path)
    assert "show_states" in demo.failures[0].reason
    assert not empty.failures


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export(tmp_path / "exported", "Lists.Demo", [*HEAD, *APPEND, Said("end")])
    broken = export(tmp_path / "exported", "Lists.Broken", APPEND) / "PIDE" / "markup"
    broken.write_bytes(b"(\xb5/\xfd")
    arguments = ["corpus", "extract", "isabelle", str(tmp_path / "exported"), "--out", str(tmp_path / "out"), "--json"]
    for again in range(2):
        run(arguments)
        told = json.loads(capsys.readouterr().out)
        assert (told["records"], told["tasks"]["already"]) == (4, 2 * again)
        assert told["reasons"] == {"the exports cannot be read": 1}
    assert run([*arguments[:3], str(tmp_path / "out"), "--out", str(tmp_path / "none")]) != 0


def test_a_folder_without_exports_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no exports"):
        isabelle.stage([tmp_path], "jsonl")
    with pytest.raises(InputError, match="no such"):
        isabelle.stage([tmp_path / "none"], "jsonl")


def test_comments_are_no_part_of_a_step() -> None:
    text = "apply (* a (* nested *) one *) (simp\n  \\<comment> \\<open>why\\<close>\n  add: x)"
    assert without_comments(text) == "apply  (simp\n  add: x)"
    assert (
        without_comments(r'by (simp add: "\<comment>" \<open>x\<close>)')
        == r'by (simp add: "\<comment>" \<open>x\<close>)'
    )


def block(indent: int, *parts: str) -> str:
    return element("block", "".join(parts), indent=indent)


@pytest.mark.parametrize("newline", ["\n", element("fbreak", " ")], ids=["text", "element"])
def test_lines_within_blocks_are_indented_as_isabelle_does(newline: str) -> None:
    facts = block(2, "using this:", newline, block(2, "Q", newline, "R"), newline, "P")
    goal = block(0, " 1. ", block(2, "do {", newline, "x <- a;", newline, "b x", newline, "}"), " = c")
    source = element(
        "state_message", f"proof (prove){newline}{facts}{newline}{newline}goal (1 subgoal):{newline}{goal}"
    )
    ((_, text),) = yxml.bodies(source)
    assert text.splitlines() == [
        "proof (prove)",
        "using this:",
        "  Q",
        "    R",
        "  P",
        "",
        "goal (1 subgoal):",
        " 1. do {",
        "      x <- a;",
        "      b x",
        "      } = c",
    ]
    shown = state(text).shown
    assert shown is not None
    assert (shown.goals, shown.facts) == (("do { x <- a; b x } = c",), ("Q R", "P"))


def test_states_of_other_files_are_passed_over(tmp_path: Path) -> None:
    made = export(tmp_path, "Lists.Demo", [Said("lemma t: A", goals("A")), Said("by simp")], file="~~/x/Demo.thy")
    told = {"offset": 1, "serial": 99}
    for file in ("~~/x/other.ML", "Other.thy"):
        with (made / "PIDE" / "messages").open("a") as messages:
            messages.write(element("state_message", goals("EVIL"), file=file, **told))
    assert [one["conclusion"] for one in steps(tmp_path)] == ["A"]


def test_a_folder_may_be_called_anything(tmp_path: Path) -> None:
    made = export(tmp_path, "Lists.Demo", [Said("lemma t: A", goals("A")), Said("by simp")])
    made.rename(os.fsdecode(os.fsencode(tmp_path) + b"/Lists.\xff"))
    (part,) = extracted(tmp_path)
    json.dumps([dict(record) for record in part.records], ensure_ascii=False).encode()


TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x05\x06"), max_size=8)
TREES = st.recursive(
    TEXT, lambda inner: st.tuples(st.sampled_from(["a", "b", "xml_elem"]), st.lists(inner, max_size=3)), max_leaves=12
)


def written(tree: Any) -> str:
    return tree if isinstance(tree, str) else element(tree[0], "".join(map(written, tree[1])), k="v", xml_name="w=x")


def content(tree: Any) -> str:
    return tree if isinstance(tree, str) else "".join(map(content, tree[1]))


@given(st.lists(TREES, max_size=4))
def test_trees_are_read_back(trees: list[Any]) -> None:
    source = "".join(map(written, trees))
    found = list(yxml.events(source))
    assert "".join(event for event in found if isinstance(event, str)) == "".join(map(content, trees))
    opened = [event for event in found if isinstance(event, yxml.Element)]
    assert len(opened) == sum(isinstance(event, yxml.End) for event in found)
    assert all(event.properties == {"k": "v", "xml_name": "w=x"} for event in opened)
    told = [(one.name, text) for one, text in yxml.bodies(source)]
    # No element of these is a block, which would indent lines.
    assert told == [("w=x" if t[0] == "xml_elem" else t[0], content(t)) for t in trees if not isinstance(t, str)]


@given(st.text(st.sampled_from("\x05\x06ab= \n"), max_size=40), st.text(st.sampled_from("\x05\x06state_mg =1")))
def test_whatever_is_in_the_exports_it_is_read_or_refused(markup: str, messages: str) -> None:
    for source in (markup, messages):
        try:
            list(yxml.events(source))
            list(yxml.bodies(source))
        except ValueError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    "source", ["\x05\x06\x05", "\x05\x06a\x05", "\x05\x06a=b\x05\x05\x06\x05", "\x05\x06a\x06b\x05\x05\x06\x05"]
)
def test_what_is_no_tree_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"element|property"):
        list(yxml.events(source))


def test_deep_trees_and_wide_breaks_do_no_harm(tmp_path: Path) -> None:
    deep = "\x05\x06a\x05" * 200_000 + "x" + "\x05\x06\x05" * 200_000
    assert [event for event in yxml.events(deep) if isinstance(event, str)] == ["x"]
    blocks = "\x05\x06block\x06indent=999\x05" * 10_000 + "\n" * 1000 + "\x05\x06\x05" * 10_000
    ((_, text),) = yxml.bodies(blocks)
    assert len(text) < 2_000_000
    with pytest.raises(ValueError, match="width"):
        list(yxml.events(element("break", width=10**9)))


@pytest.mark.parametrize("offset", ["0", "-1", "9" * 8, "9" * 400, "x", "²", ""])
def test_messages_from_nowhere_are_passed_over(tmp_path: Path, offset: str) -> None:
    made = export(tmp_path, "Demo", [Said("lemma t: A"), Said("by simp")])
    (made / "PIDE" / "messages").write_text(element("state_message", goals("A"), offset=offset))
    (theory,) = exported.theories(tmp_path)
    states = [span.state for span in exported.read(theory).spans]
    assert states == ["", ""]
