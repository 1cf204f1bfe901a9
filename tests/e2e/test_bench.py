from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from chat_server import ChatServer

EXAMPLES = Path(__file__).parents[2] / "examples" / "programs"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "suite"
    folder.mkdir()
    for i in range(6):
        (folder / f"p{i}.fake").write_text(f"m{i} {'prove' if i % 2 else 'refute'}\n")
    table = "".join(f"p{i}.fake,{'true' if i % 2 else 'false'}\n" for i in range(6))
    (folder / "expected.csv").write_text(f"file,expected\n{table}")
    return folder


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]


def test_a_suite_makes_results_and_a_table(lemmata: Any, suite: Path) -> None:
    answer = lemmata("bench", suite, "--out", "r", "--timeout", "5")
    assert answer.code == 0
    found = rows(lemmata.folder / "r")
    assert {row["problem"]: row["verdict"] for row in found} == {
        f"p{i}.fake": "proved" if i % 2 else "disproved" for i in range(6)
    }
    assert {"problem", "expected", "verdict", "reason", "seconds", "certificate", "peers", "stats"} <= set(found[0])
    assert "6 of 6 decided, 0 wrong" in (lemmata.folder / "r" / "table.md").read_text()


def test_a_contradiction_is_loud(lemmata: Any, suite: Path) -> None:
    (suite / "expected.csv").write_text("file,expected\np1.fake,false\n")
    answer = lemmata("bench", suite, "--out", "r")
    assert answer.code == 1
    assert "WRONG: p1.fake is proved" in answer.err
    assert "contradict" in (lemmata.folder / "r" / "table.md").read_text()


def test_a_run_goes_on_where_it_stopped(lemmata: Any, suite: Path) -> None:
    lemmata("bench", suite, "--out", "r", "--timeout", "5")
    journal = lemmata.folder / "r" / "results.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    answer = lemmata("bench", suite, "--out", "r", "--timeout", "5", "--json")
    assert answer.code == 0
    assert len(answer.document["results"]) == 6
    assert len(rows(lemmata.folder / "r")) == 6
    logs = [len(log.read_text().splitlines()) for log in sorted(suite.glob("*.log"))]
    assert sorted(logs) == [1, 1, 1, 2, 2, 2]


def test_other_settings_are_another_run(lemmata: Any, suite: Path) -> None:
    lemmata("bench", suite, "--out", "r", "--timeout", "5")
    lemmata("bench", suite, "--out", "r", "--timeout", "6")
    assert len(rows(lemmata.folder / "r")) == 12


def test_a_sample_is_always_the_same(lemmata: Any, suite: Path) -> None:
    found = []
    for out in ("r", "s"):
        answer = lemmata("bench", suite, "--out", out, "--sample", "3", "--seed", "7", "--json")
        found.append([row["problem"] for row in answer.document["results"]])
    assert found[0] == found[1]
    assert len(found[0]) == 3


def test_a_list_is_a_suite(lemmata: Any, suite: Path) -> None:
    (suite / "list.jsonl").write_text(
        '{"file": "p1.fake", "selector": "m1"}\n\n{"file": "p0.fake", "expected": "false"}\n{"file": "gone.fake"}\n'
    )
    answer = lemmata("bench", suite / "list.jsonl", "--out", "r", "--json")
    assert [(row["problem"], row["verdict"]) for row in answer.document["results"]] == [
        ("p1.fake:m1", "proved"),
        ("p0.fake", "disproved"),
        ("gone.fake", "error"),
    ]


def test_a_list_that_is_not_well_formed_says_where(lemmata: Any, suite: Path) -> None:
    (suite / "list.jsonl").write_text('{"file": "p1.fake"}\n[]\n')
    answer = lemmata("bench", suite / "list.jsonl", "--out", "r")
    assert answer.code == 2
    assert "list.jsonl:2:1: error: " in answer.err


LOTTERY = '''\
import os
import random
from lemmata.step import Part, Proposal, clauses

class Lottery:
    """Knows the proof of a third of the questions; which those are depends on the seed alone."""

    name = "lottery"
    systems = ("fake",)
    configured = True

    def __init__(self, model, *, seed=0):
        self._seed = seed
        with open(model, "a") as file:
            file.write(f"{os.getpid()} {seed}\\n")

    async def propose(self, goals, n):
        found = []
        for view in goals:
            drawn = random.Random(f"{self._seed} {view.goal.conclusion}").random()
            found.append([Proposal(clauses((Part("L1", "good" if drawn < 1 / 3 else "bad"),)), -0.5, self.name)])
        return found

    async def close(self):
        pass
'''


