"""What the viewer's server answers."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sites import EVENTS, STARTED, Site, goal, record, site, step

from lemmata.config import Settings
from lemmata.events import Event
from lemmata.store import Store
from lemmata.workflow import launch
from web.server import schema
from web.server.answers import dumps
from web.server.live import follow
from web.server.records import record as compact
from web.server.timeline import ListedEvents, Timeline


def read(kind: object, document: object) -> object:
    """Check a document against its schema."""
    return TypeAdapter(kind).validate_json(json.dumps(document), strict=True)


def test_runs(made: Site) -> None:
    page = made.json("/api/runs")
    read(schema.RunPage, page)
    assert [run["counts"] for run in page["runs"]] == [{"proved": 1}]
    detail = made.json("/api/runs/1")
    read(schema.RunDetail, detail)
    assert [task["id"] for task in detail["tasks"]] == ["t1"]


def test_runs_come_in_pages(made: Site) -> None:
    for _ in range(6):
        record(made.store, EVENTS[:2])
    seen, before = [], ""
    while True:
        page = made.json(f"/api/runs?limit=3{before}")
        seen += [run["id"] for run in page["runs"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_a_run_that_was_killed_is_not_running(tmp_path: Path) -> None:
    import subprocess
    import sys

    path = tmp_path / "store.db"
    script = (
        "import sys; from pathlib import Path; from lemmata.store import Store\n"
        "store = Store.open(Path(sys.argv[1])); store.start_run(['f.v'], {}); import os; os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    with Store.open(path) as store:
        assert [run["status"] for run in site(store, Settings(store=path)).json("/api/runs")["runs"]] == ["killed"]


def test_the_log_is_the_search(made: Site) -> None:
    page = made.json("/api/views/t1/log")
    read(schema.LogPage, page)
    kinds = [entry["kind"] for entry in page["records"]]
    assert kinds[0] == "start"
    assert kinds[-1] == "end"
    assert len(kinds) == len(EVENTS)
    assert page["more"] is False
    assert [r["score"] for r in page["records"] if r["kind"] == "step"] == [-0.5, None, -0.5, -0.5]


@pytest.mark.parametrize("size", [1, 2, 5, 17])
def test_the_log_comes_in_pages_that_lose_nothing(made: Site, size: int) -> None:
    found, after, more = [], 0, True
    while more:
        page = made.json(f"/api/views/t1/log?after={after}&limit={size}")
        assert len(page["records"]) <= size
        found += page["records"]
        after, more = page["next"], page["more"]
    assert found == made.json("/api/views/t1/log")["records"]


def test_a_goal_in_full(made: Site) -> None:
    node = made.json("/api/views/t1/nodes/4")
    read(schema.Node, node)
    assert node["kind"] == "goal"
    assert node["hypotheses"] == [["H", "fact 4"]]
    assert node["parent"]["step"]["node"] == 2
    assert node["parent"]["goal"]["conclusion"] == "root ∧ goal"
    assert [s["node"] for s in node["steps"]] == [6]


def test_a_step_in_full(made: Site) -> None:
    node = made.json("/api/views/t1/nodes/1")
    read(schema.Node, node)
    assert (node["kind"], node["message"], node["on"]["node"]) == ("step", "no such luck", 0)


def test_search_finds_texts_of_all_kinds(made: Site) -> None:
    def found(text: str) -> list[int]:
        return list(made.json(f"/api/views/t1/search?text={text}")["nodes"])

    assert found("FACT 3") == [3]
    assert found("such luck") == [1]
    assert found("∧") == [0]
    assert found("tactic") == [1, 2, 5, 6]
    assert made.json("/api/views/t1/search?text=tactic&limit=2") == {"nodes": [1, 2], "more": True}


def test_a_second_attempt_numbers_its_nodes_anew(made: Site) -> None:
    again = [STARTED, goal(0, None, 0, "the second root"), step(1, 0, "closed")]
    _, task = record(made.store, [*EVENTS, *again], name="twice")
    assert made.json(f"/api/views/t{task}/nodes/0")["conclusion"] == "the second root"
    assert made.get(f"/api/views/t{task}/nodes/6").status_code == 404
    assert made.json(f"/api/views/t{task}/search?text=fact")["nodes"] == [0]


def test_other_searches_on_the_same_obligation_are_named(made: Site) -> None:
    _, task = record(made.store, EVENTS[:3])
    view = made.json("/api/views/t1")
    read(schema.View, view)
    assert [other["id"] for other in view["others"]] == [f"t{task}"]


def test_a_search_that_goes_on_is_live(made: Site) -> None:
    _, task = record(made.store, EVENTS[:5], finish=False)
    assert made.json(f"/api/views/t{task}")["live"] is True
    assert made.json("/api/views/t1")["live"] is False


@pytest.mark.parametrize(
    "path",
    [
        "/api/views/t99", "/api/views/c99", "/api/views/u0123456789abcdef", "/api/views/x1", "/api/views/t1/nodes/99",
        "/api/views/t1/proof", "/api/views/t1/nodes/1/conditions", "/api/runs/99", "/api/certificates/c99",
        "/api/nothing",
    ],
)  # fmt: skip
def test_what_is_not_there(made: Site, path: str) -> None:
    answer = made.get(path)
    assert answer.status_code == 404
    read(schema.Refusal, answer.json())


@pytest.mark.parametrize(
    "path",
    [
        "/api/runs?limit=-1", "/api/runs?limit=1e3", "/api/runs?limit=99999999999999999999", "/api/runs?nonsense=1",
        "/api/runs?limit=1&limit=2", "/api/views/t1/log?limit=5001", "/api/views/t1/search",
        "/api/views/t1/search?text=",
    ],
)  # fmt: skip
def test_nonsensical_questions(made: Site, path: str) -> None:
    answer = made.get(path)
    assert answer.status_code == 400
    read(schema.Refusal, answer.json())


def test_a_program_is_explained(searched: Site) -> None:
    view = searched.json("/api/views/t1")
    read(schema.View, view)
    assert view["verdict"] == "proved"
    assert view["loops"] == {"L1": {"line": 7, "column": 5}}
    assert view["obligation"]["language"] == "c"
    proof = searched.json("/api/views/t1/proof")
    read(schema.ProofText, proof)
    (line,) = [entry for entry in proof["lines"] if "loop invariant" in entry["text"]]
    (node,) = line["nodes"]
    assert node in view["winning"]
    assert proof["file"] == "right.main.proof.c"
    conditions = searched.json(f"/api/views/t1/nodes/{node}/conditions")
    read(schema.Conditions, conditions)
    assert {query["title"].split()[0] for query in conditions["queries"]} == {"initiation", "consecution", "safety"}
    assert all("(check-sat)" in query["smtlib"] for query in conditions["queries"])


def test_a_disproved_program_has_its_trace(searched: Site) -> None:
    view = searched.json("/api/views/t2")
    assert view["verdict"] == "disproved"
    assert view["counterexample"]["failure"]["line"] == 10
    assert view["counterexample"]["trace"]
    assert view["proof"] is False


def test_a_store_that_is_gone_is_said_to_be_gone(made: Site) -> None:
    made.json("/api/runs")
    path = made.settings.store
    path.rename(path.with_suffix(".moved"))
    answer = made.get("/api/runs")
    assert answer.status_code == 500
    assert "moved, deleted or replaced" in answer.json()["error"]["message"]


def test_a_target_that_cannot_be_read_is_an_error_of_its_run(tmp_path: Path) -> None:
    settings = dataclasses.replace(Settings(), store=tmp_path / "store.db", out=tmp_path / "out")
    (tmp_path / "bad.c").write_text("int main(void) { while ( }")
    launch.prove([str(tmp_path / "bad.c")], settings, launch.Plan())
    with Store.open(settings.store) as store:
        shown = site(store, settings)
        (run,) = shown.json("/api/runs")["runs"]
        assert run["counts"] == {"error": 1}
        (task,) = shown.json(f"/api/runs/{run['id']}")["tasks"]
        assert task["name"] == "bad.c"
        assert "syntax" in task["reason"]
        view = shown.json(f"/api/views/{task['id']}")
        read(schema.View, view)
        assert (view["verdict"], view["live"]) == ("error", False)


def test_a_certificate_is_a_view_of_its_own(searched: Site) -> None:
    name = searched.json("/api/views/t1")["certificate"]["id"]
    view = searched.json(f"/api/views/{name}")
    read(schema.View, view)
    assert view["kind"] == "certificate"
    assert [other["id"] for other in view["others"]] == ["t1"]
    page = searched.json(f"/api/views/{name}/log")
    read(schema.LogPage, page)
    kinds = [entry["kind"] for entry in page["records"]]
    assert kinds[:3] == ["start", "goal", "step"]
    assert {r["node"] for r in page["records"] if r["kind"] == "step"} <= set(view["winning"])


def test_a_certificate_that_is_sent_can_be_seen_and_replayed(searched: Site, folder: Path) -> None:
    (path,) = (folder / "out").glob("right*.lemmata.json")
    answer = searched.ask("POST", "/api/certificates", content=path.read_bytes(), content_type="application/json")
    assert answer.status_code == 201
    name = answer.json()["id"]
    assert searched.json(f"/api/views/{name}")["verdict"] == "proved"
    file = searched.get(f"/api/certificates/{name}")
    assert json.loads(file.text) == json.loads(path.read_text())
    assert path.name in file.headers["content-disposition"]
    said = searched.ask("POST", f"/api/certificates/{name}/replay").json()
    read(schema.Replay, said)
    assert said["valid"] is True


def test_a_forged_certificate_is_refused(searched: Site, folder: Path) -> None:
    (path,) = (folder / "out").glob("right*.lemmata.json")
    forged = path.read_text().replace("i < n", "i < m")
    for body in (
        forged,
        "{",
        "[]",
        "null",
        '{"schema": "lemmata.certificate/1"}',
        "\ud800".encode("utf-8", "surrogatepass"),
    ):
        content = body if isinstance(body, bytes) else body.encode()
        answer = searched.ask("POST", "/api/certificates", content=content, content_type="application/json")
        assert answer.status_code == 400, body
        read(schema.Refusal, answer.json())
    assert searched.ask("POST", "/api/certificates", content=b"{}", content_type="text/plain").status_code == 415


def test_following_ends_with_what_a_reload_shows(made: Site) -> None:
    async def work() -> list[str]:
        subject = made.subjects.find("t1")
        return [piece async for piece in follow(subject.timeline, lambda: False, 0)]

    pieces = asyncio.run(work())
    assert pieces[-1].startswith("event: done")
    told = [json.loads(line[6:]) for piece in pieces for line in piece.split("\n") if line.startswith("data: [")]
    assert [entry for batch in told for entry in batch] == made.json("/api/views/t1/log")["records"]


def test_following_sees_what_comes_later(made: Site) -> None:
    _, task = record(made.store, EVENTS[:4], finish=False)
    subject = made.subjects.find(f"t{task}")
    left = EVENTS[4:]

    def live() -> bool:
        # The search goes on while somebody looks: one event between two looks.
        if not left:
            return False
        sink = made.store.sink(task)
        sink.emit(left.pop(0))
        sink.flush()
        return True

    async def work() -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        async for piece in follow(subject.timeline, live, 0):
            found += [e for line in piece.split("\n") if line.startswith("data: [") for e in json.loads(line[6:])]
        return found

    assert asyncio.run(work()) == made.json(f"/api/views/t{task}/log")["records"]


def test_following_goes_on_where_it_was(made: Site) -> None:
    after = made.json("/api/views/t1/log?limit=10")["next"]
    answer = made.get("/api/views/t1/follow", last_event_id=str(after))
    (data,) = [line for line in answer.text.split("\n") if line.startswith("data: [")]
    assert json.loads(data[6:]) == made.json("/api/views/t1/log")["records"][10:]


def test_the_first_page_of_a_run_with_one_obligation_is_that_obligation(made: Site, tmp_path: Path) -> None:
    assert site(made.store, made.settings, "run/1").json("/api/info")["start"] == "#/view/t1"
    assert site(made.store, made.settings).json("/api/info")["start"] is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    max_leaves=5,
)


@given(st.lists(st.sampled_from(EVENTS), max_size=30), st.integers(1, 7))
@settings(max_examples=50, deadline=None)
def test_any_order_of_events_can_be_read(events: list[object], size: int) -> None:
    timeline = Timeline(ListedEvents([json.loads(event.to_json()) for event in events]))  # type: ignore[attr-defined]
    after, more = 0, True
    while more:
        page = timeline.page(after, size)
        read(schema.LogPage, page)
        after, more = page["next"], page["more"]
    for number in range(8):
        node = timeline.node(number)
        if node is not None:
            read(schema.Node, json.loads(json.dumps(node).replace("-Infinity", "null")))


_KIND = st.sampled_from(sorted({event.kind for event in EVENTS}))
_FIELDS = st.sampled_from(
    ["node", "goal", "hypotheses", "parts", "notes", "subgoals", "outcome", "model", "budget", "at"]
)


@given(st.lists(st.tuples(_KIND, st.dictionaries(_FIELDS, _JSON, max_size=6)), max_size=10))
@settings(max_examples=150, deadline=None)
def test_a_malformed_event_is_told_as_nothing(events: list[tuple[str, dict[str, object]]]) -> None:
    timeline = Timeline(ListedEvents([{**fields, "kind": kind} for kind, fields in events]))
    dumps(timeline.page(0, 100))
    timeline.search("x", 10)
    for _, fields in events:
        for name in ("node", "goal"):
            if isinstance(number := fields.get(name), int):
                dumps(timeline.node(number))


def test_events_of_the_core_are_all_shown() -> None:
    shown = {compact(1, json.loads(event.to_json()))["kind"] for event in EVENTS}  # type: ignore[index]
    assert len(shown) == len({kind.kind for kind in Event.__subclasses__()})
