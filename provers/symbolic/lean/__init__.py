"""Provers for Lean that need no model."""
