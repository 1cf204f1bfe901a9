"""What Isabelle's builds tell about theories: the exports of a session as proofs, and proofs as steps."""
