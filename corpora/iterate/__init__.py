"""Expert iteration: search, learn from what was proved, search again with what was learnt."""
