"""The best-first search engine over proof graphs."""
