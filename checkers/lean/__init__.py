"""Lean 4: theorems of `.lean` files, searched through the REPL, decided by a fresh Lean and its kernel."""
