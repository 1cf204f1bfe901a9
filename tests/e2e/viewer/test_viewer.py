"""What a person does with the viewer, in a real browser."""

from __future__ import annotations

import dataclasses
import http.client
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_up_search
import pytest
from browsing import RIGHT, environment, proving_in_sight, viewing

from lemmata import certificate as certificates
from lemmata.errors import Location
from lemmata.store import RunStatus, Store

FRONTEND = Path(__file__).parents[3] / "web" / "frontend"
needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="Coq is not installed (apt-get install coq)")


def show(page: Any, route: str) -> None:
    """Go to an address within the page and wait until it is there."""
    page.goto(f"{page.address}/{route}")
    page.reload()
    page.wait_for_selector("h1")


def view(page: Any, name: str) -> None:
    """Open a view and wait until its tree is drawn."""
    show(page, f"#/view/{name}")
    page.wait_for_function("() => Number(document.querySelector('[data-nodes]')?.dataset.nodes ?? 0) > 0")


def selected(page: Any) -> str:
    """Return what a screen reader says of the selected node."""
    return str(page.locator("[role=treeitem]").text_content())


def tab(page: Any, name: str) -> Any:
    """Open a tab of the panel and return what it shows."""
    page.get_by_role("tab", name=name).click()
    return page.get_by_role("tabpanel")


def test_from_the_runs_to_a_proof(page: Any) -> None:
    page.get_by_role("heading", name="Runs").wait_for()
    page.get_by_role("link", name="Run 1", exact=False).first.click()
    page.get_by_role("link", name="main").click()
    page.wait_for_selector("canvas[data-tree]")
    assert "proved" in page.locator("main").inner_text()
    assert re.search(r"#/view/t1$", page.url)
    page.go_back()
    page.get_by_role("link", name="main").wait_for()


def test_walking_through_the_tree_by_keyboard(page: Any) -> None:
    view(page, "t1")
    page.get_by_role("tree").focus()
    page.keyboard.press("Home")
    assert "goal" in selected(page)
    assert "/node/0" in page.url
    page.keyboard.press("w")
    page.wait_for_function("() => /step/.test(document.querySelector('[role=treeitem]').textContent)")
    assert "proved" in selected(page)
    page.wait_for_function("() => !location.hash.endsWith('/node/0')")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/node/0")


def test_the_keys_are_told(page: Any) -> None:
    view(page, "t1")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert "search" in dialog.inner_text().lower()
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_an_address_leads_back_to_its_node(page: Any) -> None:
    view(page, "t1")
    page.get_by_role("tree").focus()
    page.keyboard.press("Home")
    page.keyboard.press("w")
    page.wait_for_function("() => /step/.test(document.querySelector('[role=treeitem]').textContent)")
    said, address = selected(page), page.url
    page.goto(f"{page.address}/#/")
    page.get_by_role("heading", name="Runs").wait_for()
    page.goto(address)
    page.reload()
    page.wait_for_function("(said) => document.querySelector('[role=treeitem]')?.textContent === said", arg=said)


def test_a_step_tells_its_clauses_and_conditions(page: Any) -> None:
    view(page, "t1")
    page.get_by_role("tree").focus()
    page.keyboard.press("Home")
    page.keyboard.press("w")
    panel = tab(page, "Goal")
    panel.get_by_text("L1").first.wait_for()
    assert "i <" in panel.inner_text()
    panel.get_by_role("button", name="Show conditions").click()
    panel.get_by_text("initiation of L1").first.click()
    panel.get_by_text("(check-sat)").first.wait_for()


def test_the_source_has_its_invariant(page: Any) -> None:
    view(page, "t1")
    panel = tab(page, "Source")
    panel.get_by_text("while").first.wait_for()
    assert "i = i + 1" in panel.inner_text().replace("\u00a0", " ")


