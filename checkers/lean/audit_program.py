"""The program that compares compiled modules: Lean source, run by `lean --run` in a process of its own.

It reads the `.olean` files as data (`Lean.readModuleData`), so that nothing in them is executed: no macro, elaborator
or option of theirs can influence what it says. Then it has Lean's kernel check every constant of the artefact again
(`Lean.Environment.replay`), and follows what the theorem rests on down to the axioms, as `#print axioms` does.

The request is a JSON object: `source` and `proved` are lists of the files of the two compiled modules, `theorem` the
full name of what was proved, `paths` the search path, `stop` names that count as axioms even where they are theorems,
`known` names of axioms that `proved` may add, `nonce` a word that comes back, `answer` the file to be written.

The answer is a JSON object: `nonce`; `version` of Lean; `found`, whether the theorem is there; `kind` of constant;
`problems`, each a sentence; `axioms`, names; `ownAxioms`, those of them that the file declares itself; `direct`,
whether the theorem itself uses `sorryAx`; `constants`, how many were checked.
"""

from __future__ import annotations

_PARTS = """
def readModule (files : Array System.FilePath) : IO ModuleData := do
  let parts ← readModuleDataParts files
  match parts.back? with
  | some (data, _) => return data
  | none => throw <| IO.userError "a module without files"
"""

_SINGLE = """
def readModule (files : Array System.FilePath) : IO ModuleData := do
  match files.toList with
  | [file] => return (← readModuleData file).1
  | _ => throw <| IO.userError "a module is one file"
"""

