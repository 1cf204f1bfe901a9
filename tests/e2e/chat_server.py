"""A small server of the OpenAI HTTP API in a thread of the test, which answers with what a function says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


class ChatServer:
    """Answers chat questions until it is stopped.

    Args:
        answer: the answer to the turns of a chat, written one below the other.
        key: the only key that is let in.
        dies_after: answers after which nothing is answered and nobody let in any more; None is never.
    """

    def __init__(self, answer: Callable[[str], str], key: str = "", *, dies_after: int | None = None) -> None:
        self.prompts: list[str] = []
        self.keys: list[str] = []
        self.refused = 0
        """Questions that came after its death."""
        self.problems: list[Exception] = []
        """What went wrong in `answer`."""
        self._answer = answer
        self.key = key
        self._left = dies_after
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> ChatServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._thread.join()
        if error is None and self.problems:
            raise self.problems[0]

    def close(self) -> None:
        """Let nobody connect any more; an answer under way is given. Safe to call twice."""
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server._serve(self, body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler

    def _serve(self, request: BaseHTTPRequestHandler, body: Mapping[str, Any]) -> None:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        prompt = "\n\n".join(turn["content"] for turn in body.get("messages", ()))
        with self._lock:
            if self._left == 0:
                self.refused += 1
                return
            self._left = None if self._left is None else self._left - 1
            self.keys.append(key)
            self.prompts.append(prompt)
        if not request.path.endswith("/chat/completions"):
            request.send_error(404)
            return
        if key != self.key:
            # As real servers do: what was sent is said again.
            request.send_error(401, "wrong key", f"the key {key} is not known")
            return
        try:
            text = self._answer(prompt)
        except Exception as error:  # noqa: BLE001 - the test raises it again
            self.problems.append(error)
            request.send_error(400)
            return
        try:
            self._stream(request, body, text)
        except ConnectionError:
            """Who asked has gone: the goal is closed."""

    def _stream(self, request: BaseHTTPRequestHandler, body: Mapping[str, Any], text: str) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.end_headers()
        for index in range(int(body.get("n", 1))):
            for piece in (text[: len(text) // 2], text[len(text) // 2 :]):
                self._event(request, {"choices": [{"index": index, "delta": {"content": piece}}]})
            self._event(request, {"choices": [{"index": index, "delta": {}, "finish_reason": "stop"}]})
        usage = {"prompt_tokens": 100, "completion_tokens": 20}
        self._event(request, {"system_fingerprint": "fp-1", "choices": [], "usage": usage})
        request.wfile.write(b"data: [DONE]\n\n")

    def _event(self, request: BaseHTTPRequestHandler, value: Mapping[str, Any]) -> None:
        request.wfile.write(b"data: " + json.dumps({"model": "chat", **value}).encode() + b"\n\n")
        request.wfile.flush()
