(* Lemmas whose proofs are left open. *)
module Lists

open FStar.List.Tot

let rec sum (l:list nat) : nat =
  match l with
  | [] -> 0
  | hd :: tl -> hd + sum tl

val sum_append : l1:list nat -> l2:list nat -> Lemma (sum (l1 @ l2) == sum l1 + sum l2)
let rec sum_append l1 l2 = admit ()

let rec double (n:nat) : nat = if n = 0 then 0 else 2 + double (n - 1)

val double_is_twice : n:nat -> Lemma (double n == n + n)
let rec double_is_twice n =
  if n = 0 then admit ()
  else admit ()

val larger : x:int -> y:int -> Tot (z:int{z >= x /\ z >= y})
