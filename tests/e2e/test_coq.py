"""Coq files through the real command, with the real engine, provers and Coq."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checkers.coq.session import CoqSession
from lemmata import prove
from lemmata.certificate import load
from lemmata.verdict import Verdict

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")
EXAMPLES = Path(__file__).parents[2] / "examples" / "coq"

TINY = """\
(** Three theorems that any search finds, and one that has a proof. *)
Theorem sym : forall n m : nat, n = m -> m = n.
Proof.
Admitted.

Theorem both : forall P Q : Prop, P -> Q -> Q /\\ P.
Proof.
  intros P Q p q. split.
  - admit.
  - admit.
Admitted.

Theorem done : forall n : nat, n = n.
Proof. reflexivity. Qed.
"""


def proved(answer: Any) -> dict[str, str]:
    return {result["obligation"]: result["verdict"] for result in answer.document["results"]}


@needs_coq
def test_everything_in_a_file_is_proved_written_and_replayed(lemmata: Any) -> None:
    path = lemmata.write("Tiny.v", TINY)
    answer = lemmata("prove", "--json", "Tiny.v", "--timeout", "20", "--write", "--out", "certs")
    assert proved(answer) == {"sym": "proved", "both#1": "proved", "both#2": "proved"}
    assert answer.code == 0
    assert [written["error"] for written in answer.document["written"]] == [None]
    text = path.read_text()
    assert "admit" not in text.lower()
    assert "Theorem done" in text
    assert not list(lemmata.folder.glob("*.orig*"))
    compiled = subprocess.run(["coqc", "-q", str(path)], capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stderr
    for result in answer.document["results"]:
        assert result["audit"]["axioms"] == []
        assert all(check["result"] == "passed" for check in result["audit"]["checks"])
    # The file was changed by us meanwhile: the copy is what the certificates are about.
    lemmata.write("Copy.v", TINY)
    (certificate, *_) = sorted((lemmata.folder / "certs").glob("*.json"))
    assert lemmata("replay", "--source", "Copy.v", certificate).code == 0


@needs_coq
def test_a_theorem_that_has_a_proof_is_found_again(lemmata: Any) -> None:
    lemmata.write("Tiny.v", TINY)
    answer = lemmata("prove", "--json", "Tiny.v:done")
    assert proved(answer) == {"done": "proved"}
    unknown = lemmata("prove", "Tiny.v:dane")
    assert unknown.code == 2
    assert "done" in unknown.err
    assert "Tiny.v" in unknown.err


@pytest.fixture
def certificate(lemmata: Any) -> Path:
    lemmata.write("Tiny.v", TINY)
    return Path(lemmata("prove", "--json", "Tiny.v:sym").document["results"][0]["certificate"])


@needs_coq
def test_certificates_that_were_tampered_with(lemmata: Any, certificate: Path) -> None:
    good = certificate.read_text()
    assert lemmata("replay", certificate).code == 0
    sealed = load(certificate)
    step = sealed.steps[0].text
    # Edited by hand: the digest tells.
    certificate.write_text(good.replace(json.dumps(step), json.dumps("admit")))
    answer = lemmata("replay", certificate)
    assert answer.code == 1
    assert "altered" in answer.out
    # Sealed again by somebody who knows how.
    for artefact in (TINY, sealed.artefact.replace("m = n.", "m = m.", 1), sealed.artefact + "Axiom x : False.\n"):
        certificate.write_text(dataclasses.replace(sealed, artefact=artefact).sealed().dumps())
        answer = lemmata("replay", "--json", certificate)
        assert answer.code == 1
        assert "artefact" in answer.document["results"][0]["reason"]
    certificate.write_text(good)
    lemmata.write("Tiny.v", TINY.replace("n = m -> m = n", "n = m -> m = n + 0"))
    answer = lemmata("replay", certificate)
    assert answer.code == 1
    assert "source changed" in answer.out


@needs_coq
def test_list_and_doctor(lemmata: Any) -> None:
    lemmata.write("Tiny.v", TINY)
    answer = lemmata("list", "Tiny.v")
    assert [line.split()[1] for line in answer.out.splitlines()] == ["sym", "both#1", "both#2"]
    everything = lemmata("list", "--all", "Tiny.v").out
    assert re.search(r"done\s+written", everything)
    answer = lemmata("doctor")
    assert re.search(r"✓ coq: coqc", answer.out)


@needs_coq
def test_a_file_that_does_not_compile(lemmata: Any) -> None:
    lemmata.write("Bad.v", "Definition x := 1.\n\n  Definition y : nat := true.\n\nTheorem t : x = 1.\nAdmitted.\n")
    answer = lemmata("prove", "Bad.v")
    assert answer.code == 2
    assert re.search(r"Bad\.v:3:3: error: .*bool", answer.out + answer.err)
    document = lemmata("prove", "--json", "Bad.v").document
    assert document["results"][0]["location"] == {"file": "Bad.v", "line": 3, "column": 3}
    lemmata.write("Open.v", "Theorem t : True.\nAdmitted.\n(* never closed")
    answer = lemmata("prove", "Open.v")
    assert answer.code == 2
    assert "Open.v:3:1" in answer.out + answer.err


def test_without_coq_it_says_how_to_get_it(lemmata: Any) -> None:
    lemmata.write("Tiny.v", TINY)
    lemmata.environment["PATH"] = str(lemmata.folder)
    lemmata.environment.pop("COQBIN", None)
    answer = lemmata("prove", "--json", "Tiny.v")
    assert answer.code == 4
    result = answer.document["results"][0]
    assert "apt-get install coq" in (result["hint"] or "") + (result["reason"] or "")
    assert "apt-get install coq" in lemmata("doctor").out


@needs_coq
def test_the_examples(lemmata: Any) -> None:
    shutil.copy(EXAMPLES / "Lists.v", lemmata.folder)
    answer = lemmata("prove", "--json", "Lists.v:snoc_length", "Lists.v:rev_snoc", "--timeout", "30")
    assert proved(answer) == {"snoc_length": "proved", "rev_snoc": "proved"}


@needs_coq
def test_bench_with_peers(lemmata: Any) -> None:
    lemmata.write("Tiny.v", TINY)
    rows = [{"file": "Tiny.v", "name": name, "line": line} for name, line in (("sym", 2), ("both", 6), ("done", 13))]
    lemmata.write("list.jsonl", "".join(json.dumps(row) + "\n" for row in (rows[0], rows[2])))
    arguments = [
        "bench",
        "list.jsonl",
        "--out",
        "out",
        "--timeout",
        "10",
        "--peer",
        "auto with *",
        "--peer",
        "nonsense",
    ]
    answer = lemmata(*arguments)
    assert answer.code == 0, answer.out + answer.err
    found = [json.loads(line) for line in (lemmata.folder / "out" / "results.jsonl").read_text().splitlines()]
    assert {row["problem"]: row["verdict"] for row in found} == {"Tiny.v:sym": "proved", "Tiny.v:done": "proved"}
    assert all(row["peers"]["auto with *"]["verdict"] == "proved" for row in found)
    assert all(row["peers"]["nonsense"]["verdict"] == "unknown" for row in found)


@needs_coq
def test_coq_is_killed_while_it_searches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between steps and during them; the session starts Coq again, and the theorem is still proved."""
    apply = CoqSession.apply
    killed: list[int] = []
    count = itertools.count(1)

    def kill(session: CoqSession) -> None:
        coq = session._main._coq
        if coq is not None and coq.alive:
            os.kill(coq.pid, signal.SIGKILL)
            killed.append(coq.pid)

    async def unlucky(session: CoqSession, *arguments: Any) -> Any:
        number = next(count)
        if number in (2, 9, 30):
            kill(session)
        elif number in (5, 20):
            asyncio.get_running_loop().call_later(0.0005, kill, session)
        return await apply(session, *arguments)

    monkeypatch.setattr(CoqSession, "apply", unlucky)
    shutil.copy(EXAMPLES / "Lists.v", tmp_path)
    (result,) = prove(tmp_path / "Lists.v:snoc_length", timeout=60)
    assert result.verdict is Verdict.PROVED, result.reason
    assert len(set(killed)) >= 2


