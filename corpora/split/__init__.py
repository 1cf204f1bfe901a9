"""Which proofs are trained on and which are kept for validation and test, and what leaks between them."""
