"""A trained model behind a real server, `transformers serve`, as a prover of the command, alone and with others."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import tiny

for _name in ("torch", "transformers", "accelerate", "httpx", "fastapi", "uvicorn", "openai"):
    pytest.importorskip(_name, reason=f"{_name} is not installed")

SERVE = Path(sys.executable).with_name("transformers")
EXAMPLES = Path(__file__).parents[2] / "examples" / "coq"
pytestmark = [
    pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed"),
    pytest.mark.skipif(not SERVE.exists(), reason="the command transformers is not installed"),
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

# Of a chat only the goal that it is about: the first fenced text in which there is one.
TEMPLATE = """\
{%- set found = namespace(goal='') -%}
{%- for part in messages[-1]['content'].split('```') -%}
{%- if '⊢' in part and not found.goal -%}{%- set found.goal = part -%}{%- endif -%}
{%- endfor -%}
{{- found.goal.strip() -}}:::"""
SUM_REV = (
    "assert (H : forall a b, sum (a ++ b) = sum a + sum b) by (induction a; simpl; intros; rewrite ?IHa; lia); "
    "induction l; simpl; rewrite ?H; simpl; lia"
)
EVEN_PLUS = "intros [a A] [b B]; exists (a + b); lia"
ASKED = ("plus_zero", "plus_regroup", "not_twice", "both")


class Served:
    """A running server, and the models that it can serve."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.log = log
        self._port = port
        self._process = process

    def kill(self) -> None:
        """End it with everything that it started, at once."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def ready(self) -> None:
        deadline = time.monotonic() + 120
        while True:
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
            try:
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.1)
            finally:
                connection.close()


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Start a server of its own group of processes, and end it whatever happens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / f"server.{port}.log"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub"), "OMP_NUM_THREADS": "1"}
    with log.open("wb") as told:
        process = subprocess.Popen(
            [SERVE, "serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Served(process, port, log)
    try:
        server.ready()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train three models: `chat` and `bytes` to be served, `local` for this machine alone."""
    from provers.neural.training.prover import train_prover
    from provers.neural.training.settings import Settings

    folder = tmp_path_factory.mktemp("served")
    lemmas = tiny.coq_records(folder)
    (sum_rev,) = tiny.root_goals(EXAMPLES / "Lists.v", ["sum_rev"]).values()
    (even_plus,) = tiny.root_goals(EXAMPLES / "Arithmetic.v", ["even_plus"]).values()
    easy = tiny.write_records(folder / "easy.jsonl", lemmas)
    asked = tiny.write_records(folder / "asked.jsonl", [r for r in lemmas if r["theorem"] in ASKED])
    hard = [{"system": "coq", "goal": sum_rev, "step": SUM_REV, "theorem": "sum_rev"}] * 4
    other = [{"system": "coq", "goal": even_plus, "step": EVEN_PLUS, "theorem": "even_plus"}] * 4

    tokenizer = tiny.byte_tokenizer()
    byte_base = tiny.encoder_decoder(folder / "byte-base", tokenizer)
    local_base = tiny.decoder_only(folder / "local-base")
    tokenizer.chat_template = TEMPLATE
    chat_base = tiny.decoder_only(folder / "chat-base", tokenizer=tokenizer)
    runs = (
        ("chat", [easy, tiny.write_records(folder / "hard.jsonl", hard)], chat_base, 60),
        ("bytes", [asked], byte_base, 120),
        ("local", [asked, tiny.write_records(folder / "other.jsonl", other)], local_base, 250),
    )
    for name, data, base, epochs in runs:
        settings = Settings(epochs=epochs, held_out=0.0, learning_rate=3e-3, batch=8)
        made = train_prover(data, folder / name, base, settings)
        assert made.training["train"]["exact_match"] > 0.8, (name, made.training["train"])
    return folder


@pytest.fixture(scope="module")
def server(trained: Path) -> Iterator[Served]:
    with serving(trained) as served:
        yield served