MEMORY = """
import os, sys
from pathlib import Path
from lemmata import prove
sizes = []
for i in range(int(sys.argv[2])):
    (result,) = prove(sys.argv[1] + f":t{i}", timeout=20)
    assert result.verdict.value == "proved", result
    sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
print(sizes[-1] - sizes[4])
"""


@needs_coq
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="sizes are read from /proc")
def test_resident_memory_stays_flat(lemmata: Any) -> None:
    """Ten theorems here; `benchmarks/coq_session.py memory` takes two hundred."""
    tiny = "".join(f"Theorem t{i} : forall n m : nat, n = m -> m + {i} = n + {i}.\nAdmitted.\n" for i in range(10))
    path = lemmata.write("Many.v", tiny)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, path, "10"],
        env=lemmata.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 20 << 20


def test_a_certificate_cannot_allow_itself_axioms(lemmata: Any) -> None:
    lemmata.write("Ax.v", "Axiom shortcut : 1 = 2.\nTheorem wrong : 1 = 2.\nAdmitted.\n")
    answer = lemmata("prove", "--json", "--allow-axioms", "shortcut", "--out", "out", "--timeout", "20", "Ax.v:wrong")
    (result,) = answer.document["results"]
    assert result["verdict"] == "proved"
    refused = lemmata("replay", result["certificate"])
    assert refused.code == 1
    assert "--allow-axioms shortcut" in refused.out + refused.err
    assert lemmata("replay", "--allow-axioms", "shortcut", result["certificate"]).code == 0
    assert lemmata("replay", "--allow-axioms", "*", result["certificate"]).code == 0
