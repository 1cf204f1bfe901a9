"""The commands of Isabelle/Pure and Isabelle/HOL, and what each does to a proof.

Taken from the `keywords` of the theories Pure and HOL (files `src/Pure/Pure.thy` and `src/HOL`) of Isabelle2021 to
Isabelle2025; commands that a theory declares itself are read from its header.
"""

from __future__ import annotations

THEOREMS = frozenset({"lemma", "theorem", "corollary", "proposition", "schematic_goal"})
"""State a theorem and open its proof."""

TERMINAL = frozenset({"by", "done", "sorry", ".", "..", r"\<proof>"})
"""End the innermost proof."""

NESTED = frozenset(
    """
    consider guess have hence interpret obtain show subgoal thus
    """.split()
)
"""Open a proof within a proof."""

STEPS = frozenset(
    """
    also apply apply_end assume back case def defer define finally fix from include including let moreover next
    note prefer presume proof qed supply then ultimately unfolding using with write { }
    """.split()
)
"""Stand within proofs only, beside those above."""

PROOF = TERMINAL | NESTED | STEPS | {"oops"}
"""All commands that stand within proofs."""

DIAGNOSTIC = frozenset(
    """
    class_deps code_deps code_thms find_consts find_theorems find_unused_assms full_prf locale_deps ML_command
    ML_val nitpick nunchaku prf print_abbrevs print_antiquotations print_attributes print_bnfs print_bundles
    print_case_translations print_cases print_claset print_classes print_codeproc print_codesetup
    print_coercions print_commands print_context print_definitions print_defn_rules print_dependencies
    print_facts print_induct_rules print_inductives print_interps print_locale print_locales print_methods
    print_ML_antiquotations print_options print_orders print_quot_maps print_quotconsts print_quotients
    print_quotientsQ3 print_quotmapsQ3 print_record print_rules print_simpset print_state print_statement
    print_syntax print_tcset print_term_bindings print_theorems print_theory print_trans_rules prop
    prover_status quickcheck refute sledgehammer smt_status solve_direct spark_status term test_code test_spec
    thm thm_deps thm_oracles thy_deps try try0 typ unused_thms value values values_prolog
    display_drafts help print_context_tracing print_drafts print_tac_rules
    explore explore_context explore_have explore_lemma sketch sketch_subgoals welcome
    """.split()
)
"""Change nothing; they may stand anywhere."""

ML = frozenset(
    """
    antiquotation_setup attribute_setup bibtex_file code_printing code_reflect code_runtime
    compile_generated_files declaration export_generated_files external_file generate_file local_setup
    boogie_file ROOTS_file
    method_setup ML ML_command ML_export ML_file ML_file_debug ML_file_no_debug ML_prf ML_val oracle
    parse_ast_translation parse_translation print_ast_translation print_translation scala_build_generated_files
    setup simproc_setup SML_export SML_file SML_file_debug SML_file_no_debug SML_import syntax_declaration
    typed_print_translation
    """.split()
)
"""Run programs, or say how code is run."""

POSTULATES = frozenset(
    """
    ax_specification axiomatization bnf_axiomatization import_tptp judgment oracle spark_end spark_open spark_open_siv
    spark_open_vcg spark_proof_functions spark_types spark_vc tptp_file
    """.split()
)
"""Assert what is not proved, or may."""

BLOCKS = frozenset(
    """
    bundle class context experiment instantiation locale notepad open_bundle overloading unbundle
    """.split()
)
"""May open a block with `begin`."""

GOALS = frozenset(
    """
    ax_specification bnf boogie_vc code_pred copy_bnf corecursive cpodef enriched_type equivariance
    free_constructors friend_of_corec function global_interpretation instance interpretation lift_bnf
    lift_definition nominal_function nominal_inductive nominal_inductive2 nominal_primrec nominal_termination
    old_rep_datatype partial_type pcpodef primcorecursive quotient_definition quotient_type rep_datatype
    spark_vc specification subclass sublocale termination typedef
    """.split()
)
"""Other commands of theories that open a proof."""

OTHERS = frozenset(
    """
    abbreviation adhoc_overloading alias atom_decl bnf_axiomatization bundle case_of_simps chapter
    class_instance codatatype code_abort code_datatype code_identifier code_module code_monad code_reserved
    coinduction_upto coinductive coinductive_set consts copy_bnf corec datatype datatype_compat datatype_record
    declare default_sort definition domain_isomorphism domaindef end export_code extract extract_type fixrec fun
    fun_cases hide_class hide_const hide_fact hide_type import_const_map import_file import_type_map inductive
    inductive_cases inductive_set inductive_simps lemmas lifting_forget lifting_update named_theorems
    nitpick_params no_adhoc_overloading no_notation no_syntax no_translations no_type_notation nominal_datatype
    nonterminal notation old_datatype old_def old_primrec old_smt_status paragraph parametric_constant
    partial_function primcorec primrec primrec_new quickcheck_generator quickcheck_params realizability
    realizers record refute_params section setup_lifting simps_of_case sledgehammer_params smt_params spark_end
    spark_open spark_open_siv spark_open_vcg spark_proof_functions spark_types statespace subparagraph
    subsection subsubsection syntax syntax_consts syntax_types term_cartouche text text_cartouche text_raw
    nunchaku_params translations txt type_alias type_notation type_synonym typedecl typerep
    """.split()
)

SELDOM = frozenset({"domain", "method"})
"""Commands of HOLCF and Eisbach, with names that many theories use for something else."""

KNOWN = PROOF | THEOREMS | DIAGNOSTIC | ML | POSTULATES | BLOCKS | GOALS | OTHERS
"""Every command known by name."""

DOCUMENT = frozenset("chapter section subsection subsubsection paragraph subparagraph text text_raw txt".split())
"""Documentation: they may stand anywhere and change nothing."""
