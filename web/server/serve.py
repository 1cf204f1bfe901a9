"""Serving the page on this machine until somebody has seen enough."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from lemmata import certificate as certificates
from lemmata.config import Settings
from lemmata.errors import InputError, UsageError
from lemmata.plugins.wiring import Workbench
from lemmata.store import Store
from web.server import assets
from web.server.app import Viewer, application
from web.server.guard import Guard, Keys
from web.server.subjects import NothingThere, Subjects
from web.server.workshop import Workshop

_GOODBYE_SECONDS = 1
"""How long open connections may take to end."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see, and where."""

    what: tuple[str, ...] = ()
    """A run's number, the name of a view, or paths of certificates; nothing is the list of runs."""
    host: str = "127.0.0.1"
    port: int = 0
    """0 takes any that is free."""
    browser: bool = True
    """Whether to open the page in the browser."""
    until_eof: bool = False
    """Whether to end when the standard input does, which belongs to whoever started this."""


def serve(settings: Settings, wish: Wish, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        settings: what the user has set.
        wish: what to show.
        announce: gets the link, once it works.

    Raises:
        LemmataError: the store or a certificate cannot be read, there is no such run, or the address is taken.
    """
    files = assets.load()
    with _store(settings.store) as store:
        browser = store.browser() if store else None
        subjects = Subjects(browser)
        start = _start(wish.what, subjects, store)
        listening = _listen(wish.host, wish.port)
        port = listening.getsockname()[1]
        keys = Keys(port)

        async def work() -> None:
            async with Workbench(settings) as bench:
                shown = str(settings.store) if store else None
                app = application(Viewer(subjects, browser, Workshop(bench), shown, start), files)
                server = _Server(Guard(app, keys, hosts(wish.host, port)))
                await server.run(listening, lambda: _greet(wish, port, keys, announce), until_eof=wish.until_eof)

        asyncio.run(work())


def hosts(host: str, port: int) -> list[str]:
    """Return the values of a `Host` header that name a server."""
    names = {"127.0.0.1", "localhost", "[::1]"} if host in ("127.0.0.1", "localhost", "::1") else {host}
    if host in ("0.0.0.0", "::"):
        names = {socket.gethostname().lower(), "127.0.0.1", "localhost"}
    return [f"[{name}]:{port}" if ":" in name and not name.startswith("[") else f"{name}:{port}" for name in names]


def _greet(wish: Wish, port: int, keys: Keys, announce: Callable[[str], None]) -> None:
    host = f"[{wish.host}]" if ":" in wish.host else wish.host
    link = f"http://{host}:{port}/?token={keys.token}"
    announce(link)
    # Without a screen a browser would be one that takes over the terminal.
    if wish.browser and (sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()


@contextlib.contextmanager
def _store(path: Path) -> Iterator[Store | None]:
    # Looking at nothing must not make a store; what is there and is no file is refused by opening it.
    if not path.exists():
        yield None
        return
    with Store.open(path) as store:
        yield store


def _start(what: Sequence[str], subjects: Subjects, store: Store | None) -> str | None:
    """Take in what was named on the command line and return what to show first."""
    if not what:
        return None
    if len(what) == 1 and what[0].isdecimal():
        if store is None or store.browser().run(int(what[0])) is None:
            raise UsageError(f"there is no run {what[0]}", hint="`lemmata view` alone lists the runs")
        return f"run/{what[0]}"
    first, *_ = [named(one, subjects) for one in what]
    return first


def named(what: str, subjects: Subjects) -> str:
    """Return the name of the view that a word on the command line means: itself, or that of a certificate file."""
    path = Path(what)
    if what[:1] in ("t", "c") and what[1:].isdecimal() and not path.exists():
        try:
            return subjects.find(what).id
        except NothingThere:
            raise UsageError(f"there is no {what} in the store", hint="`lemmata view` alone lists the runs") from None
    try:
        with path.open("rb") as file:
            text = file.read(certificates.MAX_BYTES + 1).decode("utf-8")
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
        hint = "name a run's number or a certificate file"
        raise InputError(f"cannot read certificate {what}: {why}", hint=hint) from error
    return subjects.accept(text, what)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        hint = "leave out --port to take any that is free" if taken else "check --host and --port"
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"cannot listen at {host}:{port}: {why}", hint=hint) from error
    return found


class _Server:
    """uvicorn, ended by signals that end nothing else."""

    def __init__(self, app: Guard) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_GOODBYE_SECONDS,
        )
        self._server = _Quiet(config)

    async def run(self, listening: socket.socket, ready: Callable[[], None], *, until_eof: bool) -> None:
        """Serve on a socket; `ready` is called when requests are answered."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        if until_eof:
            threading.Thread(target=self._watch, args=(loop,), daemon=True).start()
        serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.01)
        if self._server.started:
            ready()
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    def _stop(self) -> None:
        self._server.should_exit = True

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(OSError, ValueError):
            while sys.stdin.buffer.read(4096):
                pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._stop)


class _Quiet(uvicorn.Server):
    """A server that leaves signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield
