"""What the commands and the Python API have in common: targets, runs, replay, results."""
