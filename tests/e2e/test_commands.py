"""The commands from end to end, on a proof system whose answers are known beforehand."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from lemmata.certificate import load, loads


def verdicts(document: dict[str, Any]) -> dict[str, str]:
    return {result["obligation"] or result["target"]: result["verdict"] for result in document["results"]}


def opened(folder: Path, name: str = "a") -> list[str]:
    log = folder / f"{name}.log"
    return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


def test_every_verdict_has_its_exit_code(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\nd refute\nu unknown\nc crash\n")
    assert lemmata("prove", "a.fake:p").code == 0
    assert lemmata("prove", "a.fake:d").code == 1
    assert lemmata("prove", "a.fake:u").code == 3
    assert lemmata("prove", "a.fake:c").code == 4
    assert lemmata("prove", "a.fake:x").code == 2


def test_one_bad_target_does_not_stop_the_others(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\nc crash\n")
    lemmata.write("b.fake", "what is this\n")
    answer = lemmata("prove", "--json", "b.fake", "a.fake", "missing.fake", "a.unknown")
    assert verdicts(answer.document) == {
        "b.fake": "error",
        "p": "proved",
        "c": "error",
        "missing.fake": "error",
        "a.unknown": "error",
    }
    assert answer.document["results"][0]["location"] == {"file": "b.fake", "line": 1, "column": 1}
    assert answer.code == 2


def test_results_keep_the_order_of_the_targets(lemmata: Any) -> None:
    lemmata.write("a.fake", "slow slow 0.5\nquick prove\n")
    lemmata.write("b.fake", "quicker prove\n")
    answer = lemmata("prove", "a.fake", "b.fake", "--jobs", "4")
    places = [answer.out.index(name) for name in ("a.fake:slow", "a.fake:quick", "b.fake:quicker")]
    assert places == sorted(places)


def test_a_search_that_claims_too_much_is_not_believed(lemmata: Any) -> None:
    lemmata.write("a.fake", "o overclaim\n")
    answer = lemmata("prove", "--json", "a.fake")
    assert verdicts(answer.document) == {"o": "unknown"}
    assert answer.document["results"][0]["certificate"] is None


def test_a_proof_names_places_and_provers(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    (step,) = lemmata("prove", "--json", "a.fake").document["results"][0]["proof"]["steps"]
    assert [(part["text"], part["place"], part["prover"]) for part in step["parts"]] == [("good", "a.fake:2", "fake")]


def test_certificates_and_native_files_go_where_they_are_wanted(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    answer = lemmata("prove", "--json", "a.fake", "--out", "here")
    path = Path(answer.document["results"][0]["certificate"])
    assert path.parent == lemmata.folder / "here"
    assert [other.read_text() for other in path.parent.glob("*.note.txt")] == ["prove"]


def test_no_store_leaves_nothing_behind(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    answer = lemmata("prove", "--json", "--no-store", "a.fake")
    assert answer.document["results"][0]["certificate"] is None
    assert not (lemmata.folder / "data").exists()
    assert not (lemmata.folder / ".lemmata").exists()


def test_a_budget_of_nothing_is_spent_at_once(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    answer = lemmata("prove", "--json", "--timeout", "0", "a.fake")
    assert answer.code == 3
    assert answer.document["results"][0]["reason"] == "time budget 0 s spent"


@pytest.mark.parametrize(
    "arguments",
    [
        ["prove"],
        ["prove", "--frobnicate", "a.fake"],
        ["prove", "--jobs", "many", "a.fake"],
        ["prove", "--timeout", "-1", "a.fake"],
        ["prove", "--timeout", "nan", "a.fake"],
        ["prove", "--int-width", "17", "a.fake"],
        ["prove", "--provers", "nobody", "a.fake"],
        ["prove", "--policy", "nothing", "a.fake"],
        ["prove", "--color", "blue", "a.fake"],
        ["prove", "--resume", "77"],
        ["prove", "--resume"],
        ["prove", "--resume", "--no-store"],
        ["replay"],
        ["list"],
        ["bench", "no-such-suite"],
        ["bench", "a.fake"],
        ["frobnicate"],
    ],
)
def test_bad_usage_is_one_clear_line(lemmata: Any, arguments: list[str]) -> None:
    lemmata.write("a.fake", "p prove\n")
    answer = lemmata(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert "error: " in answer.err
    assert len(answer.err.splitlines()) == 1
    with_document = lemmata(*arguments, "--json")
    assert with_document.code == 2
    assert with_document.document["results"] == []
    assert with_document.document["error"]["exit_code"] == 2


def test_an_unusable_store_is_a_broken_backend(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    lemmata.write("store.db", "this is no database, whatever its name says" * 100)
    answer = lemmata("prove", "--json", "--store", "store.db", "a.fake")
    assert answer.code == 4
    assert "store.db" in answer.document["error"]["message"]


def test_a_full_disk_is_told_in_one_line(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    answer = lemmata("prove", "--json", "a.fake", preexec_fn=small_files)
    assert answer.code == 4
    assert json.loads(answer.out)["schema"] == "lemmata.result/1"
    with Path("/dev/full").open("w") as full:
        answer = lemmata("prove", "--json", "--no-store", "a.fake", stdout=full)
    assert answer.code == 4
    assert len(answer.err.splitlines()) == 1


def test_a_reader_that_goes_away_is_not_complained_about(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    process = lemmata.start("prove", "a.fake")
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=60) == 128 + signal.SIGPIPE
    assert err == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_tells_what_is_known(lemmata: Any, number: signal.Signals) -> None:
    lemmata.write("a.fake", "p prove\ns slow 60\nq slow 60\n")
    process = lemmata.start("prove", "--json", "a.fake", "--jobs", "1")
    wait_until(lambda: "s" in opened(lemmata.folder))
    began = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - began < 8
    document = json.loads(out)
    assert document["interrupted"] is True
    assert verdicts(document) == {"p": "proved", "s": "unknown", "q": "unknown"}
    assert {result["reason"] for result in document["results"][1:]} == {"interrupted"}
    assert "Traceback" not in err


def wait_until(condition: Any, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_run_goes_on_where_it_stopped(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\nd refute\ns slow 5\nq prove\n")
    process = lemmata.start("prove", "a.fake", "--jobs", "1")
    wait_until(lambda: "s" in opened(lemmata.folder))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert opened(lemmata.folder) == ["p", "d", "s"]
    answer = lemmata("prove", "--resume", "--json", "--jobs", "1")
    assert verdicts(answer.document) == {"p": "proved", "d": "disproved", "s": "proved", "q": "proved"}
    assert [result["resumed"] for result in answer.document["results"]] == [True, True, False, False]
    assert opened(lemmata.folder) == ["p", "d", "s", "s", "q"]
    assert lemmata("prove", "--resume").code == 2


def test_two_runs_on_one_store_both_finish(lemmata: Any) -> None:
    lemmata.write("a.fake", "".join(f"p{i} prove\n" for i in range(10)))
    lemmata.write("b.fake", "".join(f"q{i} prove\n" for i in range(10)))
    processes = [lemmata.start("prove", "--json", name) for name in ("a.fake", "b.fake")]
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert len(json.loads(out)["results"]) == 10


def test_replay_accepts_what_prove_wrote(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\nd refute\n")
    lemmata("prove", "a.fake", "--out", "certs")
    answer = lemmata("replay", "--json", *sorted((lemmata.folder / "certs").glob("*.json")))
    assert answer.code == 0
    assert answer.document["schema"] == "lemmata.replay/1"
    assert [result["valid"] for result in answer.document["results"]] == [True, True]
    names = [check["name"] for check in answer.document["results"][0]["checks"]]
    assert names == ["digest", "steps", "artefact", "source", "axioms", "proof", "environment"]


@pytest.fixture
def certificate(lemmata: Any) -> Path:
    lemmata.write("a.fake", "p prove\n")
    return Path(lemmata("prove", "--json", "a.fake").document["results"][0]["certificate"])


def test_a_certificate_that_was_edited_is_refused(lemmata: Any, certificate: Path) -> None:
    certificate.write_text(certificate.read_text().replace("good", "evil"))
    answer = lemmata("replay", certificate)
    assert answer.code == 1
    assert "altered" in answer.out


def resealed(certificate: Path, change: Any) -> None:
    """Edit a certificate as someone would who knows how its digest is made."""
    import dataclasses

    changed = dataclasses.replace(load(certificate), **change(load(certificate)))
    certificate.write_text(changed.sealed().dumps())
    loads(certificate.read_text())


def test_steps_that_are_not_in_the_graph_are_refused(lemmata: Any, certificate: Path) -> None:
    from lemmata.step import Part, clauses

    resealed(
        certificate,
        lambda old: {"steps": (clauses((Part("L1", "good x"),)),), "artefact": "L1: good x"},
    )
    answer = lemmata("replay", "--json", certificate)
    assert answer.code == 1
    assert "not those of the proof graph" in answer.document["results"][0]["reason"]


def test_an_artefact_that_the_steps_do_not_make_is_refused(lemmata: Any, certificate: Path) -> None:
    resealed(certificate, lambda old: {"artefact": old.artefact + " "})
    answer = lemmata("replay", "--json", certificate)
    assert answer.code == 1
    assert "artefact" in answer.document["results"][0]["reason"]


def test_a_changed_source_is_drift(lemmata: Any, certificate: Path) -> None:
    lemmata.write("a.fake", "p prove\n\n")
    answer = lemmata("replay", certificate)
    assert answer.code == 1
    assert "source changed since the certificate was made" in answer.out
    lemmata.write("b.fake", "p prove\n")
    assert lemmata("replay", "--source", "b.fake", certificate).code == 0
    lemmata.write("b.fake", "p prove \n")
    assert lemmata("replay", "--source", "b.fake", certificate).code == 1
    assert lemmata("replay", "--source", "gone.fake", certificate).code == 2


def test_a_source_that_is_gone_is_a_note(lemmata: Any, certificate: Path) -> None:
    (lemmata.folder / "a.fake").unlink()
    answer = lemmata("replay", certificate)
    assert answer.code == 0
    assert "is gone" in answer.out


def test_another_version_of_the_checker_is_a_note(lemmata: Any, certificate: Path) -> None:
    resealed(certificate, lambda old: {"environment": {"checker": "fake 0.9"}})
    answer = lemmata("replay", certificate)
    assert answer.code == 0
    assert "note: checker was fake 0.9, now fake 1.0" in answer.out


def test_replay_of_what_is_no_certificate(lemmata: Any) -> None:
    lemmata.write("a.json", "{}")
    lemmata.write("b.json", b"\xff\xfe\x00")
    assert lemmata("replay", "a.json").code == 1
    assert lemmata("replay", "b.json").code == 1
    assert lemmata("replay", "missing.json").code == 2
    assert len(lemmata("replay", "--json", "a.json", "missing.json").document["results"]) == 2


def test_list_shows_what_is_known(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\nu unknown\n")
    assert [row["state"] for row in lemmata("list", "--json", "a.fake").document["results"]] == ["open", "open"]
    lemmata("prove", "a.fake")
    assert [row["state"] for row in lemmata("list", "--json", "a.fake").document["results"]] == ["proved", "open"]


def test_help_is_quick(lemmata: Any) -> None:
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert lemmata("--help").code == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Processor time: on a busy machine wall time says nothing about the command.
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < 0.3


def test_version(lemmata: Any) -> None:
    assert lemmata("--version").out.startswith("lemmata ")


def test_color_is_only_for_who_wants_it(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    assert "\x1b[" not in lemmata("prove", "a.fake").out
    assert "\x1b[" in lemmata("prove", "--color", "always", "a.fake").out


def test_a_terminal_that_knows_only_ascii_gets_ascii(lemmata: Any) -> None:
    lemmata.write("a.fake", "p prove\n")
    lemmata.environment |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert lemmata("prove", "a.fake").out.startswith("+ a.fake:p  proved")


def test_completion_scripts_are_there(lemmata: Any) -> None:
    assert subprocess.run(
        ["bash", "-n"], input=lemmata("--show-completion", "bash").out or "true", text=True, check=False
    ).returncode in (0, 2)
