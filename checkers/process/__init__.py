"""Supervision of child processes, shared by every backend: limits, time-outs, clear causes of death, replay."""

from __future__ import annotations

from checkers.process.causes import Exit, Reason
from checkers.process.child import Child, spawn
from checkers.process.limits import Confinement
from checkers.process.restarting import Restarting
from checkers.process.rpc import RpcChild
from checkers.process.supervisor import Finished, Supervisor, call_once, run_once

__all__ = [
    "Child",
    "Confinement",
    "Exit",
    "Finished",
    "Reason",
    "Restarting",
    "RpcChild",
    "Supervisor",
    "call_once",
    "run_once",
    "spawn",
]
