"""A corpus in LeanDojo's format: which premises a place can see, compared with the definition."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numpy", reason="numpy is not installed")

from lemmata.errors import InputError
from provers.retrieval.corpus import Corpus, SourceFile
from provers.retrieval.premise import Premise


@st.composite
def corpora(draw: st.DrawFn) -> list[SourceFile]:
    names = [f"Lib/F{i}.lean" for i in range(draw(st.integers(1, 7)))]
    files = []
    for name in names:
        # Any file may import any: circles included.
        imports = draw(st.lists(st.sampled_from([*names, "Elsewhere.lean"]), max_size=3))
        ends = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=4))
        premises = tuple(Premise(f"{name}.{i}", "", name, end) for i, end in enumerate(sorted(ends)))
        files.append(SourceFile(name, tuple(imports), premises))
    return draw(st.permutations(files))


@given(corpora(), st.data())
@settings(deadline=None, max_examples=200)
def test_nothing_is_accessible_but_what_is_imported_or_stands_above(
    files: list[SourceFile], data: st.DataObject
) -> None:
    corpus = Corpus(files)
    by_path = {file.path: file for file in files}
    own = data.draw(st.sampled_from([None, *by_path]))
    extra = data.draw(st.lists(st.sampled_from(sorted(by_path)), max_size=2))
    above = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    seen: set[str] = set()
    work = [*extra, *(by_path[own].imports if own else ())]
    while work:
        path = work.pop()
        if path in by_path and path not in seen:
            seen.add(path)
            work += by_path[path].imports
    mask = corpus.accessible(extra, own, above)
    for premise, allowed in zip(corpus.premises, mask, strict=True):
        wanted = premise.position <= above if premise.file == own else premise.file in seen
        assert bool(allowed) == wanted


def written(path: Path) -> Path:
    lines = [
        {
            "path": "Lib/Basic.lean",
            "imports": [],
            "premises": [
                {"full_name": "Lib.one", "code": "theorem one : 1 = 1", "start": [1, 1], "end": [1, 20], "kind": "x"}
            ],
        },
        {
            "path": "Lib/Top.lean",
            "imports": ["Lib/Basic.lean"],
            "premises": [{"full_name": "Lib.two", "code": "theorem two", "start": [3, 1], "end": [4, 2]}],
        },
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def test_a_corpus_is_read_from_a_file(tmp_path: Path) -> None:
    corpus = Corpus.load(written(tmp_path / "corpus.jsonl"))
    assert [premise.name for premise in corpus.premises] == ["Lib.one", "Lib.two"]
    assert corpus.modules(["Lib.Basic", "Nothing"]) == ["Lib/Basic.lean"]
    assert corpus.file_of("/home/me/Lib/Top.lean") == "Lib/Top.lean"
    assert corpus.file_of("Other.lean") is None
    assert list(corpus.accessible([], "Lib/Top.lean", (3, 1))) == [True, False]
    assert list(corpus.accessible([], "Lib/Top.lean", (9, 1))) == [True, True]
    assert list(corpus.accessible(["Lib/Basic.lean"])) == [True, False]
    assert corpus.premises[0].closure != corpus.premises[1].closure


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"path": "a"}', '{"path": "a", "imports": [], "premises": [{}]}', "[" * 9999]
)
def test_what_is_no_corpus_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n" + line, "utf-8")
    with pytest.raises(InputError) as caught:
        Corpus.load(path)
    assert caught.value.location is not None
    assert caught.value.location.line == 2


def test_a_corpus_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Corpus.load(tmp_path / "nothing.jsonl")