def test_a_counterexample_is_stepped_through(page: Any) -> None:
    view(page, "t2")
    panel = tab(page, "Counterexample")
    panel.get_by_role("button", name=re.compile("last", re.I)).click()
    text = panel.inner_text()
    assert "assertion may fail" in text
    assert re.search(r"\bi\b\D*3", text)
    panel.get_by_role("button", name=re.compile("first", re.I)).click()
    assert panel.inner_text() != text


def test_a_certificate_is_only_a_claim_until_it_is_replayed(page: Any, folder: Path) -> None:
    (path,) = (folder / "out").glob("right*.lemmata.json")
    drop(page, path.read_text())
    page.wait_for_url("**/#/view/u*")
    page.get_by_text("claims proved").first.wait_for()
    tab(page, "Checks").get_by_role("button", name="Replay").click()
    page.get_by_text("Replayed here: the certificate is valid.").wait_for(timeout=60_000)
    assert page.get_by_text("claims proved").count() == 0


def test_a_forged_certificate_is_called_not_valid(page: Any, folder: Path) -> None:
    """Sealed anew with digests that fit, about a file that is not there: only the checker can tell."""
    (path,) = (folder / "out").glob("right*.lemmata.json")
    honest = certificates.loads(path.read_text())
    source = honest.obligation.source.replace("i = i + 1", "i = i + 2")
    obligation = dataclasses.replace(honest.obligation, source=source, location=Location("/gone/right.c", 3, 5))
    forged = dataclasses.replace(honest, obligation=obligation, absolute_path="/gone/right.c").sealed()
    drop(page, forged.dumps())
    page.wait_for_url("**/#/view/u*")
    tab(page, "Checks").get_by_role("button", name="Replay").click()
    page.get_by_text("The certificate claims “proved”, and that is not valid").wait_for(timeout=60_000)
    assert page.locator("main header").first.inner_text().startswith("not valid")


def test_ten_megabytes_are_refused_with_an_answer(page: Any) -> None:
    (cookie,) = page.context.cookies()
    host = page.address.removeprefix("http://")
    for headers, status in (({"Cookie": f"{cookie['name']}={cookie['value']}"}, 413), ({}, 403)):
        connection = http.client.HTTPConnection(host, timeout=20)
        connection.request(
            "POST", "/api/certificates", b"x" * (10 << 20), {"Content-Type": "application/json", **headers}
        )
        assert connection.getresponse().status == status
        connection.close()


def test_a_certificate_is_replayed(page: Any) -> None:
    view(page, "t1")
    panel = tab(page, "Checks")
    panel.get_by_role("button", name="Replay").click()
    panel.get_by_text(re.compile(r"\bvalid\b")).first.wait_for(timeout=60_000)


