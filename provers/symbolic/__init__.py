"""Symbolic provers of loop invariants: program atoms, sampled executions, Spacer."""
