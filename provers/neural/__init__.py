"""Language models as provers: prompts, reading of answers, and the ways to reach a model.

Nothing that a model says is believed: it becomes proposals, which a checker accepts or not. Libraries are imported only
when a prover is first asked.
"""
