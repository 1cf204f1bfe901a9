"""What is made from F* developments."""
