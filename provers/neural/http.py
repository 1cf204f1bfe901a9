"""Asking a server that speaks the OpenAI HTTP API, whatever it answers: within a time, a size, and a few attempts.

Formats: the API reference's "Create chat completion" and "Create completion" (platform.openai.com/docs/api-reference),
as vLLM, `transformers serve`, llama.cpp and others offer them; streams are server-sent events (HTML standard, 9.2).
"""

from __future__ import annotations

import asyncio
import email.utils
import ipaddress
import random
import re
import time
import urllib.parse
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from lemmata.errors import BackendMissing, LemmataError, UsageError
from provers.neural.secrets import MASK, Secret
from provers.neural.stream import Collected, lines

if TYPE_CHECKING:
    import httpx

SIZE_LIMIT = 10_000_000
"""Most bytes of an answer; what is longer is cut off."""
_ERROR_SIZE = 4000
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_UNASKED = frozenset({400, 404, 415, 422, 501})
_TRIES = 6
_TRIES_OF = {500: 3}
"""Fewer for what seldom passes: some servers say 500 to every question of a kind that they cannot answer."""
_TRIES_TO_CONNECT = 3
_LONGEST_PAUSE = 30.0
_OPTIONAL = ("stream_options", "seed", "logprobs", "n", "stop", "top_p", "temperature")
"""What a question can do without, where a server does not know it."""


