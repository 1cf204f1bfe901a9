"""Discovery of checkers, provers and critics, and the composition root that wires them."""
