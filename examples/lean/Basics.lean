/-! Small theorems about natural numbers and propositions; they need nothing but Lean itself. -/

namespace Basics

/-- Twice a number. -/
def twice (n : Nat) : Nat := n + n

theorem twice_zero : twice 0 = 0 := by
  rfl

theorem twice_add (m n : Nat) : twice (m + n) = twice m + twice n := by sorry

theorem and_swap (p q : Prop) (h : p ∧ q) : q ∧ p := by sorry

theorem or_twice (p : Prop) : p ∨ p ↔ p := by
  constructor
  · intro h
    sorry
  · exact Or.inl

example (n : Nat) (h : 0 < n) : n < twice n := by sorry

end Basics
