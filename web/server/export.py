"""One proof as one HTML file that needs no server and no network."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
import os
import re
from pathlib import Path
from typing import Any

from lemmata.config import Settings
from lemmata.errors import StoreError, UsageError
from lemmata.plugins.wiring import Workbench
from lemmata.store import Store
from web.server import assets
from web.server.answers import dumps
from web.server.assets import Asset
from web.server.records import Event
from web.server.serve import named
from web.server.subjects import Subject, Subjects, describe
from web.server.timeline import PAGE, Timeline
from web.server.workshop import Workshop, conditions, step_of

MARK = 'id="lemmata-data"'
MOST_BYTES = 32 << 20
"""How much of goals and steps in full goes into a page; beyond that the outline alone is told."""
_MOST_CONDITIONS = 50


def export(settings: Settings, what: str, folder: Path) -> Path:
    """Write the page of one search or certificate.

    Args:
        settings: what the user has set.
        what: a run's number, the name of a view, or a certificate's path.
        folder: where to; made where it is missing.

    Returns:
        The page's path.

    Raises:
        LemmataError: there is no such thing, a run has several obligations, or the page cannot be written.
    """
    files = assets.load()
    if settings.store.is_file():
        with Store.open(settings.store) as store:
            subjects = Subjects(store.browser())
            return _write(folder, page(files, _gather(settings, subjects, _single(store, what))))
    return _write(folder, page(files, _gather(settings, Subjects(None), what)))


def _single(store: Store, what: str) -> str:
    if not what.isdecimal():
        return what
    tasks = store.browser().tasks(int(what), 0, 6)
    if not tasks:
        raise UsageError(f"there is no run {what}, or it has no obligations", hint="`lemmata view` lists the runs")
    if len(tasks) > 1:
        names = ", ".join(f"t{task.id} ({task.name})" for task in tasks[:5]) + (", ..." if len(tasks) > 5 else "")
        raise UsageError(f"run {what} has several obligations; a page shows one", hint=f"name one of {names}")
    return f"t{tasks[0].id}"


def _gather(settings: Settings, subjects: Subjects, what: str) -> dict[str, Any]:
    subject = subjects.find(named(what, subjects))

    async def work() -> dict[str, Any]:
        async with Workbench(settings) as bench:
            return await content(subject, Workshop(bench))

    return asyncio.run(work())


async def content(subject: Subject, workshop: Workshop) -> dict[str, Any]:
    """Return everything that the page of a subject shows."""
    places = await workshop.places(subject.obligation)
    view = {**describe(subject, places, []), "live": False, "run": None}
    log = _log(subject.timeline)
    proof = None
    certificate = subject.certificate
    if certificate is not None and view["proof"]:
        proof = await workshop.proof(certificate)
    return {
        "view": view,
        "log": log,
        "nodes": _nodes(subject.timeline, log, view["winning"] or []),
        "proof": proof,
        "conditions": await _conditions(subject, workshop, view["winning"] or []),
        "certificate": certificate.to_json() if certificate else None,
    }


def _log(timeline: Timeline) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after, more = 0, True
    while more:
        part = timeline.page(after, PAGE)
        found += part["records"]
        after, more = part["next"], part["more"]
    return found


def _nodes(timeline: Timeline, log: list[dict[str, Any]], winning: list[int]) -> dict[str, Any]:
    """Return nodes in full, the most telling first, as long as there is room."""
    rejected = {r["node"] for r in log if r["kind"] == "step" and r["outcome"] not in ("closed", "open")}
    goals = [r["node"] for r in log if r["kind"] == "goal"]
    steps = [r["node"] for r in log if r["kind"] == "step"]
    order = [*winning, *goals, *(n for n in steps if n not in rejected), *(n for n in steps if n in rejected)]
    found: dict[str, Any] = {}
    size = 0
    for number in order:
        if str(number) in found:
            continue
        node = timeline.node(number)
        if node is None:
            continue
        size += len(dumps(node))
        if size > MOST_BYTES:
            break
        found[str(number)] = node
    return found


async def _conditions(subject: Subject, workshop: Workshop, winning: list[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number in winning[:_MOST_CONDITIONS]:
        event: Event | None = subject.timeline.step(number)
        if event is None or subject.obligation is None:
            continue
        said = await workshop.explain(subject.obligation, [step_of(event)])
        if said is not None and said.queries:
            found[str(number)] = conditions(said)
    return found


def page(files: dict[str, Asset], data: dict[str, Any]) -> str:
    """Return the text of the page: the viewer's own, with everything that it would fetch inside."""
    script = files["app.js"].content.decode("utf-8").replace("</script", r"<\/script")
    style = files["app.css"].content.decode("utf-8").replace("</style", r"<\/style")
    icon = base64.b64encode(files["favicon.svg"].content).decode("ascii")
    # Nothing in the data can end its element.
    body = dumps(data).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    title = html.escape(f"{data['view']['name']} · {data['view']['verdict'] or 'unknown'} · Lemmata")
    text = files["index.html"].content.decode("utf-8")
    text = re.sub(r"<link[^>]*>", "", text)
    text = re.sub(r"<script[^>]*>\s*</script>", "", text)
    text = re.sub(r"<title>[^<]*</title>", lambda _: f"<title>{title}</title>", text)
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<link rel="icon" href="data:image/svg+xml;base64,{icon}"><style>{style}</style></head>'
    )
    tail = f'<script type="application/json" {MARK}>{body}</script><script>{script}</script></body>'
    return text.replace("</head>", head, 1).replace("</body>", tail, 1)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _write(folder: Path, text: str) -> Path:
    path = folder / "index.html"
    partial = folder / f".index.{os.getpid()}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists() and MARK not in path.read_text("utf-8", "replace"):
            raise UsageError(f"{path} is there and is no page of Lemmata's", hint="name another folder")
        try:
            partial.write_text(text, "utf-8", "replace")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror or error}", hint="free some space, or name another folder"
        ) from error
    return path
