"""Executors: where checker sessions and provers run."""
