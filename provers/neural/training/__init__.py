"""Training of small models of our own: provers, critics and rankers, from scratch or from a local checkpoint."""
