"""Critics: estimates of how likely a goal is to be provable, and of which loop invariant is right."""
