"""The dataset pipeline; its commands arrive with the corpus work."""
