"""C programs with loops: front end, transition system, verification conditions, verification."""
