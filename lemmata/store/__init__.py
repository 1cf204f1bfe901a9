"""The store: runs, events, certificates and the outcome cache in one database."""
