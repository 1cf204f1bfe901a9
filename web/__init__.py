"""The local viewer of proof graphs."""
