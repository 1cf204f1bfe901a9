"""What is made from Coq developments."""
