"""The child that runs one plugin: `python -m lemmata.host package.module:ClassName [CONFIGURATION]`.

It serves over `lemmata.rpc`, in the notation of `lemmata.codec`, what the plugin is there for:

- `propose`, of a prover: `{"goals": [...], "n": n, "shared": {...}}` is answered by a list of proposals for each goal;
- `score`, of a critic: `{"goals": [...], "shared": {...}}` is answered by a number for each goal;
- `rate`, of a ranker: `{"goals": [GOAL], "steps": [...], "shared": {...}}` is answered by a number for each step.

What all goals of an obligation share may be megabytes: each goal names it by a key under `shared`, and what stands
under a key in the params is kept for later questions. A key that is not known (any more) is answered by
`{"unknown": [keys]}`, and the question is asked again with what is missing.

A plugin that hangs, leaks or crashes takes this process with it and nothing else.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from lemmata import codec
from lemmata.errors import BackendError, BackendMissing, LemmataError
from lemmata.goal import GoalView
from lemmata.rpc import serve

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

KEPT = 4
"""How many obligations, with the facts about them, are kept between questions."""


def load(target: str, configuration: Mapping[str, Any] = MappingProxyType({})) -> Any:
    """Import a plugin's class and make an instance of it.

    Args:
        target: `package.module:ClassName`.
        configuration: the arguments that the class is called with, by name.

    Raises:
        BackendMissing: the module or something that it needs is not installed.
        BackendError: there is no such class, or it cannot be instantiated.
    """
    module_name, _, class_name = target.partition(":")
    try:
        return getattr(importlib.import_module(module_name), class_name)(**configuration)
    except LemmataError:
        raise
    except ImportError as error:
        raise BackendMissing(f"{target} cannot be loaded: {error}") from error
    except Exception as error:
        raise BackendError(f"{target} cannot be loaded: {type(error).__name__}: {error}") from error


class Host:
    """Keeps one prover, critic or ranker and answers requests with it; it is loaded by the first one.

    Args:
        target: `package.module:ClassName` of the plugin.
        configuration: the arguments that the class is called with, by name.
    """

    def __init__(self, target: str, configuration: Mapping[str, Any] = MappingProxyType({})) -> None:
        self._target = target
        self._configuration = configuration
        self._shared: dict[str, codec.Surroundings] = {}
        self._plugin: Any = None
        self._runner: asyncio.Runner | None = None

    def propose(self, params: Mapping[str, Any]) -> list[list[codec.Json]] | codec.Json:
        """Answer one request for proposals, or say what is missing to do so.

        Raises:
            BackendError: the prover cannot be loaded.
            ValueError: the request is malformed.
        """
        n = int(params["n"])
        return self._answer(
            params,
            lambda prover, goals: prover.propose(goals, n),
            lambda found: [[codec.proposal_to_json(proposal) for proposal in group] for group in found],
        )

    def score(self, params: Mapping[str, Any]) -> list[float] | codec.Json:
        """Answer one request for a critic's scores; as `propose`."""
        return self._answer(params, lambda critic, goals: critic.score(goals), _numbers)

    def rate(self, params: Mapping[str, Any]) -> list[float] | codec.Json:
        """Answer one request for a ranker's ratings; as `propose`."""
        steps = [codec.step_from_json(value) for value in params["steps"]]
        return self._answer(params, lambda ranker, goals: ranker.rate(goals[0], steps), _numbers)

    def _answer(
        self,
        params: Mapping[str, Any],
        ask: Callable[[Any, list[GoalView]], Coroutine[Any, Any, Any]],
        write: Callable[[Any], T],
    ) -> T | codec.Json:
        """Have the plugin asked about the goals of a request and write its answer."""
        unknown = self._take_in(params)
        if unknown:
            return {"unknown": unknown}
        goals = [codec.bare_view_from_json(value, self._shared[value["shared"]]) for value in params["goals"]]
        if self._plugin is None:
            self._plugin = load(self._target, self._configuration)
        return write(self._run(lambda: ask(self._plugin, goals)))

    def _take_in(self, params: Mapping[str, Any]) -> list[str]:
        """Keep what comes with a question and return the keys that it needs besides, but which are not known."""
        for key, value in params["shared"].items():
            self._shared[key] = codec.surroundings_from_json(value)
        needed = dict.fromkeys(str(value["shared"]) for value in params["goals"])
        for key in needed:
            if key in self._shared:
                self._shared[key] = self._shared.pop(key)
        # The latest come last, so that what this question needs is dropped by none.
        for key in list(self._shared)[: -max(KEPT, len(needed))]:
            del self._shared[key]
        return [key for key in needed if key not in self._shared]

    def interrupt(self) -> None:
        """Tell the plugin, where it can be told, that nobody waits for its answer any more."""
        if hasattr(self._plugin, "interrupt"):
            self._plugin.interrupt()

    def close(self) -> None:
        """Let the plugin release what it holds."""
        if hasattr(self._plugin, "close"):
            self._run(self._plugin.close)
        if self._runner is not None:
            self._runner.close()

    def _run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine to its end, in one event loop for all requests.

        Most plugins never wait for anything. Importing asyncio takes longer than starting Python, so it is left out
        until something has imported it.
        """
        if "asyncio" not in sys.modules:
            coroutine = work()
            try:
                coroutine.send(None)
            except StopIteration as finished:
                result: T = finished.value
                return result
            except RuntimeError:
                if "asyncio" not in sys.modules:
                    raise
                # It imported asyncio on its way and found no running loop: start over with one.
            finally:
                coroutine.close()
        import asyncio

        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(work())


def _numbers(found: Sequence[Any]) -> list[float]:
    # Also those of numpy and torch, which are no JSON values.
    return [float(value) for value in found]


def main() -> None:
    """Serve the plugin named on the command line until standard input ends."""
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m lemmata.host package.module:ClassName [CONFIGURATION]")
    host = Host(sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) == 3 else {})
    # Sent where nobody waits for an answer any more, to plugins that say that they can be interrupted.
    signal.signal(signal.SIGUSR1, lambda number, frame: host.interrupt())
    serve({"propose": host.propose, "score": host.score, "rate": host.rate})
    host.close()


if __name__ == "__main__":
    main()
