"""Terms, SMT-LIB printing, evaluation and transition systems, shared by provers and checkers."""
