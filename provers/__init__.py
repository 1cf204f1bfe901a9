"""Who proposes: symbolic and neural provers, retrieval and critics."""
