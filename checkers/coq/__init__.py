"""Coq goals (Coq 8.16 up, Rocq 9): a step is one tactic, a proof is a script that `coqc` compiles."""
