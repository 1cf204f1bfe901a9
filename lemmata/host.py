"""The child that runs one prover: `python -m lemmata.host package.module:ClassName [CONFIGURATION]`.

It serves `propose` over `lemmata.rpc`: params `{"goals": [...], "n": n, "shared": {...}}` in the notation of
`lemmata.codec`, answered by a list of proposals for each goal. What all goals of an obligation share may be megabytes:
each goal names it by a key under `shared`, and what stands under a key in the params is kept for later questions. A key
that is not known (any more) is answered by `{"unknown": [keys]}`, and the question is asked again with what is missing.

A prover that hangs, leaks or crashes takes this process with it and nothing else.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from lemmata import codec
from lemmata.errors import BackendError, BackendMissing, LemmataError
from lemmata.rpc import serve

if TYPE_CHECKING:
    import asyncio

    from lemmata.protocols import Prover

T = TypeVar("T")

KEPT = 4
"""How many obligations, with the facts about them, are kept between questions."""


def load(target: str, configuration: Mapping[str, Any] = MappingProxyType({})) -> Prover:
    """Import a prover class and make an instance of it.

    Args:
        target: `package.module:ClassName`.
        configuration: the arguments that the class is called with, by name.

    Raises:
        BackendMissing: the module or something that it needs is not installed.
        BackendError: there is no such class, or it cannot be instantiated.
    """
    module_name, _, class_name = target.partition(":")
    try:
        kind = getattr(importlib.import_module(module_name), class_name)
        prover: Prover = kind(**configuration)
    except LemmataError:
        raise
    except ImportError as error:
        raise BackendMissing(f"prover {target} cannot be loaded: {error}") from error
    except Exception as error:
        raise BackendError(f"prover {target} cannot be loaded: {type(error).__name__}: {error}") from error
    return prover


class Host:
    """Keeps one prover and answers requests with it; the prover is loaded by the first one.

    Args:
        target: `package.module:ClassName` of the prover.
        configuration: the arguments that the class is called with, by name.
    """

    def __init__(self, target: str, configuration: Mapping[str, Any] = MappingProxyType({})) -> None:
        self._target = target
        self._configuration = configuration
        self._shared: dict[str, codec.Surroundings] = {}
        self._prover: Prover | None = None
        self._runner: asyncio.Runner | None = None

    def propose(self, params: Mapping[str, Any]) -> list[list[codec.Json]] | codec.Json:
        """Answer one request for proposals, or say what is missing to do so.

        Raises:
            BackendError: the prover cannot be loaded.
            ValueError: the request is malformed.
        """
        unknown = self._take_in(params)
        if unknown:
            return {"unknown": unknown}
        goals = [codec.bare_view_from_json(value, self._shared[value["shared"]]) for value in params["goals"]]
        n = int(params["n"])
        if self._prover is None:
            self._prover = load(self._target, self._configuration)
        prover = self._prover
        proposals = self._run(lambda: prover.propose(goals, n))
        return [[codec.proposal_to_json(proposal) for proposal in group] for group in proposals]

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

    def close(self) -> None:
        """Let the prover release what it holds."""
        if self._prover is not None:
            self._run(self._prover.close)
        if self._runner is not None:
            self._runner.close()

    def _run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine to its end, in one event loop for all requests.

        Most provers never wait for anything. Importing asyncio takes longer than starting Python, so it is left out
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


def main() -> None:
    """Serve the prover named on the command line until standard input ends."""
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m lemmata.host package.module:ClassName [CONFIGURATION]")
    host = Host(sys.argv[1], json.loads(sys.argv[2]) if len(sys.argv) == 3 else {})
    serve({"propose": host.propose})
    host.close()


if __name__ == "__main__":
    main()
