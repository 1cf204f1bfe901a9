from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemmata import certificate as module
from lemmata.certificate import Certificate, build, file_name, load, loads
from lemmata.errors import CertificateError, InputError, Location, StoreError
from lemmata.goal import Obligation
from lemmata.step import Part, Step, clauses
from lemmata.verdict import Audit, Verdict

SOURCE = "int main(void) { int x = 0; while (x < 10) x++; assert(x == 10); }\n"
STEP = clauses((Part("4:5", "x <= 10"), Part("4:5", "(>= x 0)", "smtlib")))


def obligation(source: str = SOURCE, file: str = "src/count.c", name: str = "main") -> Obligation:
    return Obligation("programs", name, source, Location(file, 1, 5), (("int_width", "32"),))


def example(verdict: Verdict = Verdict.PROVED, **changes: Any) -> Certificate:
    values: dict[str, Any] = {
        "environment": {"checker": "programs", "z3": "5.4.0"},
        "graph": {"nodes": [1, 2], "pairs": [("a", 1)]},
        "steps": [STEP],
        "artefact": "loop 4:5: x <= 10",
        "counterexample": {"x": 3} if verdict is Verdict.DISPROVED else None,
        "audits": [Audit("z3 5.4.0: consecution of loop 4:5", "passed", "", "ab" * 32, 0.25)],
        "provers": ["atoms"],
        "seed": 7,
        "seconds": 0.5,
    }
    return build(obligation(), verdict, **{**values, **changes})


def refused(text: str, name: str = "c.json") -> str:
    with pytest.raises(CertificateError) as caught:
        loads(text, name)
    message = str(caught.value)
    assert "\n" not in message
    assert name in message
    assert caught.value.exit_code == 1
    return message


def altered(change: Any) -> str:
    document = example().to_json()
    change(document)
    document["digest"] = module._digest(document)
    return json.dumps(document)


@pytest.mark.parametrize("verdict", [Verdict.PROVED, Verdict.DISPROVED])
def test_what_is_saved_is_what_is_loaded(tmp_path: Path, verdict: Verdict) -> None:
    certificate = example(verdict)
    path = certificate.save(tmp_path / "deep" / "er" / "c.lemmata.json")
    back = load(path)
    assert back == certificate
    assert back.steps[0].key == STEP.key
    assert back.key == obligation().key
    back.check_digest()
    assert [entry.name for entry in path.parent.iterdir()] == ["c.lemmata.json"]


def test_it_says_where_it_comes_from() -> None:
    certificate = example()
    assert certificate.absolute_path == str(Path.cwd() / "src/count.c")
    assert certificate.obligation.location.file == "src/count.c"
    assert certificate.provenance.created.endswith("+00:00")
    assert certificate.provenance.version


def test_the_shipped_schema_is_a_schema() -> None:
    text = (Path(module.__file__).parent / "schemas" / "certificate-1.schema.json").read_text("utf-8")
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


@given(
    st.text(st.characters(codec="utf-8")),
    st.text(st.characters(codec="utf-8")),
    st.binary(max_size=40),
    st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False), max_size=4),
)
def test_any_text_survives(source: str, text: str, raw: bytes, model: dict[str, float]) -> None:
    # Source files need not be UTF-8: they are read with escapes for the bytes that are not.
    what = obligation(source + raw.decode("utf-8", "surrogateescape"), name=text)
    certificate = build(
        what, Verdict.DISPROVED, environment={text: text}, graph={}, steps=[Step(text)], artefact=source,
        counterexample=model,
    )  # fmt: skip
    assert loads(certificate.dumps()) == certificate


def test_only_what_is_decided_has_a_certificate() -> None:
    with pytest.raises(ValueError, match="unknown"):
        example(Verdict.UNKNOWN)
    with pytest.raises(ValueError, match="counterexample"):
        example(Verdict.PROVED, counterexample={})
    with pytest.raises(ValueError, match="counterexample"):
        example(Verdict.DISPROVED, counterexample=None)
    with pytest.raises(ValueError, match="JSON"):
        example(graph={"x": float("nan")})


def test_a_changed_certificate_is_noticed() -> None:
    changed = dataclasses.replace(example(), steps=(Step("x <= 11"),))
    with pytest.raises(CertificateError, match="altered"):
        changed.check_digest()
    assert "altered" in refused(changed.dumps())
    assert loads(changed.sealed().dumps()).steps == (Step("x <= 11"),)


