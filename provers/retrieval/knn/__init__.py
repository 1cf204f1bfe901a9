"""Nearest neighbours among recorded steps: what was done at the goals most like this one, in other files' proofs."""
