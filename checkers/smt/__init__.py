"""SMT-LIB goals: unsat is proved, sat is disproved with its model."""