def test_a_changed_source_is_noticed_even_when_sealed_again() -> None:
    def change(document: dict[str, Any]) -> None:
        document["obligation"]["source"] += " "

    assert "embedded source" in refused(altered(change))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("\ufeff{}", "not JSON"),
        ("[1]", "not an object"),
        ("null", "not an object"),
        ("{}", "its schema is None"),
        ('{"schema": "lemmata.certificate/2"}', "lemmata.certificate/2"),
        ('{"schema": ["\\n"]}', "its schema is"),
        ('{"schema": "lemmata.certificate/1"}', "'obligation' is missing"),
        ('{"a": 1, "a": 1}', "'a' occurs twice"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": -Infinity}', "-Infinity is not a JSON number"),
        ('{"a": 1e999}', "out of range"),
        ('{"a": ' + "9" * 5000 + "}", "digits"),
        ('{"a": "\\ud800"}', "surrogate"),
        ("[" * 200 + "]" * 200, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_certificate_is_refused_in_one_line(text: str, why: str) -> None:
    assert why in refused(text)


@pytest.mark.parametrize(
    ("place", "value", "why"),
    [
        (("verdict",), "unknown", "verdict: 'unknown' is not"),
        (("verdict",), "disproved", "counterexample: None is not of type object"),
        (("counterexample",), {"x": 1}, "counterexample: "),
        (("graph",), [], "graph: [] is not of type object"),
        (("steps",), {}, "steps: {} is not of type array"),
        (("steps", 0, "parts", 0, "text"), 5, "steps.0.parts.0.text: 5 is not of type string"),
        (("audits", 0, "result"), "fine", "audits.0.result"),
        (("audits", 0, "seconds"), "fast", "audits.0.seconds"),
        (("audits", 0, "seconds"), True, "audits.0.seconds"),
        (("audits", 0, "seconds"), -1, "audits.0.seconds"),
        (("provenance", "created"), "yesterday", "provenance.created"),
        (("provenance", "seed"), 1.5, "provenance.seed"),
        (("environment", "z3"), None, "environment.z3"),
        (("obligation", "line"), -1, "obligation.line"),
        (("obligation", "extra\n"), 1, "obligation: 'extra\\n' is not a known key"),
        (("digest",), "", "digest"),
    ],
)
def test_wrong_types_are_named(place: tuple[Any, ...], value: Any, why: str) -> None:
    document = copy.deepcopy(example().to_json())
    inner: Any = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    assert why in refused(json.dumps(document))


@settings(max_examples=300)
@given(st.data())
def test_fuzzed_certificates_are_accepted_or_refused_but_never_crash(data: st.DataObject) -> None:
    text = example().dumps().encode()
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 30))
        text = text[:place] + data.draw(st.binary(max_size=8)) + text[place + length :]
    with contextlib.suppress(CertificateError):
        loads(text.decode("utf-8", "replace"), "c.json").check_digest()


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    ),
    st.sampled_from(sorted(example().to_json())),
)
def test_any_value_in_any_place_is_accepted_or_refused(value: Any, key: str) -> None:
    document = {**example().to_json(), key: value}
    with contextlib.suppress(CertificateError):
        loads(json.dumps(document), "c.json")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path, tmp_path / "none" / "c", Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(InputError, match="cannot read certificate"):
            load(path)


def test_binary_and_huge_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b"{\xff}")
    with pytest.raises(CertificateError, match="not UTF-8"):
        load(path)
    with path.open("wb") as file:
        file.truncate(module.MAX_BYTES + 1)
    with pytest.raises(CertificateError, match="larger than 64 MiB"):
        load(path)
    monkeypatch.setattr(module, "MAX_BYTES", 1 << 20)
    assert "larger" in refused(" " * (1 << 21))


def test_an_endless_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1 << 20)
    with pytest.raises(CertificateError, match="larger"):
        load(Path("/dev/zero"))


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "c.json", tmp_path / "folder", Path("/proc/none/c.json"), Path("a\0b")):
        with pytest.raises(StoreError, match="cannot write certificate"):
            example().save(path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]


def test_a_full_disk_leaves_the_old_certificate_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    old = example(artefact="old").save(path).read_bytes()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
            try:
                example().save(path)
            except StoreError as error:
                code = 0 if "disk space" in error.hint else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_name_is_portable() -> None:
    what = obligation(file="/a/b c.d/sum é.c", name="a/../b")
    assert file_name(what) == f"sum_.a_b.{what.key[:8]}.lemmata.json"
    assert len(file_name(obligation(file="x" * 300 + ".c", name="y" * 300))) < 255
    assert file_name(obligation(name="")) == f"count._.{obligation(name='').key[:8]}.lemmata.json"


def test_making_certificates_needs_no_schema_library() -> None:
    code = "import sys, lemmata.certificate; sys.exit('jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_how_many_subgoals_a_step_left_travels_with_it() -> None:
    steps = (Step("split", subgoals=2), Step("auto", subgoals=0), Step("lia"))
    written = example(steps=steps)
    assert [step.get("subgoals") for step in written.to_json()["steps"]] == [2, 0, None]
    back = loads(written.dumps())
    assert [step.subgoals for step in back.steps] == [2, 0, None]
    refused(example(steps=(Step("split", subgoals=-1),)).dumps())
