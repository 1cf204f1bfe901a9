"""What is in a data set: tables and plots."""
