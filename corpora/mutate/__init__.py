"""New theorems from a library's own: one of its theorems rewritten with, or applied to, another."""
