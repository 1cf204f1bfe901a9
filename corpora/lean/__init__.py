"""What is made from Lean developments."""
