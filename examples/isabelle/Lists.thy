theory Lists
  imports Main
begin

text \<open>Lists once more, with lemmas that are left to prove.\<close>

fun app :: "'a list \<Rightarrow> 'a list \<Rightarrow> 'a list" where
  "app [] ys = ys"
| "app (x # xs) ys = x # app xs ys"

fun rev2 :: "'a list \<Rightarrow> 'a list" where
  "rev2 [] = []"
| "rev2 (x # xs) = app (rev2 xs) [x]"

lemma app_nil: "app xs [] = xs"
  sorry

lemma app_assoc: "app (app xs ys) zs = app xs (app ys zs)"
  sorry

lemma rev2_app: "rev2 (app xs ys) = app (rev2 ys) (rev2 xs)"
proof (induct xs)
  case Nil
  then show ?case sorry
next
  case (Cons x xs)
  then show ?case sorry
qed

theorem rev2_rev2: "rev2 (rev2 xs) = xs"
  oops

end
