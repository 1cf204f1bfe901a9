"""Conjectures made from theorems by symbolic means, proved or refuted by the search."""
