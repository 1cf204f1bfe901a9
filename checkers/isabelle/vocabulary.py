r"""Names that may stand in a step, and names that run ML: methods, attributes, options.

Methods and attributes are those of Isabelle/Pure and Isabelle/HOL ("Proof methods" and "Attributes" in the
Isabelle/Isar reference manual). A name may be written `Pure.tactic` too, so it is always the last part that counts.
"""

from __future__ import annotations

import re

METHODS = frozenset(
    """
    algebra arg_cong argo arith assumption atomize atomize_elim auto best bestsimp blast case_tac cases clarify
    clarsimp code_simp coinduct coinduction comm_ring contradiction cooper cut_tac default dlo drule drule_tac
    elim eprover erule erule_tac eventually_elim fact fast fastforce ferrack fold force frule frule_tac
    goal_cases hypsubst hypsubst_thin induct induct_tac induction insert intro intro_classes intro_locales iprover
    lexicographic_order lifting linarith measurable meson metis mir moura nominal_induct order parametricity
    pat_completeness perm_simp presburger relation rename_tac ring rotate_tac rule rule_tac safe satx sat simp
    simp_all size_change slow slowsimp smt smt2 sos split standard step subgoal_tac subproofs subst subst_tac
    succeed this thin_tac transfer transfer' transfer_end transfer_prover transfer_start transfer_step
    typedef_tac uint_arith unat_arith unfold unfold_locales vcg vcg_simp vector word_bitwise
    """.split()
)
"""Methods that take facts, terms and names only."""

RUNS_ML = frozenset({"tactic", "raw_tactic", "ml_tactic"})
"""Methods whose argument is ML."""

BY_ORACLE = frozenset({"eval", "evaluation", "normalization"})
"""Methods that run code outside the kernel."""

ATTRIBUTES = frozenset(
    """
    OF THEN abs_def algebra ac_simps algebra_simps arith arith_split cases case_conclusion case_names case_product
    cases_condition coinduct cong consumes continuous_intros derivative_intros dest elim elim_format field_simps folded
    fundef_cong goal_cases iff induct induct_simp induction_schema inductive intro measurable mono no_vars of params
    rotated rule rule_format simp simplified simproc split standard sym symmetric tendsto_intros trans
    transfer_rule transferred unfolded untransferred where
    """.split()
)
"""Attributes that a step may use."""

OPTIONS = frozenset(
    """
    linarith_neq_limit linarith_split_limit metis_trace metis_verbose simp_depth_limit simproc smt_nat_as_int
    smt_timeout blast_depth_limit unify_search_bound
    """.split()
)
"""Options that a step may set."""

ANTIQUOTATIONS = frozenset(
    """
    abbrev attribute bold cartouche cite class command const descr dir doc emph enum file footnote full_prf goals item
    keyword latex_output locale method name named_theorems nitpick_params noindent option path prf prop session
    smallskip bigskip medskip subgoals term text theory theory_text thm tool typ type typeof url
    verbatim
    """.split()
)
"""Antiquotations of documents that only show something."""

CONTROLS = frozenset("bold bsub bsup cancel comment esub esup here isub isup latex marker noindent sub sup".split())
"""Control symbols that mark text."""

RUNNING_ML = re.compile(r"(?<![\w'])(?:raw_tactic|tactic|ml_tactic|ML(?:_\w+)?)(?![\w'])")
"""A name of ML, in any text."""

WEAKENING = re.compile(r"quick_and_dirty|skip_proofs|ML_\w+|smt_oracle|smt_certificates|smt_read_only_certificates")
"""Options under which what is said to be proved may not be."""

ESCAPE = re.compile(r"\\(?!<)")
"""A backslash in a string that begins no symbol: names could be written in two ways."""


def last(name: str) -> str:
    """Return the last part of a name that may be qualified."""
    return name.rpartition(".")[2]
