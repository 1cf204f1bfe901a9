"""Isabelle theories (Isabelle2021 up): a step is a proof command, a proof is text that `isabelle build` accepts."""
