"""Child processes: groups, limits, hard timeouts, drained pipes, clear causes of death."""
