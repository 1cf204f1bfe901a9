"""What is told from F* source text alone: tokens, declarations, holes, steps, artefacts, options."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from recorded_fstar import FOLDER, needs_fixtures

from checkers.fstar import artefact, fragments, installation, scan, signature
from checkers.fstar.checker import FstarChecker
from checkers.fstar.declarations import read
from checkers.fstar.lexer import code, tokens
from checkers.fstar.options import in_force
from checkers.fstar.project import flags
from checkers.fstar.scan import HoleKind
from checkers.fstar.steps import NotABody, understand
from checkers.process import Supervisor
from lemmata.errors import BackendMissing, InputError, LemmataError, UnsupportedError
from lemmata.goal import Obligation
from lemmata.protocols import Catalogue, Equipped, Patcher, Scripted, Selector
from lemmata.step import Step

LEMMAS = """\
(* A file with every sort of hole. *)
module Lemmas

open FStar.List.Tot

val plus_zero : n:nat -> Lemma (n + 0 == n)
let plus_zero n = admit ()

let rec app_nil (#a:Type) (l:list a) : Lemma (ensures l @ [] == l) =
  match l with
  | [] -> admit ()
  | _ :: tl -> app_nil tl; admit ()

val undefined_ : x:int -> y:int{y > x} -> Tot int

assume val oracle : nat -> bool

let half (n:nat{n % 2 = 0}) : nat =
  assume (n / 2 >= 0);
  n / 2

let proved (n:nat) : Lemma (n >= 0) = ()

let no_type x = x + 1
"""


def names(text: str, file: str = "Lemmas.fst") -> list[str]:
    return [hole.name for hole in scan.open_holes(scan.scan(text, file))]


def obligations(path: Path, options: dict[str, str] | None = None) -> list[Obligation]:
    async def run() -> list[Obligation]:
        async with Supervisor() as supervisor:
            return await FstarChecker(supervisor).obligations(path, options or {})

    return asyncio.run(run())


def test_every_sort_of_hole_is_found_where_it_is(tmp_path):
    file = tmp_path / "Lemmas.fst"
    file.write_text(LEMMAS)
    found = obligations(file)
    assert [(o.name, o.location.line, o.location.column) for o in found] == [
        ("plus_zero", 7, 19),
        ("app_nil#1", 11, 11),
        ("app_nil#2", 12, 28),
        ("undefined_", 14, 1),
        ("oracle", 16, 1),
        ("half", 19, 3),
    ]
    assert all(o.system == "fstar" and o.source == LEMMAS for o in found)


def test_the_catalogue_has_what_is_proved_too(tmp_path):
    found = [h.name for h in scan.catalogue(scan.scan(LEMMAS, "Lemmas.fst"))]
    assert found == ["plus_zero", "app_nil#1", "app_nil#2", "undefined_", "oracle", "half", "proved"]


@pytest.mark.parametrize(
    ("selector", "name", "kind"),
    [
        ("plus_zero", "plus_zero", HoleKind.ADMIT),
        ("plus_zero#1", "plus_zero", HoleKind.ADMIT),
        ("app_nil", "app_nil", HoleKind.DEFINITION),
        ("app_nil#2", "app_nil#2", HoleKind.ADMIT),
        ("proved", "proved", HoleKind.DEFINITION),
        ("proved@22", "proved", HoleKind.DEFINITION),
        ("undefined_", "undefined_", HoleKind.VAL),
        ("oracle", "oracle", HoleKind.ASSUME_VAL),
        ("half", "half", HoleKind.ASSUME),
    ],
)
def test_selectors(selector, name, kind):
    _, hole = scan.find(LEMMAS, selector, "Lemmas.fst")
    assert (hole.name, hole.kind) == (name, kind)


@pytest.mark.parametrize("selector", ["plus_zer", "app_nil#3", "no_type", "proved@3", "", "#", "@", "x" * 1000])
def test_selectors_of_nothing_are_errors(selector):
    with pytest.raises(InputError):
        scan.find(LEMMAS, selector, "Lemmas.fst")


def test_a_near_miss_is_suggested():
    with pytest.raises(InputError) as failure:
        scan.find(LEMMAS, "plus_zer", "Lemmas.fst")
    assert "plus_zero" in failure.value.hint


def test_names_that_are_given_twice_are_told_apart_by_their_lines():
    text = "module M\nlet a : int = admit ()\nlet a : int = admit ()\n"
    assert names(text, "M.fst") == ["a@2", "a@3"]
    assert scan.find(text, "a@3", "M.fst")[1].line == 3
    with pytest.raises(InputError, match="ambiguous"):
        scan.find(text, "a", "M.fst")


def test_instances_and_definitions_without_a_name_have_holes_too():
    text = "module M\ninstance i : c int = { x = admit () }\nlet _ = assert (1 == 1); admit ()\n"
    assert names(text, "M.fst") == ["i", "_@3"]
    assert put("i", "1 + 1", source=text) == text.replace("admit () }", "(1 + 1) }")
    assert put("_@3", "()", source=text).endswith("; ()\n")


def test_an_interface_needs_no_definitions():
    text = "module M\nval f : int -> int\nlet g : int = admit ()\n"
    assert names(text, "M.fsti") == ["g"]
    assert names(text, "M.fst") == ["f", "g"]


TOKENS = {
    '(* admit () (* nested *) " *) x': ["x"],
    "(*) *) x": ["x"],
    "(**) x": ["x"],
    "x // admit ()\ny": ["x", "y"],
    "x // admit ()\ry": ["x", "y"],
    "x //\u2028y": ["x", "y"],
    "x // IN F*: admit ()": ["x", "admit", "(", ")"],
    "a +// comment\nb": ["a", "+", "b"],
    "a \\// b": ["a", "\\/", "/", "b"],
    "a /\\// c\nb": ["a", "/\\", "b"],
    '"(* \\" //" x': ['"(* \\" //"', "x"],
    '"\\\\" x': ['"\\\\"', "x"],
    "'\"' '(' '\\'' 'a 'a' x'": ["'\"'", "'('", "'\\''", "'a", "'a'", "x'"],
    "``admit`` x": ["admit", "x"],
    "x `mem` y": ["x", "`", "mem", "`", "y"],
    "[@@ attr] [@@@ x]": ["[@@", "attr", "]", "[@@@", "x", "]"],
    "x:int{x=1}": ["x", ":", "int", "{", "x", "=", "1", "}"],
    "f #a x == 0x1Fuy": ["f", "#", "a", "x", "==", "0x1Fuy"],
    "\ufeffmodule\xa0M": ["module", "M"],
}


@pytest.mark.parametrize("text", TOKENS)
def test_tokens_are_those_of_fstar(text):
    assert [token.text for token in code(text)] == TOKENS[text]


@pytest.mark.parametrize(
    ("text", "line", "column"), [("\n (* x", 2, 2), ('a "b', 1, 3), ("``b", 1, 1), ("(* (* *)", 1, 1)]
)
def test_what_does_not_end_is_an_error_with_its_place(text, line, column):
    with pytest.raises(InputError) as failure:
        scan.scan(text, "M.fst")
    assert failure.value.location is not None
    assert (failure.value.location.file, failure.value.location.line, failure.value.location.column) == (
        "M.fst",
        line,
        column,
    )


DECLARATIONS = {
    "let a = let b = 1 in b let c = 2": ["let a", "let c"],
    "let a =\nlet b = 1 in\nb\nlet c = 2": ["let a", "let c"],
    "let f x = g x; let y = 1 in y\nlet z = 1": ["let f", "let z"],
    "let rec f x = g x\nand g x = f x\nval h : int": ["let f g", "val h"],
    "let f x = let rec g y = h y and h y = g y in g x": ["let f"],
    "let f x = [@@inline_let] let y = 1 in y\n[@@attr]\nlet z = 1": ["let f", "let z"],
    "type t = | A : int -> t | B\nand u = t\nlet x = A": ["type", "let x"],
    "let ( + ) a b = a\nlet (a, b) = x": ["let +", "let "],
    "private inline_for_extraction let f x = 1\nunfold let g = 2": ["let f", "let g"],
    "open A open B let open_ = let open C in 1": ["open", "open", "let open_"],
    "assume val f : int assume type t assume Foo : x": ["assume val f", "assume type", "assume"],
    '#push-options "--fuel 1"\nlet f = 1\n#pop-options': ["pragma", "let f", "pragma"],
    "let f = begin match x with | A -> 1 end let g = 1": ["let f", "let g"],
    "let f (x:int{x = 1}) : (y:int{y = 2}) = 3": ["let f"],
    "let f = eliminate a \\/ b returns c with x. d\n  and y. e\nlet g = 1": ["let f", "let g"],
    "let f = (1\nval g : int": ["let f", "val g"],
    "class c a = { x : a } instance i : c int = { x = 1 }": ["class", "instance i"],
    "%splice[f] (tac ())\nlet g = 1": ["unknown", "let g"],
}


@pytest.mark.parametrize("text", DECLARATIONS)
def test_declarations(text):
    found = [" ".join([d.kind, *(b.name for b in d.bindings)]) for d in read(text).declarations]
    assert found == DECLARATIONS[text]


@given(
    st.text(alphabet=st.sampled_from(list("admit() assume let=\n\"'`(*)/#[@]{}|;-><x:")) | st.characters(), max_size=80)
)
@example("let a = (*")
@example("#lang-pulse")
@example("val " * 5)
def test_any_text_is_read_or_refused_with_its_place(text):
    try:
        scanned = scan.scan(text, "M.fst")
    except InputError as error:
        assert error.location is not None
        assert error.location.file == "M.fst"
        assert error.location.line >= 1
        return
    found = scanned.source.tokens
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(t.quoted or text[t.start : t.end] == t.text for t in found)
    covered = [(d.first, d.last) for d in scanned.source.declarations]
    assert [a for a, _ in covered] == [0, *(b for _, b in covered[:-1])][: len(covered)]
    for hole in scan.catalogue(scanned):
        assert 0 <= hole.start <= hole.end <= len(text)
        fragments.cut(scanned, hole)
        signature.of_hole(scanned, hole)
        signature.statement(scanned, hole)


@given(
    st.text(
        alphabet=st.sampled_from(list("admit() let in x=\n;|->[]{}\"'`*/#@&begin end")) | st.characters(), max_size=60
    )
)
@example("admit ()")
@example('#push-options "--fuel 1"\n()')
def test_any_step_is_taken_or_refused_and_what_is_taken_comes_back(text):
    try:
        body = understand(text)
    except NotABody:
        return
    assert understand(body.text).text == body.text
    for name in ("plus_zero", "app_nil#2", "undefined_", "oracle", "proved"):
        scanned, hole = scan.find(LEMMAS, name, "Lemmas.fst")
        if body.holes:
            continue
        whole = artefact.put(scanned, hole, body)
        _, again = artefact.take_apart(LEMMAS, hole, whole, "Lemmas.fst")
        assert again.options == body.options


@pytest.mark.parametrize(
    "text", ["(* " * 50_000, "(" * 100_000, "let x = " * 20_000, "[@@" * 50_000, "``" * 30_000, '"\\' * 40_000]
)
def test_huge_nests_do_not_break_it(text):
    for read_it in (lambda: scan.scan(text, "M.fst"), lambda: understand(text)):
        with contextlib.suppress(LemmataError):
            read_it()


def test_other_languages_are_refused_with_their_place():
    with pytest.raises(UnsupportedError) as failure:
        scan.scan("module M\n#lang-pulse\nfn f () {}\n", "M.fst")
    assert failure.value.location is not None
    assert failure.value.location.line == 2


def put(name: str, *steps: str, source: str = LEMMAS) -> str:
    scanned, hole = scan.find(source, name, "Lemmas.fst")
    whole = artefact.artefact(source, hole, [Step(text) for text in steps], "Lemmas.fst")
    artefact.take_apart(source, hole, whole, "Lemmas.fst")
    assert signature.statement(scanned, hole)
    return whole


def test_artefacts_are_the_source_with_the_body_in_its_place():
    assert put("plus_zero", "()") == LEMMAS.replace("plus_zero n = admit ()", "plus_zero n = ()")
    assert put("app_nil#1", "()") == LEMMAS.replace("[] -> admit ()", "[] -> ()")
    assert "app_nil tl; (assert True;\n    ())\n" in put("app_nil#2", "assert True;\n()")
    assert "let undefined_ x y =\n  x + y\n" in put("undefined_", "x + y")
    assert "let rec undefined_ x y =\n  undefined_ y x\n" in put("undefined_", "undefined_ y x")
    assert "\nval oracle : nat -> bool\nlet oracle x =\n  x = 0\n" in put("oracle", "x = 0")
    assert "\n  assert (n / 2 >= 0);\n" in put("half", "()")
    assert "\n  (assert (n >= 0);\n  assert (n / 2 >= 0));\n" in put("half", "assert (n >= 0)")
    assert put("proved", "assert (n >= 0)").replace("=\n  assert (n >= 0)", "= ()") == LEMMAS


def test_steps_fill_the_holes_of_those_before_them():
    split = "match l with\n| [] -> admit ()\n| hd :: tl -> admit ()"
    whole = put("app_nil", split, "()", "if hd = hd then admit () else admit ()", "app_nil tl", "()")
    assert "=\n  match l with\n  | [] -> ()\n  | hd :: tl -> (if hd = hd then app_nil tl else ())\n" in whole, whole
    for steps in ([split], [split, "()"], [split, "()", "()", "()"], []):
        with pytest.raises(NotABody):
            put("app_nil", *steps)


def test_options_stand_around_the_definition():
    whole = put("plus_zero", '#push-options "--z3rlimit 50  --fuel 3"\n()')
    assert '\n#push-options "--fuel 3 --z3rlimit 50"\nlet plus_zero n = ()\n#pop-options\n' in whole
    scanned, hole = scan.find(LEMMAS, "plus_zero", "Lemmas.fst")
    assert whole.startswith(scanned.source.text[: scanned.source.start(scanned.declaration(hole))])


def test_signatures():
    text = (
        "module M\n"
        "val f : #a:Type -> (l:list a) -> int -> _:nat{True} -> Lemma (requires l == l) (ensures (fun _ -> True))\n"
        "let g (x y:nat) (#z:int) w : Tot nat = x\n"
    )
    scanned, hole = scan.find(text, "f", "M.fst")
    found = signature.of_hole(scanned, hole)
    assert [(p.name, p.type, p.implicit) for p in found.parameters] == [
        ("a", "Type", True),
        ("l", "list a", False),
        ("x", "int", False),
        ("x0", "nat{True}", False),
    ]
    assert found.result.startswith("Lemma (requires")
    scanned, hole = scan.find(text, "g", "M.fst")
    found = signature.of_hole(scanned, hole)
    assert [(p.name, p.type, p.implicit) for p in found.parameters] == [
        ("x", "nat", False),
        ("y", "nat", False),
        ("z", "int", True),
        ("w", "", False),
    ]
    assert found.result == "Tot nat"


def test_the_interface_may_state_the_type():
    text, interface = "module M\nlet f x = admit ()\n", "module M\nval f : n:nat -> Lemma (n >= 0)\n"
    scanned, hole = scan.find(text, "f", "M.fst")
    found = signature.of_hole(scanned, hole, interface)
    assert [(p.name, p.type) for p in found.parameters] == [("x", "nat")]
    assert found.result == "Lemma (n >= 0)"
    assert signature.statement(scanned, hole, interface) == "val f : n:nat -> Lemma (n >= 0)\nlet f x"
    assert signature.statement(scanned, hole, "(* ") == "let f x"


@needs_fixtures
def test_recorded_files_are_cut_as_they_were_pushed():
    text = (FOLDER / "integration.fst").read_text("utf-8")
    scanned, hole = scan.find(text, "xx", "Integration.fst")
    cut = fragments.cut(scanned, hole)
    assert [(f.line, f.column, f.text) for f in cut.above[:2]] == [
        (1, 0, "module Integration\n"),
        (2, 0, "\nlet xxxxxx = 1\n"),
    ]
    assert (cut.target.line, cut.target.text) == (10, "\nlet xx : nat = 2\n")
    assert "".join(f.text for f in cut.above) + cut.target.text == text[: cut.target.end]


def test_options_in_force():
    text = (
        'module M\n#set-options "--fuel 1"\n#push-options "--z3rlimit 20 --z3version 4.13.3"\nlet a : int = 1\n'
        '#pop-options\nlet b : int = 1\n#reset-options "--ifuel 2"\nlet c : int = 1\n'
    )
    source = read(text)
    at = [in_force(source, text.index(f"let {name}")) for name in "abc"]
    assert at == [
        [["--fuel", "1"], ["--z3rlimit", "20", "--z3version", "4.13.3"]],
        [["--fuel", "1"]],
        [["--ifuel", "2"]],
    ]


def test_the_nearest_configuration_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("KRML", "/opt/krml")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "T.fst.config.json").write_text(json.dumps({"options": ["--z3rlimit", "7"]}))
    assert flags(inner / "M.fst").arguments == ("--z3rlimit", "7")
    config = {"options": ["--include", "$KRML/lib"], "include_dirs": ["..", "${KRML}/more", "/abs"]}
    (inner / "T.fst.config.json").write_text(json.dumps(config))
    assert flags(inner / "M.fst").includes == ("/opt/krml/lib", str(tmp_path / "a"), "/opt/krml/more", "/abs")


@pytest.mark.parametrize("text", ["[]", "{", '{"options": "x"}', '{"include_dirs": [1]}', "\0", "[" * 100_000])
def test_a_broken_configuration_is_an_error_with_its_place(tmp_path, text):
    (tmp_path / "T.fst.config.json").write_text(text)
    with pytest.raises(InputError) as failure:
        flags(tmp_path / "M.fst")
    assert failure.value.location is not None
    assert failure.value.location.file.endswith("T.fst.config.json")


def test_obligations_are_self_contained(tmp_path):
    file = tmp_path / "M.fst"
    file.write_text("module M\nlet a : int = admit ()\n")
    file.with_suffix(".fsti").write_text("module M\nval a : int\n")
    (tmp_path / "T.fst.config.json").write_text(json.dumps({"options": ["--z3version", "4.8.5"]}))
    (found,) = obligations(file, {"allow_axioms": '["x"]'})
    assert found.option("interface") == "module M\nval a : int\n"
    assert json.loads(found.option("flags"))["arguments"] == ["--z3version", "4.8.5"]
    assert found.option("allow_axioms") == '["x"]'
    assert list(found.options) == sorted(found.options)


def test_what_it_offers():
    checker = FstarChecker(Supervisor())
    for protocol in (Selector, Catalogue, Scripted, Patcher, Equipped):
        assert isinstance(checker, protocol)
    _, hole = scan.find(LEMMAS, "plus_zero", "Lemmas.fst")
    obligation = Obligation("fstar", "plus_zero", LEMMAS, _location(hole))
    assert checker.statement(obligation) == "val plus_zero : n:nat -> Lemma (n + 0 == n)\nlet plus_zero n"
    assert checker.script(obligation, [Step("()")]) == "()"


def _location(hole):
    from lemmata.errors import Location

    return Location("Lemmas.fst", hole.line, hole.column)


def program(folder: Path, version: str, name: str = "fstar.exe") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{version}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def _bare(monkeypatch, tmp_path):
    monkeypatch.delenv("FSTAR_EXE", raising=False)
    monkeypatch.delenv("FSTAR_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


@pytest.mark.usefixtures("_bare")
def test_fstar_is_found_where_it_is_said_to_be(tmp_path, monkeypatch):
    with pytest.raises(BackendMissing) as missing:
        installation.find()
    assert "opam install fstar" in missing.value.hint
    on_path = program(tmp_path / "path", "echo 'F* 2024.09.05~dev'")
    program(tmp_path / "path", "true", "z3-4.13.3")
    program(tmp_path / "path", "true", "z3")
    found = installation.find()
    assert (found.program, found.version, found.solvers) == (str(on_path), "2024.09.05", ("z3", "z3-4.13.3"))
    home = program(tmp_path / "home" / "bin", "echo 'F* 2025.10.06'")
    program(tmp_path / "home" / "lib" / "fstar" / "z3-4.8.5" / "bin", "true", "z3")
    monkeypatch.setenv("FSTAR_HOME", str(tmp_path / "home"))
    assert installation.find().program == str(home)
    assert "z3-4.8.5" in installation.find().solvers
    named = program(tmp_path / "named", "echo 'F* 2026.01.01'", "my-fstar")
    monkeypatch.setenv("FSTAR_EXE", str(named))
    assert installation.find().version == "2026.01.01"


@pytest.mark.usefixtures("_bare")
@pytest.mark.parametrize("script", ["exit 1", "echo nothing", "echo 'F* 0.9.7.0-alpha1'", "echo 'F* 2022.12.31'"])
def test_an_fstar_that_is_no_use_is_missing(tmp_path, monkeypatch, script):
    monkeypatch.setenv("FSTAR_EXE", str(program(tmp_path / "x", script)))
    with pytest.raises(BackendMissing) as missing:
        installation.find()
    assert missing.value.hint

    async def run() -> None:
        checker = FstarChecker(Supervisor())
        said = await checker.probe()
        assert not said.available
        assert "2023.4" in said.detail
        assert said.install
        (tool, *_) = await checker.tools()
        assert (tool.name, tool.ok) == ("fstar.exe", False)
        assert tool.install

    asyncio.run(run())


def test_tokens_with_comments_cover_the_text():
    text = "let a = 1 (* x *) // y\nlet b = 2"
    kinds = [token.kind for token in tokens(text)]
    assert kinds.count("comment") == 2


def test_many_vals_are_each_found_at_once():
    text = "module A\n" + "".join(f"val foo{i} : x:int -> Lemma (x == x)\n" for i in range(2000))
    began = time.monotonic()
    for hole in scan.scan(text, "A.fst").holes:
        assert scan.find(text, hole.name, "A.fst")[1] == hole
    assert time.monotonic() - began < 5


def test_a_hint_lists_few_candidates():
    with pytest.raises(InputError) as refused:
        scan.find("module A\n" + "let f (x:int) : Lemma True = admit ()\n" * 100, "f", "A.fst")
    assert refused.value.hint.count("f@") == 10
