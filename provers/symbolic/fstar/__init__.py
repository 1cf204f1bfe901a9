"""Provers for F*."""
