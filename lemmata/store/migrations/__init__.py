"""Schema migrations, run by `lemmata.store.database`."""