@pytest.fixture
def lottery(lemmata: Any) -> Path:
    """Install a prover that draws lots, and make a suite for it; return the file that it writes its seeds to."""
    plugin = lemmata.folder / "plugin"
    about = plugin / "lottery-0.1.dist-info"
    about.mkdir(parents=True)
    (plugin / "lottery.py").write_text(LOTTERY)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lottery\nVersion: 0.1\n")
    (about / "entry_points.txt").write_text("[lemmata.provers]\nlottery = lottery:Lottery\n")
    lemmata.environment["PYTHONPATH"] += f"{os.pathsep}{plugin}"
    folder = lemmata.folder / "draws"
    folder.mkdir()
    (folder / "a.fake").write_text("".join(f"a{i} prove\n" for i in range(8)))
    (folder / "b.fake").write_text("".join(f"b{i} prove\n" for i in range(4)))
    (folder / "c.fake").write_text("hopeless unknown\n")
    log: Path = lemmata.folder / "seeds"
    return log


def sampled(lemmata: Any, log: Path, *more: str, suite: str = "draws", out: str = "r") -> Any:
    return lemmata("bench", suite, "--out", out, "--timeout", "5", "--prover", f"lottery:{log}", "--json", *more)


def test_samples_make_a_curve(lemmata: Any, lottery: Path) -> None:
    answer = sampled(lemmata, lottery, "--samples", "6", "--jobs", "2", "--plot", "r/pictures/curve.svg")
    assert answer.code == 0
    found = answer.document["coverage"]
    assert [point["k"] for point in found["curve"]] == [1, 2, 4, 6]
    shares = [point["pass"] for point in found["curve"]]
    assert 0 < shares[0] < shares[1] < shares[2] < shares[3] <= 12 / 13
    # What was counted can be counted again from what each sample says, and each was with a seed of its own.
    each = {(entry["problem"], entry["obligation"]): entry for entry in found["obligations"]}
    assert len(each) == 13
    assert all(entry["samples"] == 6 == entry["proved"] + entry["unknown"] for entry in each.values())
    assert shares[0] == pytest.approx(sum(entry["proved"] for entry in each.values()) / (13 * 6))
    assert shares[3] == sum(entry["proved"] > 0 for entry in each.values()) / 13
    assert each["c.fake", "hopeless"]["proved"] == 0
    assert len({row["sample"] for row in answer.document["results"]}) == 6
    started = [line.split() for line in lottery.read_text().splitlines()]
    assert {int(seed) for _, seed in started} == set(found["seeds"])
    assert len({process for process, _ in started}) == len(started)
    picture = ElementTree.parse(lemmata.folder / "r" / "pictures" / "curve.svg").getroot()
    assert [child.text for child in picture if child.tag.endswith("title")] == ["pass@k, draws"]
    assert [path.name for path in (lemmata.folder / "r" / "pictures").iterdir()] == ["curve.svg"]
    page = (lemmata.folder / "r" / "table.md").read_text()
    assert f"| 6 | {shares[3]:.4f} |" in page
    assert "| c.fake | hopeless |  | 6 | 0 | 0 | 6 | 0 | 0 |" in page


def test_more_samples_go_on_from_fewer(lemmata: Any, lottery: Path) -> None:
    plain = sampled(lemmata, lottery, "--seed", "5")
    two = sampled(lemmata, lottery, "--seed", "5", "--samples", "2").document
    three = sampled(lemmata, lottery, "--seed", "5", "--samples", "3").document
    # Three problems in each of three samples, none twice, and the first sample is the run without samples.
    assert len(rows(lemmata.folder / "r")) == 9
    assert three["coverage"]["seeds"][:2] == two["coverage"]["seeds"]
    assert two["coverage"]["seeds"][0] == 5
    first = [{**row, "sample": 1} for row in plain.document["results"]]
    assert three["results"] == first + [row for row in two["results"] if row["sample"] == 2] + three["results"][6:]
    paths = [row["certificate"] for row in three["results"] if row["certificate"]]
    assert len(set(paths)) == len(paths)
    again = sampled(lemmata, lottery, "--seed", "5", "--samples", "3", out="s").document
    assert again["coverage"]["curve"] == three["coverage"]["curve"]


def test_a_wrong_verdict_in_any_sample_is_loud(lemmata: Any, lottery: Path) -> None:
    folder = lemmata.folder / "lies"
    folder.mkdir()
    (folder / "p.fake").write_text("a0 prove\n")
    (folder / "expected.csv").write_text("file,expected\np.fake,false\n")
    answer = sampled(lemmata, lottery, "--samples", "8", suite="lies")
    (found,) = answer.document["coverage"]["obligations"]
    assert answer.code == 1
    assert 0 < found["wrong"] < 8
    assert found["proved"] == 0
    assert len(answer.document["contradictions"]) == found["wrong"]
    assert f"WRONG: p.fake is proved in {found['wrong']} of 8 samples" in answer.err
    assert answer.document["coverage"]["curve"][-1] == {"k": 8, "pass": 0.0}


def test_a_sample_that_ends_in_an_error_proves_nothing(lemmata: Any) -> None:
    folder = lemmata.folder / "mixed"
    folder.mkdir()
    (folder / "p.fake").write_text("good prove\nbad crash\n")
    (folder / "q.fake").write_text("not a problem\n")
    answer = lemmata("bench", "mixed", "--out", "r", "--samples", "2")
    assert answer.code == 0
    assert "2 of 2 samples of 3 obligations" in answer.out
    assert answer.out.splitlines()[-3:] == ["  k     pass@k", "  1      33.3 %", "  2      33.3 %"]


