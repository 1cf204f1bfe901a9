"""The proof graph: what was tried, and what follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import networkx as nx

from lemmata.errors import GraphError
from lemmata.goal import GoalRef
from lemmata.graph.extraction import Proof, cheapest_proof, default_cost
from lemmata.graph.loops import LoopFinder
from lemmata.graph.nodes import Changes, GoalNode, GoalStatus, StepNode, StepStatus, dead_status, price
from lemmata.graph.propagation import Support
from lemmata.graph.reach import Reach
from lemmata.outcome import Open, Outcome, Rejected
from lemmata.step import Proposal


class ProofGraph:
    """An AND/OR graph of goals (one proved step proves them) and steps (which need all their subgoals).

    Equal goals share a node unless their key was un-merged. Every change costs time in proportion to what it changes.
    Statuses follow three least fixpoints: what is proved, what may still be proved, and what can be reached from the
    root by steps that still matter; `check_invariants` computes them naively and compares.

    Args:
        root: the goal to prove; its node is number 0.
    """

    def __init__(self, root: GoalRef) -> None:
        self._begin(())
        self._finish(self._new_goal(root))

    def _begin(self, split: Iterable[str]) -> None:
        self.network: Any = nx.DiGraph()
        """Goal -> step -> subgoal, by number; read only. `goal` and `step` say what the numbers stand for."""
        self._goals: dict[int, GoalNode] = {}
        self._steps: dict[int, StepNode] = {}
        self._index: dict[str, int] = {}
        self._split = set(split)
        self._next = 0
        self._order = 0
        self._touched: set[int] = set()
        self._changes = Changes()
        self._counts: Counter[str] = Counter()
        self._proved = Support(self.network, self._steps, lambda goal: False, self._touched)
        self._viable = Support(self.network, self._steps, lambda goal: not self._goals[goal].exhausted, self._touched)
        self._reach = Reach(self.network, self._goals, self._steps)
        self._loops = LoopFinder(self.network, self._goals, self._steps)

    def _finish(self, root: int) -> None:
        self.root = root
        node = self._goals[root]
        node.reached, node.cost = True, 0.0
        self._settle()

    # Reading

    def __len__(self) -> int:
        return len(self._goals) + len(self._steps)

    def __contains__(self, node: object) -> bool:
        return node in self._goals or node in self._steps

    def goal(self, node: int) -> GoalNode:
        """Return a goal node by number; raise `GraphError` where there is none."""
        try:
            return self._goals[node]
        except KeyError:
            raise GraphError(f"the graph has no goal {node}") from None

    def step(self, node: int) -> StepNode:
        """Return a step node by number; raise `GraphError` where there is none."""
        try:
            return self._steps[node]
        except KeyError:
            raise GraphError(f"the graph has no step {node}") from None

    def goals(self) -> Iterator[GoalNode]:
        """Iterate over the goals in order of creation."""
        return iter(self._goals.values())

    def steps(self) -> Iterator[StepNode]:
        """Iterate over the steps in order of creation."""
        return iter(self._steps.values())

    def steps_of(self, goal: int) -> Iterator[StepNode]:
        """Iterate over the steps tried on a goal."""
        return (self._steps[n] for n in self.network.successors(goal))

    def parents_of(self, goal: int) -> Iterator[StepNode]:
        """Iterate over the valid steps that have this goal as a subgoal."""
        return (self._steps[n] for n in self.network.predecessors(goal))

    def has_goal(self, node: int) -> bool:
        """Whether there is a goal of this number."""
        return node in self._goals

    def find(self, key: str) -> int | None:
        """Return the goal node that later equal goals will share, or None."""
        return self._index.get(key)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many goals have each status, by the status's name."""
        return self._counts

    @property
    def split_keys(self) -> frozenset[str]:
        """Keys whose goals are no longer shared."""
        return frozenset(self._split)

    @property
    def proved(self) -> bool:
        """Whether the root is proved, as far as the session's word goes."""
        return self._goals[self.root].status is GoalStatus.PROVED

    @property
    def failed(self) -> bool:
        """Whether no proof of the root can come any more."""
        return self._goals[self.root].status is GoalStatus.FAILED

    def holds(self, step: int) -> bool:
        """Whether a step is valid and all its subgoals are proved."""
        return self._proved.missing.get(step) == 0

    def cheapest_proof(self, cost: Callable[[StepNode], float] = default_cost) -> Proof | None:
        """Return the cheapest proof of the root, or None; see `lemmata.graph.extraction`."""
        return cheapest_proof(self, cost)

    # Changing

    def add_step(self, goal: int, proposal: Proposal, outcome: Outcome) -> int:
        """Add a step that was tried on a goal, with the checker's answer.

        Returns:
            The number of the new step node; its new subgoals have the numbers after it.

        Raises:
            GraphError: there is no such goal.
        """
        self.goal(goal)
        node = StepNode(self._number(), goal, proposal, outcome, price(proposal.log_probability))
        self._insert(node)
        if dead_status(outcome) is None:
            node.refs = outcome.subgoals if isinstance(outcome, Open) else ()
            node.subgoals = tuple([self._share(ref) for ref in node.refs])
            self._attach(node)
        self._settle()
        return node.node

    def mark_exhausted(self, goal: int) -> None:
        """Take note that nobody will propose further steps for a goal."""
        node = self.goal(goal)
        if not node.exhausted:
            node.exhausted = True
            self._viable.axiom_lost(goal)
            self._settle()

    def reopen(self, goal: int) -> None:
        """Take note that further steps may come for a goal after all."""
        node = self.goal(goal)
        if node.exhausted:
            node.exhausted = False
            self._viable.axiom_gained(goal)
            self._settle()

    def reject(self, step: int, message: str) -> None:
        """Withdraw a step that the session accepted; what followed from it is withdrawn too."""
        node = self.step(step)
        if node.accepted:
            self._detach(node)
            node.outcome = Rejected(message)
            node.refs = node.subgoals = node.loop = ()
        self._touched.add(step)
        self._settle()

    def unmerge(self, key: str) -> list[int]:
        """Give every occurrence of a shared goal a node of its own, now and later.

        The node that there was stays with its first occurrence; the others begin without steps, because what was
        found for one of them need not fit the others.

        Returns:
            The numbers of the new nodes.
        """
        self._split.add(key)
        number = self._index.pop(key, None)
        if number is None:
            return []
        parents = [self._steps[n] for n in self.network.predecessors(number)]
        first = number != self.root
        fresh: list[int] = []
        for parent in parents:
            subgoals = list(parent.subgoals)
            for position, subgoal in enumerate(subgoals):
                if subgoal == number and not first:
                    subgoals[position] = self._new_goal(parent.refs[position])
                    fresh.append(subgoals[position])
                elif subgoal == number:
                    first = False
            if tuple(subgoals) != parent.subgoals:
                self._detach(parent)
                parent.subgoals, parent.loop = tuple(subgoals), ()
                self._attach(parent)
        self._settle()
        return fresh

    def release_loops(self) -> int:
        """Follow also the steps pruned because of a loop, and return how many there were.

        With shared goals such a step can be of use, when the goal it leads back to is also needed elsewhere. Pruning
        only says what to try last: call this before giving up. A step that leaves its own goal is of no use ever.
        """
        pruned = [
            node
            for node in self._steps.values()
            if node.status is StepStatus.PRUNED_CYCLE and node.goal not in node.loop
        ]
        for node in pruned:
            node.released = True
            self._touched.add(node.node)
        self._settle()
        return len(pruned)

    def drain(self) -> Changes:
        """Return what changed since the last call."""
        changes, self._changes = self._changes, Changes()
        return changes

    # Checking and storing

    def check_invariants(self) -> None:
        """Compute everything from scratch and compare; raise `GraphError` naming what is inconsistent."""
        from lemmata.graph.invariants import check

        check(self)

    def to_json(self, only: Proof | None = None) -> dict[str, Any]:
        """Return the graph, or only the part of it that a proof uses, as JSON values."""
        from lemmata.graph.serialise import dump

        return dump(self, only)

    @classmethod
    def from_json(cls, document: object) -> ProofGraph:
        """Rebuild a graph from `to_json`'s result; raise `CertificateError` where it is malformed."""
        from lemmata.graph.serialise import load

        return load(document)

    @classmethod
    def restore(cls, refs: Mapping[int, GoalRef], root: int, split: Iterable[str]) -> ProofGraph:
        """Return a graph that has these goals, by number, and no steps yet; numbers and keys must be sound."""
        graph = cls.__new__(cls)
        graph._begin(split)
        for number, ref in refs.items():
            graph._new_goal(ref, number)
        graph._next = max(refs) + 1
        graph._finish(root)
        return graph

    def restore_step(self, node: StepNode) -> bool:
        """Add a step under its own number to the goals that are there; False where it closes an unmarked loop."""
        self._insert(node)
        self._next = max(self._next, node.node + 1)
        if node.accepted:
            marked = node.loop
            self._attach(node)
            if node.loop and not marked:
                return False
        self._settle()
        return True

    # Inside

    def _number(self) -> int:
        number = self._next
        self._next = number + 1
        return number

    def _new_goal(self, ref: GoalRef, number: int | None = None) -> int:
        number = self._number() if number is None else number
        node = GoalNode(number, ref, self._order)
        self._order += 1
        self._goals[number] = node
        self.network.add_node(number)
        key = ref.goal.key
        if key not in self._split:
            self._index.setdefault(key, number)
        self._viable.add_goal(number)
        self._counts[node.status.value] += 1
        self._touched.add(number)
        self._changes.opened.append(number)
        return number

    def _share(self, ref: GoalRef) -> int:
        number = self._index.get(ref.goal.key)
        return self._new_goal(ref) if number is None else number

    def _insert(self, node: StepNode) -> None:
        self._steps[node.node] = node
        self.network.add_node(node.node)
        self.network.add_edge(node.goal, node.node)
        node.status = dead_status(node.outcome) or StepStatus.OPEN

    def _attach(self, node: StepNode) -> None:
        self.network.add_edges_from([(node.node, subgoal) for subgoal in node.subgoals])
        if not node.loop:
            node.loop = self._loops.loops(node)
        self._viable.add_step(node)
        self._proved.add_step(node)
        self._touched.add(node.node)

    def _detach(self, node: StepNode) -> None:
        self._proved.drop_step(node)
        self._viable.drop_step(node)
        self.network.remove_edges_from([(node.node, subgoal) for subgoal in set(node.subgoals)])
        if node.active:
            node.active = False
            self._reach.update([node], [])
        self._touched.add(node.node)

    def pruned(self, node: StepNode) -> bool:
        """Whether a valid step is left aside because an ancestor that is not proved yet is among its subgoals."""
        return bool(node.loop) and not node.released and any(n not in self._proved.witness for n in node.loop)

    def _matters(self, node: StepNode) -> bool:
        return (
            self._viable.missing.get(node.node) == 0
            and self._proved.missing[node.node] > 0
            and node.goal not in self._proved.witness
            and not (node.loop and self.pruned(node))
        )

    def _settle(self) -> None:
        """Bring relevance, best paths and statuses up to date with the two support relations."""
        touched, steps, goals, reach = self._touched, self._steps, self._goals, self._reach
        affected = {n for n in touched if n in steps}
        for number in touched:
            if number in goals:
                affected.update(self.network.successors(number))
                # A proved ancestor no longer makes a loop of the steps that lead back to it.
                affected.update(n for n in self.network.predecessors(number) if steps[n].loop)
        stopped: list[StepNode] = []
        started: list[StepNode] = []
        for number in affected:
            node = steps[number]
            active = self._matters(node)
            if active is not node.active:
                node.active = active
                (started if active else stopped).append(node)
        if stopped or started:
            reach.update(stopped, started)
        for number in reach.toggled:
            affected.update(self.network.successors(number))
        affected.update(touched)
        affected.update(reach.toggled)
        self._changes.moved |= reach.moved
        for number in sorted(affected):
            self._refresh(number)
        touched.clear()
        reach.moved.clear()
        reach.toggled.clear()

    def _refresh(self, number: int) -> None:
        node = self._goals.get(number)
        if node is None:
            step = self._steps[number]
            verdict = self._step_status(step)
            if verdict is not step.status:
                step.status = verdict
                self._changes.statuses.append((number, verdict.value))
            return
        status = self._goal_status(node)
        if status is not node.status:
            self._counts[node.status.value] -= 1
            self._counts[status.value] += 1
            node.status = status
            self._changes.statuses.append((number, status.value))

    def _goal_status(self, node: GoalNode) -> GoalStatus:
        if node.node in self._proved.witness:
            return GoalStatus.PROVED
        if node.node not in self._viable.witness:
            return GoalStatus.FAILED
        return GoalStatus.OPEN if node.reached else GoalStatus.IRRELEVANT

    def _step_status(self, node: StepNode) -> StepStatus:
        dead = dead_status(node.outcome)
        if dead is not None:
            return dead
        if not self._proved.missing[node.node]:
            return StepStatus.PROVED
        if self._viable.missing[node.node]:
            return StepStatus.FAILED
        if node.goal in self._proved.witness or not self._goals[node.goal].reached:
            return StepStatus.IRRELEVANT
        return StepStatus.OPEN if node.active else StepStatus.PRUNED_CYCLE