def results(document: Any) -> dict[str, Any]:
    return {result["obligation"]: result for result in document["results"]}


def provers(result: Any) -> set[str]:
    """Return who proposed the steps of a proof."""
    return {step["prover"] for step in result["proof"]["steps"]}


@pytest.mark.parametrize(
    ("model", "form", "path"),
    [("chat", "", "/v1/chat/completions"), ("bytes", "#reprover", "/v1/completions")],
    ids=["decoder-only", "encoder-decoder"],
)
def test_a_served_model_proves_lemmas(
    lemmata: Any, trained: Path, server: Served, model: str, form: str, path: str
) -> None:
    tiny.write_lemmas(lemmata.folder / "Lemmas.v")
    lemmata.environment["LEMMATA_OPENAI_BASE_URL"] = server.url
    name = f"{trained / model}{form}"
    targets = [f"Lemmas.v:{lemma}" for lemma in ASKED]
    answer = lemmata("prove", "--json", "-t", "40", "--jobs", "2", "--prover", f"openai:{name}", *targets)
    found = results(answer.document)
    assert {result["verdict"] for result in found.values()} == {"proved"}, answer.out + server.log.read_text()
    for result in found.values():
        assert provers(result) == {f"openai:{name}"}
        certificate = json.loads((lemmata.folder / result["certificate"]).read_text(encoding="utf-8"))
        assert certificate["provenance"]["model"] == str(trained / model)
        (node,) = certificate["graph"]["steps"]
        assert node["provenance"]["prompt_tokens"] > 10
        assert node["provenance"]["completion_tokens"] > 3
    assert f'"POST {path} HTTP/1.1" 200' in server.log.read_text()
    assert lemmata("replay", found["both"]["certificate"]).code == 0


def test_three_kinds_of_provers_and_a_server_that_is_killed(lemmata: Any, trained: Path) -> None:
    """What the symbolic provers, a model here and a model behind a server each prove, and no other of them does."""
    for source in EXAMPLES.glob("*.v"):
        lemmata.write(source.name, source.read_bytes())
    local, served = f"transformers:{trained / 'local'}", f"openai:{trained / 'chat'}"
    mixed = [word for name in ("symbolic", local, served) for word in ("--prover", name)]
    targets = ("Lists.v:sum_rev", "Compiler.v:execute_app", "Arithmetic.v:even_plus")
    command = ("prove", "--json", "-t", "60", "--jobs", "1", *mixed, *targets)
    with serving(trained) as server:
        lemmata.environment["LEMMATA_OPENAI_BASE_URL"] = server.url
        out, told = lemmata.start(*command, "--out", "undisturbed").communicate(timeout=300)
        found = results(json.loads(out))
        assert {name: result["verdict"] for name, result in found.items()} == dict.fromkeys(found, "proved"), told
        assert len(found) == 3
        assert provers(found["sum_rev"]) == {served}
        assert provers(found["even_plus"]) == {local}
        assert not any(":" in name for name in provers(found["execute_app"]))
        for result in found.values():
            assert {local, served} < result["stats"]["provers"].keys()

        disturbed = lemmata.start(*command, "--out", "disturbed", "--store", "other.db")
        try:
            # In the middle: its own lemma is proved, the others are still to come.
            first = lemmata.folder / "disturbed"
            while not list(first.glob("*.lemmata.json")) and disturbed.poll() is None:
                time.sleep(0.02)
            assert disturbed.poll() is None
            server.kill()
            out, told = disturbed.communicate(timeout=300)
        finally:
            disturbed.kill()
    again = results(json.loads(out))
    assert {name: result["verdict"] for name, result in again.items()} == dict.fromkeys(found, "proved"), told
    assert {name: provers(result) for name, result in again.items()} == {
        name: provers(result) for name, result in found.items()
    }
    assert "Traceback" not in told
