"""A small server of the OpenAI HTTP API whose manners are chosen request by request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

Manner = Callable[["Exchange"], Awaitable[None]]


class Exchange:
    """One request, and the way to answer it."""

    def __init__(self, head: bytes, body: Any, writer: asyncio.StreamWriter, server: Server) -> None:
        first, *fields = head.decode("latin-1").split("\r\n")
        self.path = first.split(" ")[1]
        self.headers = {k.strip().lower(): v.strip() for k, _, v in (f.partition(":") for f in fields if f)}
        self.body = body
        self.server = server
        self._writer = writer

    async def head(self, status: int = 200, kind: str = "text/event-stream", **fields: str) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        await self.send(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def event(self, value: Any) -> None:
        await self.send(b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n")

    async def gone(self) -> None:
        """Wait until the other side closes the connection."""
        while True:
            await self.send(b": still here\n\n")
            await asyncio.sleep(0.01)


class Server:
    """Answers with the manners of its script, one each, and then with the last one again and again."""

    def __init__(self, *manners: Manner) -> None:
        self.manners = list(manners)
        self.requests: list[Exchange] = []
        self.left = asyncio.Event()
        """Set when a client closed the connection before its answer was complete."""
        self.came = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                ),
                0,
            )
            body = json.loads(await reader.readexactly(length) or b"null")
            exchange = Exchange(head, body, writer, self)
            self.requests.append(exchange)
            self.came.set()
            manner = self.manners.pop(0) if len(self.manners) > 1 else self.manners[0]
            await manner(exchange)
        except ConnectionError:
            self.left.set()
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()


def answers(*texts: str, **settings: Any) -> Manner:
    """Answer well with these texts, as many as are asked for."""

    async def manner(exchange: Exchange) -> None:
        count = int(exchange.body.get("n", 1)) if settings.get("honours_n", True) else 1
        chosen = [texts[i % len(texts)] for i in range(count)]
        if settings.get("stream", True):
            await stream(exchange, chosen, **settings)
        else:
            await exchange.head(kind="application/json")
            await exchange.send(json.dumps(document(exchange, chosen)).encode())

    return manner


async def stream(exchange: Exchange, texts: Iterable[str], **settings: Any) -> None:
    """Send texts as a stream, each in pieces of four characters, with log-probabilities where they are wanted."""
    chat = exchange.path.endswith("/chat/completions")
    await exchange.head()
    total = 0
    for index, text in enumerate(texts):
        for at in range(0, len(text), 4):
            total += 1
            piece = text[at : at + 4]
            part: dict[str, Any] = {"delta": {"content": piece}} if chat else {"text": piece}
            if exchange.body.get("logprobs") and settings.get("logprobs", True):
                likely = {"content": [{"token": piece, "logprob": -0.25}]} if chat else {"token_logprobs": [-0.25]}
                part["logprobs"] = likely
            said = {"model": "tiny", **{k: settings[k] for k in ("model", "system_fingerprint") if k in settings}}
            await exchange.event({**said, "choices": [{"index": index, **part}]})
        await exchange.event({"choices": [{"index": index, "delta": {}, "finish_reason": "stop"}]})
    if settings.get("usage", True):
        await exchange.event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": total}})
    if settings.get("done", True):
        await exchange.event(b"[DONE]")


def document(exchange: Exchange, texts: Iterable[str]) -> dict[str, Any]:
    """Build an answer that is no stream."""
    chat = exchange.path.endswith("/chat/completions")
    made = [{"message": {"content": text}} if chat else {"text": text} for text in texts]
    choices = [{"index": i, "finish_reason": "stop", **one} for i, one in enumerate(made)]
    return {"model": "tiny", "choices": choices, "usage": {"prompt_tokens": 11, "completion_tokens": 7}}


def fails(status: int, text: str = "sorry", **fields: str) -> Manner:
    """Answer with an error."""

    async def manner(exchange: Exchange) -> None:
        await exchange.head(status, "application/json", **fields)
        await exchange.send(text.encode())

    return manner


async def closes(exchange: Exchange) -> None:
    """Close the connection without an answer."""


async def garbage(exchange: Exchange) -> None:
    """Send what is no stream under the name of one."""
    await exchange.head()
    await exchange.send(bytes(range(256)) * 40 + b'\ndata: {\ndata: []\ndata: {"choices": [1, {"index": -5}, []]}\n')


def cut(text: str, rest: str) -> Manner:
    """Send one whole answer and part of another, then close."""

    async def manner(exchange: Exchange) -> None:
        await exchange.head()
        await exchange.event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]})
        await exchange.event({"choices": [{"index": 1, "delta": {"content": rest}}]})
        await exchange.send(b'data: {"choices": [{"index": 1, "delta": {"con')

    return manner


def drips(text: str) -> Manner:
    """Send one whole answer and then a byte now and then, for ever."""

    async def manner(exchange: Exchange) -> None:
        await exchange.head()
        if text:
            await exchange.event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]})
        await exchange.gone()

    return manner


def endless(first: str, *, events: bool = True) -> Manner:
    """Send one whole answer and then 10 MB and more."""

    async def manner(exchange: Exchange) -> None:
        await exchange.head(kind="text/event-stream" if events else "application/json")
        if events:
            await exchange.event({"choices": [{"index": 0, "delta": {"content": first}, "finish_reason": "stop"}]})
        while True:
            filler = json.dumps({"choices": [{"index": 1, "delta": {"content": "x" * 60_000}}]}).encode()
            await exchange.send(b"data: " + filler + b"\n\n" if events else b" " * 60_000)

    return manner