_PROGRAM = """import Lean

open Lean

namespace LemmataAudit

structure Request where
  source : Array String
  proved : Array String
  theoremName : String
  paths : List String
  stop : Array String
  known : Array String
  nonce : String
  answer : String

def Request.read (json : Json) : Except String Request := do
  return {
    source := ← json.getObjValAs? (Array String) "source"
    proved := ← json.getObjValAs? (Array String) "proved"
    theoremName := ← json.getObjValAs? String "theorem"
    paths := ← json.getObjValAs? (List String) "paths"
    stop := ← json.getObjValAs? (Array String) "stop"
    known := ← json.getObjValAs? (Array String) "known"
    nonce := ← json.getObjValAs? String "nonce"
    answer := ← json.getObjValAs? String "answer" }

READER
/-- The name that people write, without what makes private names unique. -/
def userName (name : Name) : Name := (privateToUserName? name).getD name

def shown (name : Name) : String := (userName name).toString (escape := false)

/-- A name with everything that makes it unique: no private or quoted name is taken for another one. -/
def exact (name : Name) : String := name.toString

def table (constants : Array ConstantInfo) : NameMap ConstantInfo :=
  constants.foldl (fun known c => known.insert c.name c) {}

def kind : ConstantInfo → String
  | .axiomInfo _ => "axiom"
  | .defnInfo _ => "definition"
  | .thmInfo _ => "theorem"
  | .opaqueInfo _ => "opaque"
  | .quotInfo _ => "quotient"
  | .inductInfo _ => "inductive"
  | .ctorInfo _ => "constructor"
  | .recInfo _ => "recursor"

/-- What a definition stands for; the proof of a theorem is not looked at. -/
def meaning : ConstantInfo → Option Expr
  | .defnInfo v => some v.value
  | .opaqueInfo v => some v.value
  | _ => none

def parts : ConstantInfo → Array Expr
  | .defnInfo v => #[v.type, v.value]
  | .thmInfo v => #[v.type, v.value]
  | .opaqueInfo v => #[v.type, v.value]
  | c => #[c.type]

/-- A term whose uses of `sorryAx` do not tell where in the file they stand. -/
def untagged (e : Expr) : Expr :=
  e.replace fun t =>
    if t.isAppOf ``sorryAx && t.getAppNumArgs > 2 then
      some (mkAppN t.getAppFn (t.getAppArgs.extract 0 2))
    else none

def same (a b : Expr) : Bool := a == b || untagged a == untagged b

def usesSorry (e : Expr) : Bool := (e.find? fun t => t.isConstOf ``sorryAx).isSome

/-- Whether a name is one that Lean made up for a part of a declaration. -/
def auxiliary (name : Name) : Bool :=
  (userName name).components.any fun part => match part with
    | .str _ s => s.startsWith "_" || s.startsWith "match_" || s.startsWith "proof_" || s.startsWith "eq_"
    | .num .. => true
    | .anonymous => false

def flags : ConstantInfo → String
  | .defnInfo v => match v.safety with
    | .safe => "safe"
    | .unsafe => "unsafe"
    | .partial => "partial"
  | .inductInfo v => s!"{v.numParams} {v.numIndices} {v.ctors} {v.all} {v.isUnsafe}"
  | .ctorInfo v => s!"{v.induct} {v.cidx} {v.numParams} {v.numFields} {v.isUnsafe}"
  | .axiomInfo v => s!"{v.isUnsafe}"
  | .opaqueInfo v => s!"{v.isUnsafe}"
  | _ => ""

/-- How a constant of the source differs from the one of the same name in the artefact. -/
def differs (request : Request) (c d : ConstantInfo) : Option String :=
  let own := shown c.name == request.theoremName
  let inside := request.theoremName.toName.isPrefixOf (userName c.name)
  if kind c != kind d then some "is no longer of the same kind"
  else if c.levelParams != d.levelParams || !same c.type d.type then some "has another type"
  else if flags c != flags d then some "is declared otherwise"
  else match meaning c, meaning d with
    | some v, some w =>
      if same v w || (usesSorry v && (own || inside)) then none else some "has another value"
    | none, none => none
    | _, _ => some "is no longer of the same kind"

/-- The constants of a module that some terms use, directly or not. -/
def reached (known : NameMap ConstantInfo) (start : Array Expr) : NameHashSet := Id.run do
  let mut visited : NameHashSet := {}
  let mut pending := start.foldl (fun names e => names ++ e.getUsedConstants) #[]
  repeat
    let some name := pending.back? | break
    pending := pending.pop
    unless visited.contains name do
      if let some c := known.find? name then
        visited := visited.insert name
        pending := (parts c).foldl (fun names e => names ++ e.getUsedConstants) pending
  return visited

/-- What the artefact changes beside the proof. -/
def compare (request : Request) (source proved : Array ConstantInfo) : Array String := Id.run do
  let before := table source
  let after := table proved
  let mut problems := #[]
  let statement := (source.filter fun c => shown c.name == request.theoremName).map fun c => c.type
  let stating := reached before statement
  for c in source do
    let made := auxiliary c.name && !stating.contains c.name
    let own := made && request.theoremName.toName.isPrefixOf (userName c.name)
    match after.find? c.name with
    | none => unless made do problems := problems.push s!"{shown c.name} is gone"
    | some d =>
      -- Helpers of the proof itself are new with a new proof; elsewhere only theorems among them may differ.
      unless own || (made && kind c == "theorem" && kind d == "theorem") do
        if let some how := differs request c d then
          problems := problems.push s!"{shown c.name} {how}"
  for d in proved do
    unless before.contains d.name do
      match d with
      | .thmInfo _ | .defnInfo _ | .opaqueInfo _ => pure ()
      | .axiomInfo _ =>
        unless request.known.contains (exact d.name) do
          problems := problems.push s!"the axiom {exact d.name} is new"
      | _ => problems := problems.push s!"the {kind d} {shown d.name} is new"
  return problems

structure Found where
  axioms : Array String := #[]
  ownAxioms : Array String := #[]
  direct : Bool := false
  missing : Array String := #[]

/-- Everything that a constant rests on, down to the axioms. -/
def restsOn (request : Request) (env : Environment) (source proved : NameMap ConstantInfo) (start : Name) :
    Found := Id.run do
  let mut found : Found := {}
  let mut visited : NameHashSet := ({} : NameHashSet).insert start
  let mut pending : Array Name := #[start]
  let prefixName := request.theoremName.toName
  repeat
    let some name := pending.back? | break
    pending := pending.pop
    if name != start && request.stop.contains (exact name) then
      found := { found with axioms := found.axioms.push (exact name) }
      continue
    let info? := match proved.find? name with
      | some c => some c
      | none => env.find? name
    let some info := info? | found := { found with missing := found.missing.push (exact name) }; continue
    if let .axiomInfo _ := info then
      found := { found with axioms := found.axioms.push (exact name) }
      if proved.contains name then
        found := { found with ownAxioms := found.ownAxioms.push (exact name) }
    let mine := name == start || (proved.contains name && !source.contains name)
      || prefixName.isPrefixOf (userName name)
    let ctors := match info with
      | .inductInfo v => v.ctors.toArray
      | _ => #[]
    let used := (parts info).foldl (fun names e => names ++ e.getUsedConstants) ctors
    for next in used do
      if next == ``sorryAx && mine then found := { found with direct := true }
      unless visited.contains next do
        visited := visited.insert next
        pending := pending.push next
  return found

def absent (request : Request) : Json :=
  Json.mkObj [("nonce", toJson request.nonce), ("version", toJson Lean.versionString), ("found", toJson false)]

def answer (request : Request) : IO Json := do
  let source ← readModule (request.source.map System.FilePath.mk)
  let proved ← readModule (request.proved.map System.FilePath.mk)
  let mut problems := compare request source.constants proved.constants
  if source.imports.map (·.module) != proved.imports.map (·.module) then
    problems := problems.push "the imports differ"
  let named := proved.constants.filter fun c => shown c.name == request.theoremName
  let stated := source.constants.filter fun c => shown c.name == request.theoremName
  let some c := named[0]? | return absent request
  if named.size != 1 || stated.size != 1 then
    problems := problems.push s!"there is more than one {request.theoremName}, or none in the source"
  -- The modules under audit are not imported themselves: what they define stays data.
  let env ← importModules proved.imports {}
  try
    let constants := proved.constants.foldl (fun known c => known.insert c.name c) {}
    REPLAY
  catch error =>
    problems := problems.push s!"the kernel refuses it: {error}"
  let found := restsOn request env (table source.constants) (table proved.constants) c.name
  for name in found.missing do
    problems := problems.push s!"{name} is used and is nowhere"
  return Json.mkObj [
    ("nonce", toJson request.nonce), ("version", toJson Lean.versionString), ("found", toJson true),
    ("kind", toJson (kind c)), ("problems", toJson problems), ("axioms", toJson found.axioms),
    ("ownAxioms", toJson found.ownAxioms), ("direct", toJson found.direct), ("constants", toJson proved.constants.size)]

def run (file : String) : IO Unit := do
  let text ← IO.FS.readFile file
  let request ← IO.ofExcept (Json.parse text >>= Request.read)
  initSearchPath (← findSysroot) (request.paths.map System.FilePath.mk)
  let told ← answer request
  IO.FS.writeFile request.answer told.compress

end LemmataAudit

def main (arguments : List String) : IO UInt32 := do
  match arguments with
  | [file] => LemmataAudit.run file; return 0
  | _ => return 2
"""


def program(*, parts: bool) -> str:
    """Return the program's text.

    Args:
        parts: whether compiled modules come in several files, as those of sources that begin with `module` do.
    """
    text = _PROGRAM.replace("READER", (_PARTS if parts else _SINGLE).strip("\n") + "\n")
    return text.replace("REPLAY", "let _ ← env.replay constants")
