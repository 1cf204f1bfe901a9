"""Provers for Isabelle."""
