"""Run the soundness programs and see that the wrong ones fail and the right ones do not.

The programs are compiled with gcc, with sanitizers for undefined behaviour, and run for many seeds: a nondeterministic
function returns small random values, constants of the program and their neighbours. As a command it checks all
programs, or the files given: ``python tests/soundness/confirm.py [FILE...]``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
SEEDS = 400

# One process per seed: a child that ends with 42 violated an assertion, with 77 it was stopped by a sanitizer.
HARNESS = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern int program_main();
static const long long constants[] = {CONSTANTS};
static unsigned long long state;

static unsigned draw(unsigned bound) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(state >> 33) % bound;
}
static int calls;
static long long value(void) {
  if (++calls > 3000) _exit(0);
  unsigned how = draw(10);
  if (how < 3) return (long long)draw(4) - 1;
  if (how < 6) return (long long)draw(21) - 10;
  if (how < 9) return constants[draw(sizeof constants / sizeof *constants)] + (long long)draw(3) - 1;
  return (long long)draw(201) - 100;
}
static long long ranged(long long low, long long high) {
  if (draw(8) == 0) return draw(2) ? low : high;
  long long v = value();
  long long size = high - low + 1;
  return ((v - low) % size + size) % size + low;
}
int unknown_int(void) {
  if (!WIDE || draw(3)) return (int)value();
  return draw(2) ? (int)(draw(65536) << 16 | draw(65536)) : 2147483647 + draw(2);
}
int unknown(void) { return (int)value(); }
int unknown1(void) { return (int)value(); }
unsigned unknown_uint(void) { return (unsigned)ranged(0, 4294967295LL); }
_Bool unknown_bool(void) { return draw(2); }
int __VERIFIER_nondet_int(void) { return unknown_int(); }
unsigned char __VERIFIER_nondet_uchar(void) { return (unsigned char)ranged(0, 255); }
short __VERIFIER_nondet_short(void) { return (short)ranged(-32768, 32767); }
int fail_assertion(void) { _exit(42); }
__attribute__((weak)) int assume(int condition) { if (!condition) _exit(0); return 0; }
void abort(void) { _exit(0); }

int main(void) {
  int failed = 0, late = 0;
  for (int seed = 1; seed <= SEEDS && late < 3; seed++) {
    pid_t child = fork();
    if (child == 0) {
      struct itimerval limit = {{0, 0}, {0, 500000}};
      setitimer(ITIMER_VIRTUAL, &limit, NULL);
      state = seed * 7919ULL;
      for (int i = 0; i < 5; i++) draw(2);
      program_main();
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) late++;
    else if (WEXITSTATUS(status) == 42 || WEXITSTATUS(status) == 77) failed++;
  }
  printf("%d\n", failed);
  return 0;
}
"""

PRELUDE = """
extern int fail_assertion(void);
#define assert(e) ((e) ? 0 : fail_assertion())
"""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What running one program showed."""

    path: Path
    """The program."""
    failures: int
    """Number of seeds for which an assertion failed or undefined behaviour was reached."""
    problem: str | None
    """Why the program does not show what its name says; None when it does."""


def header(path: Path, key: str) -> list[str]:
    """Return the values of the header comments ``// key: value`` of a program, in order."""
    return re.findall(rf"^// {key}: (.*)$", path.read_text(), flags=re.MULTILINE)


def confirmable(path: Path) -> bool:
    """Tell whether running the program can show that it is wrong, or that it is right."""
    return not any(value.startswith("no") for value in header(path, "confirm"))


def executable_source(path: Path) -> str:
    """Return the program with its assertions turned into checks at run time."""
    runtime = iter(header(path, "runtime"))

    def check(match: re.Match[str]) -> str:
        return f"assert({next(runtime, match[1])});"

    source = re.sub(r"//@ assert (.*);", check, path.read_text())
    source = re.sub(r"^void reach_error\(\) \{\}", "", source, flags=re.MULTILINE)
    return source.replace("reach_error()", "fail_assertion()")


def compile_program(path: Path, folder: Path, undefined: str = "") -> Path:
    """Compile a program with the harness into ``folder`` and return the executable.

    ``undefined`` names the sanitizers for undefined behaviour; by default they go by the program's options.
    """
    source = executable_source(path)
    wide = any("--int-width" in value for value in header(path, "options"))
    body = "\n".join(line for line in source.splitlines() if not line.startswith("//"))
    constants = {int(text, 0) for text in re.findall(r"\b(?:0x[0-9a-fA-F]+|[1-9]\d*)", body)} | {0}
    low, high = -(2**31) + 2, 2**31 - 2
    chosen = ",".join(f"{min(max(value, low), high)}LL" for value in sorted(constants))
    program, harness, executable = (folder / f"{path.stem}{suffix}" for suffix in (".p.c", ".h.c", ".run"))
    program.write_text(PRELUDE + source)
    harness.write_text(HARNESS)
    undefined = undefined or ("undefined" if wide else "integer-divide-by-zero,bounds,vla-bound")
    flags = ["-std=gnu11", "-w", "-O0", "-ftrivial-auto-var-init=pattern"]
    sanitize = [f"-fsanitize=address,{undefined}", "-fno-sanitize-recover=all"]
    objects = [folder / f"{path.stem}{suffix}" for suffix in (".p.o", ".h.o")]
    defines = [f"-DCONSTANTS={chosen}", f"-DSEEDS={SEEDS}", f"-DWIDE={int(wide)}"]
    commands: list[list[str | Path]] = [
        ["gcc", *flags, *sanitize, "-Dmain=program_main", "-c", program, "-o", objects[0]],
        ["gcc", *flags, *defines, "-c", harness, "-o", objects[1]],
        ["gcc", *sanitize, *objects, "-o", executable],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{path.name} does not compile: {done.stderr.strip()}")
    return executable


def failing_runs(path: Path, undefined: str = "", code: int = 77) -> int:
    """Return for how many seeds a run fails; one that sanitizers end counts where they end it with code 77.

    Raises ``RuntimeError`` where the program does not compile.
    """
    environment = dict(os.environ, ASAN_OPTIONS=f"exitcode={code}:detect_leaks=0", UBSAN_OPTIONS=f"exitcode={code}")
    with tempfile.TemporaryDirectory() as name:
        executable = compile_program(path, Path(name), undefined)
        done = subprocess.run([executable], capture_output=True, text=True, check=False, env=environment)
    return int(done.stdout.split()[-1])


def confirm(path: Path) -> Confirmation:
    """Run one program for all seeds and compare the failures with what its name says."""
    try:
        failures = failing_runs(path)
    except RuntimeError as error:
        return Confirmation(path, 0, str(error))
    problem = None
    if path.name.endswith(".wrong.c") and not failures:
        problem = "no execution fails"
    if path.name.endswith(".right.c") and failures:
        problem = f"{failures} of {SEEDS} executions fail"
    return Confirmation(path, failures, problem)


def confirm_all(paths: Iterable[Path]) -> list[Confirmation]:
    """Confirm several programs, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(confirm, [path for path in paths if confirmable(path)]))


def main(arguments: list[str]) -> int:
    """Confirm the given programs, or all of them, and print those that do not show what they should."""
    done = confirm_all([Path(argument) for argument in arguments] or sorted(PROGRAMS.glob("*.c")))
    bad = [result for result in done if result.problem]
    for result in bad:
        sys.stdout.write(f"{result.path.name}: {result.problem}\n")
    sys.stdout.write(f"{len(done)} programs run, {len(bad)} do not show what they should\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
