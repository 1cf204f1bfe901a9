"""Long proofs of a library cut into lemmas, each with the part of the proof that proves it."""
