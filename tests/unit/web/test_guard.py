"""Who may ask: a browser that came by the link, from the page itself, with requests of a sensible size."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sites import HOST, PORT, Site

from web.server.guard import MOST_BYTES, Keys
from web.server.serve import hosts

PATHS = [
    "/",
    "/app.js",
    "/api/info",
    "/api/runs",
    "/api/views/t1",
    "/api/views/t1/log",
    "/api/openapi.json",
    "/nothing",
]


def test_the_link_works_once(made: Site) -> None:
    answer = made.ask("GET", f"/?token={made.keys.token}", drop="cookie")
    # The fixture's own browser came first.
    assert answer.status_code == 403
    fresh = Keys(PORT)
    cookie = fresh.redeem(fresh.token)
    assert cookie is not None
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert fresh.redeem(fresh.token) is None
    assert fresh.known(cookie.partition(";")[0])


def test_the_link_leads_to_the_page_without_the_token(made: Site) -> None:
    keys = made.keys

    async def work() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(made.app), base_url=f"http://{HOST}") as client:
            first = await client.get(f"/?token={keys.token}", headers={"host": HOST})
            assert first.status_code == 303
            assert first.headers["location"] == "/"
            again = await client.get(f"/?token={keys.token}", headers={"host": HOST, "cookie": ""})
            assert again.status_code == 403
            return await client.get(
                "/", headers={"host": HOST, "cookie": first.headers["set-cookie"].partition(";")[0]}
            )

    assert asyncio.run(work()).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_without_the_cookie_nothing_is_told(made: Site, path: str) -> None:
    assert made.ask("GET", path, drop="cookie").status_code == 403
    assert made.ask("GET", path, cookie=f"lemmata_{PORT}=wrong").status_code == 403
    assert made.ask("GET", path, cookie=f"lemmata_{PORT}=../../etc/passwd").status_code == 403


@pytest.mark.parametrize("token", ["", "wrong", "../" * 10, "%00", "é", "x" * 5000])
def test_a_wrong_token_buys_nothing(made: Site, token: str) -> None:
    answer = made.ask("GET", f"/?token={token}", drop="cookie")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        "127.0.0.1",
        f"127.0.0.1:{PORT + 1}",
        "",
        f"127.0.0.1:{PORT}.evil.example",
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_host_is_refused(made: Site, host: str, path: str) -> None:
    # What a page does that made its name point to this machine.
    assert made.get(path, host=host).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", f"https://{HOST}", "http://127.0.0.1", "file://"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_origin_is_refused(made: Site, origin: str, method: str) -> None:
    path = "/api/info" if method == "GET" else "/api/certificates"
    assert made.ask(method, path, content=b"{}" if method == "POST" else None, origin=origin).status_code == 403


def test_requests_that_other_sites_cause_are_refused(made: Site) -> None:
    assert made.get("/api/info", sec_fetch_site="cross-site").status_code == 403
    assert made.get("/api/info", sec_fetch_site="same-site").status_code == 403
    assert made.get("/api/info", sec_fetch_site="same-origin").status_code == 200
    assert made.get("/api/info", origin=f"http://{HOST}").status_code == 200


@pytest.mark.parametrize("form", ["../", "..%2f", "%2e%2e/", "..\\", "%2e%2e%5c", "....//", "..%00/"])
@pytest.mark.parametrize(
    "place",
    ["/{}etc/passwd", "/app.js/{}app.css", "/api/{}x", "/api/views/{}", "/api/views/t1/{}log", "/api/views/t1/nodes/{}",
     "/api/certificates/{}c1", "/api/runs/{}1"],
)  # fmt: skip
def test_a_path_that_climbs_is_refused(made: Site, form: str, place: str) -> None:
    answer = raw(made, place.format(form))
    assert answer in (400, 404)


def raw(made: Site, path: str) -> int:
    """Send a path just as it is, which clients do not."""
    status = 0

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: object) -> None:
        nonlocal status
        if isinstance(message, dict) and message["type"] == "http.response.start":
            status = message["status"]

    from urllib.parse import unquote

    scope = {
        "type": "http", "method": "GET", "path": unquote(path), "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in made.headers.items()], "asgi": {},
        "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", PORT), "client": ("127.0.0.1", 1),
        "root_path": "",
    }  # fmt: skip
    asyncio.run(made.app(scope, receive, send))  # type: ignore[arg-type]
    return status


@pytest.mark.parametrize("path", ["/api/certificates", "/api/certificates/c1/replay", "/api/info", "/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_large_body_is_refused(made: Site, path: str, method: str) -> None:
    body = b" " * (10 << 20)
    assert made.ask(method, path, content=body, content_type="application/json").status_code == 413
    assert made.ask(method, path, content=body, drop="cookie").status_code == 403


def test_a_large_body_of_unknown_length_is_refused(made: Site) -> None:
    async def pieces() -> object:
        for _ in range(20):
            yield b" " * (1 << 19)

    async def work() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(made.app), base_url=f"http://{HOST}") as client:
            headers = {**made.headers, "content-type": "application/json"}
            return (await client.post("/api/certificates", headers=headers, content=pieces())).status_code  # type: ignore[arg-type]

    assert MOST_BYTES < 10 << 20
    assert asyncio.run(work()) == 413


@pytest.mark.parametrize("size", ["-1", "1e9", "99999999999999999999999", "ten", ""])
def test_a_nonsensical_length_is_refused(made: Site, size: str) -> None:
    assert made.get("/api/info", content_length=size).status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_else_can_be_done(made: Site, method: str) -> None:
    for path in ("/", "/api/info", "/api/certificates", "/api/views/t1"):
        assert made.ask(method, path).status_code == 405


def test_every_answer_forbids_what_the_page_does_not_need(made: Site) -> None:
    for path in PATHS:
        headers = made.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http:" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_nothing_is_written(made: Site, tmp_path: Path) -> None:
    def state() -> dict[str, int]:
        # The write-ahead log and its index belong to the open store of the fixture.
        return {
            path.name: path.stat().st_size for path in tmp_path.rglob("*") if path.suffix not in (".db-wal", ".db-shm")
        }

    before = state()
    made.ask("POST", "/api/certificates", content=b"{}", content_type="application/json")
    for path in PATHS:
        made.get(path)
        made.ask("POST", path, content=b"x" * 100)
    assert state() == before


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens at."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_names_of_a_server() -> None:
    assert "localhost:80" in hosts("127.0.0.1", 80)
    assert "[::1]:80" in hosts("::1", 80)
    assert hosts("10.0.0.7", 80) == ["10.0.0.7:80"]
    assert "evil.example:80" not in hosts("0.0.0.0", 80)