def test_the_proof_can_be_read_and_taken_along(page: Any) -> None:
    view(page, "t1")
    panel = tab(page, "Proof")
    panel.get_by_text("loop invariant").first.wait_for()
    with page.expect_download() as download:
        panel.get_by_role("button", name="Proof", exact=True).click()
    assert "loop invariant" in Path(download.value.path()).read_text()
    with page.expect_download() as download:
        panel.get_by_role("button", name="SVG").click()
    assert Path(download.value.path()).read_text().startswith("<")
    with page.expect_download() as download:
        panel.get_by_role("button", name="PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_line_of_the_proof_leads_to_its_step(page: Any) -> None:
    view(page, "t1")
    panel = tab(page, "Proof")
    panel.get_by_text("loop invariant").first.click()
    page.wait_for_url("**/node/*")
    assert "step" in selected(page)


def drop(page: Any, text: str) -> None:
    """Drop a file on the page."""
    data = page.evaluate_handle(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], 'c.lemmata.json'));
          return data;
        }""",
        text,
    )
    page.dispatch_event("main", "drop", {"dataTransfer": data})


def test_a_certificate_file_is_dropped_on_the_page(page: Any, folder: Path) -> None:
    (path,) = (folder / "out").glob("wrong*.lemmata.json")
    page.get_by_role("heading", name="Runs").wait_for()
    drop(page, path.read_text())
    page.wait_for_url("**/#/view/u*")
    page.wait_for_selector("canvas[data-tree]")
    assert "disproved" in page.locator("main").inner_text()


def test_a_forged_certificate_is_refused_plainly(page: Any, folder: Path) -> None:
    (path,) = (folder / "out").glob("right*.lemmata.json")
    page.allowed.append("400")
    drop(page, path.read_text().replace("i < n", "i < m"))
    page.get_by_text("altered").first.wait_for()


def test_two_searches_side_by_side(page: Any) -> None:
    show(page, "#/compare/t1/t3")
    page.wait_for_function("() => document.querySelectorAll('canvas[data-tree]').length === 2")
    page.get_by_text("cumulative").first.wait_for()


@needs_coq
def test_a_goal_of_coq_shows_what_its_step_changed(page: Any) -> None:
    view(page, "t4")
    page.get_by_role("tree").focus()
    page.keyboard.press("Home")
    panel = tab(page, "Goal")
    panel.get_by_text("A /\\ B").first.wait_for()
    assert "coq-tactics" in panel.inner_text()


def test_finding_text(page: Any) -> None:
    view(page, "t1")
    page.keyboard.press("/")
    page.keyboard.type("assertion may fail")
    page.wait_for_function("() => /[1-9]\\d* found/.test(document.querySelector('[role=search]').textContent)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/node/*")


def axe(page: Any) -> list[str]:
    """Return what axe finds serious or critical."""
    page.evaluate((FRONTEND / "node_modules" / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("() => axe.run(document)")
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_serious_to_say(folder: Path, new_page: Callable[..., Any], scheme: str) -> None:
    with viewing(folder) as running:
        page = new_page(color_scheme=scheme)
        page.goto(running.link)
        page.address = running.address
        page.get_by_role("heading", name="Runs").wait_for()
        assert axe(page) == []
        show(page, "#/run/1")
        page.get_by_role("link", name="main").wait_for()
        assert axe(page) == []
        for name, tabs in (("t1", ["Goal", "Source", "Proof", "Checks"]), ("t2", ["Counterexample"])):
            view(page, name)
            page.get_by_role("tree").focus()
            page.keyboard.press("Home")
            for title in tabs:
                tab(page, title)
                assert axe(page) == [], (name, title)
        show(page, "#/compare/t1/t3")
        page.wait_for_function("() => document.querySelectorAll('canvas[data-tree]').length === 2")
        assert axe(page) == []


def test_at_twice_the_size_everything_is_within_reach(folder: Path, new_page: Callable[..., Any]) -> None:
    with viewing(folder) as running:
        page = new_page()
        page.set_viewport_size({"width": 640, "height": 400})
        page.goto(running.link)
        page.address = running.address
        view(page, "t1")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 640
        panel = tab(page, "Source")
        panel.scroll_into_view_if_needed()
        assert panel.is_visible()


TOTAL = "() => Number(document.querySelector('[data-nodes]')?.dataset.total ?? 0)"


def test_following_a_search_as_it_happens(tmp_path: Path, new_page: Callable[..., Any]) -> None:
    """`prove --view` shows the search live; when it ends the page is as it would be after a reload."""
    (tmp_path / "hard.c").write_text(RIGHT.replace("i == n", "i == n && i * i * i == n * n * n"))
    with proving_in_sight(tmp_path, tmp_path / "hard.c", "--timeout", "6") as (process, link):
        page = new_page()
        page.goto(link)
        page.wait_for_function(f"() => ({TOTAL})() > 0")
        assert "/#/view/t1" in page.url
        ends_as_reloaded(page)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (0, 3)


def ends_as_reloaded(page: Any) -> int:
    """Wait for the end, check that the page shows the same after a reload, and return how many nodes there are."""
    # The verdict is there with the search's last event; the page is done when nobody works on it any more.
    page.get_by_text("at work", exact=True).wait_for(state="hidden", timeout=60_000)
    page.get_by_text("live", exact=True).wait_for(state="hidden", timeout=60_000)
    page.wait_for_function("() => !document.querySelector('main [aria-busy=true]')")
    total, said = page.evaluate(TOTAL), page.locator("main header").first.inner_text()
    page.reload()
    page.wait_for_function(f"() => ({TOTAL})() === {total}")
    page.wait_for_function("(said) => document.querySelector('main header')?.innerText === said", arg=said)
    return int(total)


def test_a_fast_search_grows_under_the_eyes_of_who_watches_it(tmp_path: Path, new_page: Callable[..., Any]) -> None:
    wanted = list(made_up_search.search(3000))
    nodes = sum(event.kind in ("goal_opened", "step_checked") for event in wanted)
    seen = threading.Event()
    with Store.open(tmp_path / "store.db") as store:
        run, task = made_up_search.task(store)
        sink = store.sink(task)

        def search() -> None:
            half = len(wanted) // 2
            for event in wanted[:half]:
                sink.emit(event)
            # The other half comes only when the first one was seen.
            seen.wait(60)
            for event in wanted[half:]:
                sink.emit(event)
            sink.flush()
            store.finish_task(task, "unknown", "time budget spent", 1.0, "{}")
            store.finish_run(run, RunStatus.FINISHED)

        searching = threading.Thread(target=search)
        searching.start()
        try:
            with viewing(tmp_path, str(run)) as running:
                page = new_page()
                page.goto(running.link)
                page.wait_for_function(f"() => ({TOTAL})() > 1000")
                page.get_by_text("live", exact=True).wait_for()
                assert page.evaluate(TOTAL) < nodes
                seen.set()
                page.wait_for_function(f"() => ({TOTAL})() === {nodes}")
                assert ends_as_reloaded(page) == nodes
        finally:
            seen.set()
            searching.join()


def test_an_exported_page_needs_no_server(folder: Path, tmp_path: Path, new_page: Callable[..., Any]) -> None:
    (path,) = (folder / "out").glob("right*.lemmata.json")
    for what in (str(path), "t2"):
        where = tmp_path / what.replace("/", "_")
        command = [
            sys.executable,
            "-m",
            "lemmata",
            "view",
            what,
            "--export",
            str(where),
            "--store",
            str(folder / "store.db"),
        ]
        done = subprocess.run(
            command, env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=True
        )
        assert Path(done.stdout.strip()) == where / "index.html"
        assert [file.name for file in where.iterdir()] == ["index.html"]
        page = new_page(offline=True)
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto((where / "index.html").as_uri())
        page.wait_for_function("() => Number(document.querySelector('[data-nodes]')?.dataset.nodes ?? 0) > 0")
        tab(page, "Proof" if what != "t2" else "Counterexample")
        page.get_by_role("tree").focus()
        page.keyboard.press("Home")
        page.reload()
        page.wait_for_function("() => /goal/.test(document.querySelector('[role=treeitem]')?.textContent ?? '')")
        assert axe(page) == []
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_nothing_but_this_server_is_asked(page: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    view(page, "t1")
    assert asked
    assert [url for url in asked if not url.startswith((page.address, "data:", "blob:"))] == []


def test_what_is_in_the_store_stays_as_it_is(page: Any, folder: Path) -> None:
    def state() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file() and "store.db-" not in p.name}

    before = state()
    for name in ("t1", "t2"):
        view(page, name)
        tab(page, "Checks").get_by_role("button", name="Replay").click()
        page.get_by_text(re.compile(r"\bvalid\b")).first.wait_for(timeout=60_000)
    assert json.dumps(sorted(before)) == json.dumps(sorted(state()))
    assert before == state()
