"""Provers for Coq goals without a model: a tactic portfolio, premises in scope, steps of similar proofs, CoqHammer."""
