"""Who may ask: one browser on this machine, with the link that the command printed, from the page that it was given."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.server.answers import refuse

MOST_BYTES = 8 << 20
"""Largest body of a request."""
_MOST_IGNORED = 64 << 20
_IGNORE_SECONDS = 0.5
"""How much of a refused body is read, and how long the next piece of it is waited for."""

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_AGAIN = "open the link that the command printed; it works once, so run `lemmata view` again for a new one"


class Keys:
    """The token that is in the link, good for one use, and the cookie that it is exchanged for.

    Args:
        port: of the server; a browser sends cookies to all ports of a host, so each has a cookie of its own.
    """

    def __init__(self, port: int) -> None:
        self.cookie = f"lemmata_{port}"
        self.token = secrets.token_urlsafe(32)
        self._secret = secrets.token_urlsafe(32)
        self._used = False

    def redeem(self, token: str) -> str | None:
        """Return the `Set-Cookie` header that a token buys, None where it is wrong or was used before."""
        if self._used or not secrets.compare_digest(token.encode(), self.token.encode()):
            return None
        self._used = True
        return f"{self.cookie}={self._secret}; Path=/; HttpOnly; SameSite=Strict"

    def known(self, header: str) -> bool:
        """Say whether a `Cookie` header holds the cookie."""
        try:
            morsel = SimpleCookie(header).get(self.cookie)
        except CookieError:
            return False
        return morsel is not None and secrets.compare_digest(morsel.value.encode(), self._secret.encode())


class Guard:
    """ASGI middleware that lets only such requests through, and limits what they may send.

    Args:
        app: what is guarded.
        keys: token and cookie.
        hosts: values of the `Host` header that are ours, such as `127.0.0.1:8000`.
    """

    def __init__(self, app: ASGIApp, keys: Keys, hosts: Iterable[str]) -> None:
        self._app = app
        self._keys = keys
        self._hosts = frozenset(hosts)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        if problem := self._foreign(scope, headers):
            await _refuse(refuse(*problem), scope, receive, protected)
            return
        if scope["path"] == "/" and (token := _token(scope)) is not None:
            await self._enter(token, headers, scope, receive, protected)
            return
        if not self._keys.known(headers.get("cookie", "")):
            answer = refuse(403, "this page belongs to somebody else's browser", _AGAIN)
            await _refuse(answer, scope, receive, protected)
            return
        size = headers.get("content-length", "0")
        if not size.isdecimal() or len(size) > 18 or int(size) > MOST_BYTES:
            await _too_large(scope, receive, protected)
            return
        await self._limited(scope, receive, protected)

    def _foreign(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 403, "this host name is not ours", "use the address that the command printed"
        if any(origin not in self._origins for origin in headers.getlist("origin")):
            return 403, "requests from other pages are refused", ""
        if scope["path"].startswith("/api") and headers.get("sec-fetch-site", "same-origin") not in _NEAR:
            return 403, "requests from other pages are refused", ""
        raw = scope.get("raw_path", b"").lower()
        if any(part in raw for part in (b"..", b"%2e", b"%2f", b"%5c", b"\\", b"%00")):
            return 400, "this is no address of ours", ""
        return None

    async def _enter(self, token: str, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        cookie = self._keys.redeem(token)
        if cookie is None and not self._keys.known(headers.get("cookie", "")):
            await refuse(403, "this link is wrong, or was used before", _AGAIN)(scope, receive, send)
            return
        answer = [(b"location", b"/"), (b"content-length", b"0")]
        if cookie is not None:
            answer.append((b"set-cookie", cookie.encode()))
        await send({"type": "http.response.start", "status": 303, "headers": answer})
        await send({"type": "http.response.body", "body": b""})

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, and refuse a body that turns out too large while it arrives."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_BYTES:
                raise HTTPException(413, headers={"connection": "close"})
            return message

        await self._app(scope, counted, send)


_NEAR = {"same-origin", "none"}


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    what = f"a request may hold {MOST_BYTES >> 20} MiB at most"
    answer = refuse(413, what, "name a larger certificate on the command line: lemmata view FILE")
    answer.headers["connection"] = "close"
    await _refuse(answer, scope, receive, send)


async def _refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer after the body, as far as it comes and is not beyond all measure: else the client may never read it."""
    taken, more = 0, True
    with contextlib.suppress(TimeoutError):
        while more and taken < _MOST_IGNORED:
            async with asyncio.timeout(_IGNORE_SECONDS):
                message = await receive()
            taken += len(message.get("body", b""))
            more = message.get("more_body", False)
    await answer(scope, receive, send)


def _token(scope: Scope) -> str | None:
    values = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token")
    return values[0] if values else None