def test_an_interruption_shows_the_samples_that_there_are(lemmata: Any) -> None:
    folder = lemmata.folder / "long"
    folder.mkdir()
    (folder / "a.fake").write_text("quick prove\n")
    (folder / "b.fake").write_text("slow slow 1.5\n")
    process = lemmata.start(
        "bench", "long", "--out", "r", "--samples", "50", "--json", "--jobs", "1", "--plot", "r/curve.svg"
    )
    deadline = time.monotonic() + 60
    while not (lemmata.folder / "r" / "results.jsonl").is_file() or len(rows(lemmata.folder / "r")) < 3:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in err) == (130, False)
    document = json.loads(out)
    assert document["interrupted"] is True
    assert document["coverage"]["samples"] == 50
    assert document["coverage"]["curve"] == [{"k": 1, "pass": 1.0}]
    assert {entry["obligation"] for entry in document["coverage"]["obligations"]} == {"quick", "slow"}
    assert (lemmata.folder / "r" / "curve.svg").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--samples", "0"), "--samples"),
        (("--samples", "x"), "--samples"),
        (("--samples", "2", "--plot", "c.png"), "only SVG"),
        (("--samples", "2", "--plot", "suite/p0.fake/c.svg"), "choose another --plot"),
        (("--samples", "2", "--plot", "folder.svg"), "it is a folder; choose another --plot"),
        (("--samples", "2", "--peer", "auto"), "do not go together"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused_before_any_work(
    lemmata: Any, suite: Path, arguments: tuple[str, ...], said: str
) -> None:
    (lemmata.folder / "folder.svg").mkdir()
    answer = lemmata("bench", suite, "--out", "r", *arguments)
    assert answer.code == 2
    (line,) = answer.err.splitlines()
    assert said in line
    assert "; " in line
    assert not (lemmata.folder / "r").exists()
    assert not list(suite.glob("*.log"))


@pytest.mark.skipif(importlib.util.find_spec("httpx") is None, reason="httpx is not installed")
def test_a_model_that_is_right_every_third_time(lemmata: Any) -> None:
    folder = lemmata.folder / "programs"
    folder.mkdir()
    shutil.copy(EXAMPLES / "counter.c", folder)
    attempts = 0

    def model(prompt: str) -> str:
        nonlocal attempts
        # Only the first question of a sample knows of no refusal.
        attempts += "refused" not in prompt
        return "loop L1 invariant i <= n;" if attempts % 3 == 0 else "loop L1 invariant i < n;"

    with ChatServer(model) as server:
        lemmata.environment["LEMMATA_OPENAI_BASE_URL"] = server.url
        answer = lemmata(
            "bench", "programs", "--out", "r", "--json", "-t", "5", "--samples", "3", "--prover", "openai:chat"
        )
    assert answer.code == 0
    assert attempts == 3
    curve = {point["k"]: point["pass"] for point in answer.document["coverage"]["curve"]}
    assert curve == {1: pytest.approx(1 / 3), 2: pytest.approx(2 / 3), 3: 1.0}


def test_engines_are_peers_of_programs(lemmata: Any) -> None:
    (lemmata.folder / "suite").mkdir()
    for name in ("counter.c", "parity.c"):
        shutil.copy(EXAMPLES / name, lemmata.write(f"suite/{name}", ""))
    lemmata.write("suite/expected.csv", "file,expected\ncounter.c,true\nparity.c,false\n")
    options = ["--out", "r", "--timeout", "10", "--peer", "spacer", "--peer", "gspacer", "--peer", "cvc5-sygus"]
    answer = lemmata("bench", "suite", *options, "--plot", "r/cactus.svg")
    assert answer.code == 1, "the table of answers is wrong on purpose"
    found = {row["problem"]: row for row in rows(lemmata.folder / "r")}
    for row in found.values():
        assert set(row["peers"]) == {"spacer", "gspacer", "cvc5-sygus"}
        assert 0 < row["search_seconds"] < row["seconds"]
    assert found["counter.c"]["peers"]["spacer"]["verdict"] == "proved"
    page = (lemmata.folder / "r" / "table.md").read_text()
    assert "| lemmata | 2 | 2 | 1 |" in page
    assert "decided by us and `spacer`: median" in page
    assert ElementTree.parse(lemmata.folder / "r" / "cactus.svg").getroot().tag.endswith("svg")


def test_an_engine_that_does_not_exist(lemmata: Any) -> None:
    (lemmata.folder / "suite").mkdir()
    shutil.copy(EXAMPLES / "counter.c", lemmata.write("suite/counter.c", ""))
    answer = lemmata("bench", "suite", "--peer", "auto")
    assert answer.code == 2
    assert "known are spacer, gspacer, cvc5-sygus" in answer.err
