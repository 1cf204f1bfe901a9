"""What is taken out of a data set, and why: copies, benchmark theorems, trivial steps, too much of the same."""