class Refused(LemmataError):
    """The server answered, but with no completion; its status is in the message."""

    exit_code = 4

    def __init__(self, message: str, *, status: int = 0, pause: float | None = None, told: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.pause = pause
        """Seconds that the server asks to wait."""
        self.told = told
        """What the server said, in full as far as it was read."""
        self.tries = _TRIES_OF.get(status, _TRIES)
        """How often it is worth asking."""


class TookTooLong(LemmataError):
    """The server did not answer in time; whatever it did meanwhile may have to be paid for."""

    exit_code = 4


class Endpoint:
    """One server.

    Args:
        url: its base URL, `https://api.example.com/v1`.
        key: sent as bearer token, empty for none; it is never part of a message or an answer.
        pause: seconds before the second attempt; they double each time.
        size: most bytes of an answer.

    Raises:
        UsageError: the URL or the key makes no sense.
    """

    def __init__(self, url: str, key: str = "", *, pause: float = 0.5, size: int = SIZE_LIMIT) -> None:
        self._url, self._place = _checked(url)
        if not all(33 <= ord(char) < 127 for char in key):
            raise UsageError("the API key holds blanks or characters that no key has")
        self._key = key
        self._secret = Secret(key)
        self._pause = pause
        self._size = size
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._random = random.Random()
        self._renamed = False
        self.unknown: set[str] = set()
        """Optional settings that this server has refused."""

    def __repr__(self) -> str:
        return f"Endpoint({self._place!r})"

    async def ask(self, path: str, body: Mapping[str, Any], seconds: float) -> Collected:
        """Ask for completions as a stream.

        Args:
            path: `chat/completions` or `completions`.
            body: the request.
            seconds: for all attempts together.

        Returns:
            What came, also where it was cut off; where the server said the key, `***` stands for it.

        Raises:
            LemmataError: nothing came; one line says why, without the key and without the URL's query.
        """
        collected = await self._answer(path, body, seconds)
        await asyncio.to_thread(collected.mask, self._secret.masked)
        return collected

    async def _answer(self, path: str, body: Mapping[str, Any], seconds: float) -> Collected:
        deadline = time.monotonic() + seconds
        attempt = 0
        while True:
            collected = Collected()
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + deadline - time.monotonic()):
                    await self._once(path, self._without(body), collected)
            except TimeoutError:
                if collected.anything:
                    return collected
                raise TookTooLong(f"{self._place} did not answer within {seconds:.0f} s") from None
            except Refused as error:
                if error.status in _UNASKED and self._learn(error, body):
                    continue
                if error.status not in _AGAIN:
                    raise
                failure: Refused | _Broken = error
            except _Broken as error:
                if collected.anything:
                    return collected
                failure = error
            else:
                return collected
            attempt += 1
            wanted = failure.pause if isinstance(failure, Refused) and failure.pause is not None else 0.0
            pause = max(wanted, min(self._pause * 2**attempt, _LONGEST_PAUSE) * self._random.uniform(0.5, 1.0))
            if attempt >= failure.tries or time.monotonic() + pause >= deadline:
                raise failure
            await asyncio.sleep(pause)

    def _without(self, body: Mapping[str, Any]) -> dict[str, Any]:
        sent = {key: value for key, value in body.items() if key not in self.unknown}
        if self._renamed and "max_tokens" in sent:
            sent["max_completion_tokens"] = sent.pop("max_tokens")
        return sent

    def _learn(self, error: Refused, body: Mapping[str, Any]) -> bool:
        """Leave out from now on what the server complains about; False where nothing is left to leave out."""
        if "max_completion_tokens" in error.told and not self._renamed:
            self._renamed = True
            return True
        sent = [key for key in _OPTIONAL if key in body and key not in self.unknown]
        named = [key for key in sent if re.search(rf"(?<!\w){key}(?!\w)", error.told)]
        if error.status == 404 or not sent:
            return False
        self.unknown.update(named or sent[:1])
        return True

    async def _once(self, path: str, body: Mapping[str, Any], collected: Collected) -> None:
        import httpx

        client = self._connected()
        headers = {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"}
        try:
            async with client.stream("POST", f"{self._url}/{path}", json=dict(body), headers=headers) as response:
                if response.status_code != 200:
                    raise await self._refusal(response)
                await self._read(response, collected)
        except httpx.HTTPError as error:
            tries = _TRIES_TO_CONNECT if isinstance(error, httpx.ConnectError) else _TRIES
            raise _Broken(f"{self._place}: {self._clean(_reason(error))}", tries) from None
        except (httpx.InvalidURL, httpx.StreamError, ValueError, OSError) as error:
            raise _Broken(f"{self._place}: {type(error).__name__}") from None

    async def _read(self, response: httpx.Response, collected: Collected) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refused(f"{self._place} compressed its answer, which was not asked for")
        if kind == "text/event-stream":
            async for line in lines(response.aiter_raw(), self._size):
                collected.take_line(line)
                if collected.ended:
                    return
            collected.closed()
            if collected.problem and not collected.anything:
                told = self._clean(collected.problem)
                raise Refused(f"{self._place} failed at its answer: {told[:200]}", status=500, told=told)
            if not collected.anything:
                raise _Broken(f"{self._place} broke off before its answer was there")
            return
        whole = await _limited(response.aiter_raw(), self._size)
        if len(whole) >= self._size:
            raise Refused(f"{self._place} answered more than {self._size} bytes")
        if not collected.take_document(whole):
            named = kind[:60] or "nothing it names"
            raise Refused(f"{self._place} did not answer with a completion but with {self._clean(named)}")

    async def _refusal(self, response: httpx.Response) -> Refused:
        if 300 <= response.status_code < 400:
            # A key must not follow to wherever a server points.
            return Refused(f"{self._place} redirects elsewhere; give its final URL", status=response.status_code)
        told = self._clean((await _limited(response.aiter_raw(), _ERROR_SIZE)).decode("utf-8", "replace"))
        pause = _retry_after(response.headers.get("retry-after", ""))
        message = f"{self._place} answered {response.status_code}: {told[:200] or 'nothing'}"
        return Refused(message, status=response.status_code, pause=pause, told=told)

    def _clean(self, text: str) -> str:
        """Return a server's text as one line in which the key does not stand."""
        text = self._secret.masked(text.replace(self._key, MASK) if self._key else text)
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())

    def _connected(self) -> httpx.AsyncClient:
        try:
            import httpx
        except ImportError:
            raise BackendMissing("httpx is not installed", hint="pip install 'lemmata[neural]'") from None

        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = httpx.AsyncClient(
                auth=_bearer(self._key),
                follow_redirects=False,
                timeout=httpx.Timeout(None, connect=10.0),
                # Proxies of the environment count, but not for this machine.
                trust_env=not _is_local(self._url),
            )
            self._loop = loop
        return self._client

    async def close(self) -> None:
        """Close all connections; safe to call twice."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()


class _Broken(LemmataError):
    """The connection failed or broke."""

    exit_code = 4

    def __init__(self, message: str, tries: int = _TRIES) -> None:
        super().__init__(message)
        self.tries = tries


def _bearer(key: str) -> Any:
    """Return what adds the key to a request; given even without one, so that no other file is searched for one."""

    def add(request: httpx.Request) -> httpx.Request:
        if key:
            request.headers["Authorization"] = f"Bearer {key}"
        return request

    return add


def place(url: str) -> str:
    """Return how a server is called in messages; raise `UsageError` where this is no base URL."""
    return _checked(url)[1]


def _checked(url: str) -> tuple[str, str]:
    """Return a base URL, and how it is called in messages: without user, password and query."""
    try:
        parts = urllib.parse.urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError("LEMMATA_OPENAI_BASE_URL is no URL") from None
    if parts.scheme not in ("http", "https") or not host or not url.strip().isprintable():
        raise UsageError("LEMMATA_OPENAI_BASE_URL is no URL", hint="it looks like https://api.example.com/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        hint = "give the key in LEMMATA_OPENAI_API_KEY"
        raise UsageError("LEMMATA_OPENAI_BASE_URL must not hold a user, a password or a query", hint=hint)
    shown = f"[{host}]" if ":" in host else host
    place = f"{shown}:{port}" if port else shown
    return f"{parts.scheme}://{place}{parts.path.rstrip('/')}", place


def _is_local(url: str) -> bool:
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: Exception) -> str:
    """Say what went wrong with a connection."""
    told = " ".join(str(error).split())[:120]
    kind = type(error).__name__
    return f"{kind}: {told}" if told else kind


def _retry_after(text: str) -> float | None:
    """Read `Retry-After`: seconds or a date (RFC 9110, 10.2.3)."""
    text = text.strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError, TypeError):
            return None
    return seconds if 0.0 <= seconds < 1e9 else None


async def _limited(chunks: AsyncIterator[bytes], most: int) -> bytes:
    found = bytearray()
    async for chunk in chunks:
        found += chunk
        if len(found) >= most:
            break
    return bytes(found[:most])
