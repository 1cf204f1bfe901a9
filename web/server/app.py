"""The application: what is answered to which request."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lemmata import __version__
from lemmata.certificate import file_name
from lemmata.errors import CertificateError, LemmataError
from lemmata.store.browser import Browser
from lemmata.store.records import RunRecord
from web.server import schema
from web.server.answers import Answer, refuse
from web.server.assets import Asset
from web.server.live import follow
from web.server.operations import Handler, Operation, Parameter, openapi, whole
from web.server.subjects import NothingThere, Subject, Subjects, describe
from web.server.timeline import PAGE
from web.server.workshop import Workshop, conditions, step_of

_RUNS, _TASKS, _FOUND = 200, 1000, 5000
_START_SECONDS = 2.0

Values = dict[str, Any]


class Viewer:
    """The handlers of all operations.

    Args:
        subjects: what can be viewed.
        browser: reads the store; None where there is none.
        workshop: explains and replays.
        store: path of the store, for the page's foot.
        start: what to show first: `run/3` or the name of a view; None is the list of runs.
    """

    def __init__(
        self, subjects: Subjects, browser: Browser | None, workshop: Workshop, store: str | None, start: str | None
    ) -> None:
        self._subjects = subjects
        self._browser = browser
        self._workshop = workshop
        self._store = store
        self._start = start

    def handlers(self) -> list[tuple[Operation, Callable[[Request, Values], Awaitable[Response]]]]:
        """Return every operation with what answers it."""
        log = (whole("after", 0), whole("limit", PAGE, PAGE))
        text = Parameter("text", {"type": "string", "minLength": 1, "maxLength": 1000}, required=True)
        view = "/api/views/{view}"
        node = view + "/nodes/{node}"
        certificate = "/api/certificates/{certificate}"
        get, post = functools.partial(Operation, "GET"), functools.partial(Operation, "POST")
        return [
            (get("/api/info", "What this server shows.", schema.Info), self._info),
            (
                get("/api/runs", "Runs.", schema.RunPage, (whole("before"), whole("limit", 50, _RUNS))),
                self._runs,
            ),
            (
                get(
                    "/api/runs/{run}",
                    "One run.",
                    schema.RunDetail,
                    (whole("after", 0), whole("limit", _RUNS, _TASKS)),
                    refusals=(404,),
                ),
                self._run,
            ),
            (get(view, "A search or a certificate.", schema.View, refusals=(404,)), self._view),
            (get(view + "/log", "The search as it happened.", schema.LogPage, log, refusals=(404,)), self._log),
            (
                get(
                    view + "/follow",
                    "The search while it happens.",
                    None,
                    (whole("after", 0),),
                    refusals=(404,),
                    media_type="text/event-stream",
                ),
                self._follow,
            ),
            (get(node, "A goal or a step in full.", schema.Node, refusals=(404,)), self._node),
            (
                get(node + "/conditions", "What solvers are asked about a step.", schema.Conditions, refusals=(404,)),
                self._conditions,
            ),
            (
                get(
                    view + "/search",
                    "Nodes that hold a text.",
                    schema.Found,
                    (text, whole("limit", 500, _FOUND)),
                    refusals=(404,),
                ),
                self._search,
            ),
            (get(view + "/proof", "The finished proof.", schema.ProofText, refusals=(404,)), self._proof),
            (get(certificate, "A certificate's file.", dict[str, Any], refusals=(404,)), self._certificate),
            (
                post(
                    "/api/certificates",
                    "Show a certificate; it is kept in memory only.",
                    schema.Accepted,
                    status=201,
                    refusals=(413, 415),
                    takes="application/json",
                ),
                self._accept,
            ),
            (
                post(certificate + "/replay", "Check a certificate again.", schema.Replay, refusals=(404,)),
                self._replay,
            ),
        ]

    async def _info(self, request: Request, values: Values) -> Response:
        return Answer({"version": __version__, "store": self._store, "start": await self._first()})

    async def _first(self) -> str | None:
        """Return the route to begin with: a run on a single obligation is best seen there."""
        browser, start = self._browser, self._start
        if start is None or not start.startswith("run/") or browser is None:
            return None if start is None else f"#/view/{start}"
        number = int(start.removeprefix("run/"))
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while True:
            run = await asyncio.to_thread(browser.run, number)
            tasks = await asyncio.to_thread(browser.tasks, number, 0, 2)
            young = run is not None and run.alive and not tasks
            if not young or asyncio.get_running_loop().time() > deadline:
                break
            # The run has only just begun: its first obligation will be there in a moment.
            await asyncio.sleep(0.1)
        alone = run is not None and len(run.command) == 1 and len(tasks) == 1
        return f"#/view/t{tasks[0].id}" if alone else f"#/{start}"

    async def _runs(self, request: Request, values: Values) -> Response:
        if self._browser is None:
            return Answer({"runs": [], "next": None})
        limit = max(values["limit"], 1)
        found = await asyncio.to_thread(self._browser.runs, values["before"], limit)
        counts = await asyncio.to_thread(self._browser.counts, [run.id for run in found])
        more = found[-1].id if len(found) == limit else None
        return Answer({"runs": [_run(run, counts[run.id]) for run in found], "next": more})

    async def _run(self, request: Request, values: Values) -> Response:
        number, limit = int(request.path_params["run"]), max(values["limit"], 1)
        run = await asyncio.to_thread(self._browser.run, number) if self._browser else None
        if run is None or self._browser is None:
            raise NothingThere(f"run {number}")
        counts = await asyncio.to_thread(self._browser.counts, [number])
        tasks = await asyncio.to_thread(self._browser.tasks, number, values["after"], limit)
        documents = await asyncio.to_thread(self._subjects.task_documents, tasks)
        more = tasks[-1].id if len(tasks) == limit else None
        body = {"settings": dict(run.settings), "tasks": documents, "next": more}
        return Answer({**_run(run, counts[number]), **body})

    async def _subject(self, request: Request) -> Subject:
        return await asyncio.to_thread(self._subjects.find, request.path_params["view"])

    async def _view(self, request: Request, values: Values) -> Response:
        subject = await self._subject(request)
        others = await asyncio.to_thread(self._subjects.others, subject)
        places = await self._workshop.places(subject.obligation)
        return Answer(await asyncio.to_thread(describe, subject, places, others))

    async def _log(self, request: Request, values: Values) -> Response:
        subject = await self._subject(request)
        return Answer(await asyncio.to_thread(subject.timeline.page, values["after"], values["limit"]))

    async def _follow(self, request: Request, values: Values) -> Response:
        subject = await self._subject(request)
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isdecimal() and len(last) < 16 else values["after"]
        name = request.path_params["view"]
        stream = follow(subject.timeline, lambda: self._subjects.live(name), after)
        return StreamingResponse(stream, media_type="text/event-stream")

    async def _node(self, request: Request, values: Values) -> Response:
        subject = await self._subject(request)
        number = int(request.path_params["node"])
        found = await asyncio.to_thread(subject.timeline.node, number)
        if found is None:
            raise NothingThere(f"node {number}")
        return Answer(found)

    async def _conditions(self, request: Request, values: Values) -> Response:
        subject = await self._subject(request)
        number = int(request.path_params["node"])
        event = await asyncio.to_thread(subject.timeline.step, number)
        if event is None or subject.obligation is None:
            raise NothingThere(f"step {number}")
        said = await self._workshop.explain(subject.obligation, [step_of(event)])
        if said is None:
            raise NothingThere(f"solver behind step {number}")
        return Answer(conditions(said))

    async def _search(self, request: Request, values: Values) -> Response:
        subject = await self._subject(request)
        limit = max(values["limit"], 1)
        return Answer(await asyncio.to_thread(subject.timeline.search, values["text"], limit))

    async def _proof(self, request: Request, values: Values) -> Response:
        subject = await self._subject(request)
        certificate = subject.certificate
        if certificate is None or certificate.verdict.value != "proved":
            raise NothingThere("finished proof")
        return Answer(await self._workshop.proof(certificate))

    async def _certificate(self, request: Request, values: Values) -> Response:
        name = request.path_params["certificate"]
        text = await asyncio.to_thread(self._subjects.certificate_text, name)
        try:
            certificate = await asyncio.to_thread(self._subjects.certificate, name)
            file = file_name(certificate.obligation)
        except CertificateError:
            file = f"{name}.lemmata.json"
        headers = {"content-disposition": f'attachment; filename="{file}"'}
        return Response(text.encode("utf-8", "replace"), 200, headers, "application/json")

    async def _accept(self, request: Request, values: Values) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return refuse(415, "a certificate is JSON", "send it as application/json")
        try:
            text = (await request.body()).decode("utf-8")
        except UnicodeDecodeError:
            return refuse(400, "the certificate is not UTF-8 text")
        return Answer({"id": await asyncio.to_thread(self._subjects.accept, text, "the file")}, 201)

    async def _replay(self, request: Request, values: Values) -> Response:
        name = request.path_params["certificate"]
        certificate = await asyncio.to_thread(self._subjects.certificate, name)
        return Answer(await self._workshop.replay(certificate))


def _run(run: RunRecord, counts: dict[str, int]) -> dict[str, Any]:
    status = run.status.value
    return {
        "id": run.id,
        "targets": list(run.command),
        "status": "killed" if status == "running" and not run.alive else status,
        "started": run.started,
        "finished": run.finished,
        "counts": counts,
    }


def application(viewer: Viewer, assets: Mapping[str, Asset]) -> Starlette:
    """Return the application, without the guard that belongs before it."""
    handlers = viewer.handlers()
    document = openapi([operation for operation, _ in handlers])

    async def describe_api(request: Request) -> Response:
        return Answer(document)

    routes = [operation.route(_handler(operation, answer)) for operation, answer in handlers]
    routes.append(Route("/api/openapi.json", describe_api))
    routes += [Route("/" if name == "index.html" else f"/{name}", _static(asset)) for name, asset in assets.items()]
    return Starlette(routes=routes, exception_handlers={HTTPException: _http, Exception: _broken})


def _handler(operation: Operation, answer: Callable[[Request, Values], Awaitable[Response]]) -> Handler:
    async def handle(request: Request) -> Response:
        if not operation.matches(request.path_params):
            return refuse(404, "there is nothing here")
        try:
            values = operation.read(request)
        except ValueError as error:
            return refuse(400, str(error))
        try:
            return await answer(request, values)
        except NothingThere as error:
            return refuse(404, f"there is no {error}", error.hint)
        except CertificateError as error:
            return refuse(400, error.message, error.hint)
        except LemmataError as error:
            return refuse(500, error.message, error.hint)

    return handle


def _static(asset: Asset) -> Handler:
    async def handle(request: Request) -> Response:
        return Response(asset.content, media_type=asset.media_type)

    return handle


_MESSAGES = {404: "there is nothing here", 405: "this cannot be asked so", 413: "the request is too large"}


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = (error.headers if isinstance(error, HTTPException) else None) or {}
    answer = refuse(status, _MESSAGES.get(status, "refused"))
    answer.headers.update(headers)
    return answer


async def _broken(request: Request, error: Exception) -> Response:
    text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return refuse(500, f"internal error: {text}", "please report it")
