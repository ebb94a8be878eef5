"""Does ``rnnbench ab --gate`` find a case that a sleep made slower, and name it alone?

``python tests/runner/planted_slowdown.py --repeats 10`` copies this rnnbench twice. In head's copy one case sleeps
after each pass for 12 % of what the pass took. Each copy gets an interpreter of its own, and the gate runs again and
again. A run counts where its exit code is 3 and the case that sleeps is the only one named; the exit code of this
script is 0 where at least nine in ten count.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from rnnbench.analysis.statistics import binomial_interval

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "suites" / "gate-check.yaml"
WANTED = 0.9
REGRESSION = 3
PLANT = '''

_unhurried = calls_of


def calls_of(case, scope, device):
    """Return the passes; those of one case take a sleep longer."""
    layer, calls = _unhurried(case, scope, device)
    if case.name == {case!r}:
        calls = {{name: _slower(call) for name, call in calls.items()}}
    return layer, calls


def _slower(call):
    import time

    def longer():
        start = time.perf_counter()
        outcome = call()
        time.sleep({share!r} * (time.perf_counter() - start))
        return outcome

    return longer
'''


def installation(folder: Path, plant: str = "") -> Path:
    """Return an interpreter whose rnnbench is a copy in ``folder``, with ``plant`` in what it times."""
    package = folder / "rnnbench"
    shutil.copytree(ROOT / "rnnbench", package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / "measure" / "throughput.py").open("a") as module:
        module.write(plant)
    interpreter = folder / "python"
    words = f"PYTHONPATH={shlex.quote(str(folder))} exec {shlex.quote(sys.executable)}"
    interpreter.write_text(f'#!/bin/sh\n{words} "$@"\n')
    interpreter.chmod(0o755)
    return interpreter


def gate(suite: Path, base: Path, head: Path, document: Path, seed: int) -> subprocess.CompletedProcess[str]:
    """Run one gate; its findings are JSON on stdout."""
    arms = ("--base", base, "--head", head, "--gate", "--json")
    words = (sys.executable, "-m", "rnnbench", "ab", suite, *arms, "--seed", seed, "-o", document)
    return subprocess.run([str(word) for word in words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)


def regressed(found: str) -> list[str]:
    """Return the cases that a gate says have regressed, each once."""
    lines = json.loads(found)["lines"]
    return sorted({line["name"] for line in lines if line["verdict"] == "REGRESSED"})


@click.command()
@click.option("--repeats", metavar="N", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--suite", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=SUITE)
@click.option("--case", default="tridiagonal", show_default=True, help="The case that sleeps.")
@click.option("--share", type=float, default=0.12, show_default=True, help="How long, as a share of its pass.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the first run's coin.")
def main(repeats: int, suite: Path, case: str, share: float, seed: int) -> None:
    """Gate a copy of this rnnbench in which one case is slower, and count how often that is found."""
    caught = 0
    with tempfile.TemporaryDirectory(prefix="planted-slowdown-") as folder:
        room = Path(folder)
        base = installation(room / "base")
        head = installation(room / "head", PLANT.format(case=case, share=share))
        for number in range(repeats):
            done = gate(suite, base, head, room / f"{number}.json", seed + number)
            if done.returncode not in (0, REGRESSION):
                raise click.ClickException(f"the gate ended with exit code {done.returncode}")
            named = regressed(done.stdout)
            alone = done.returncode == REGRESSION and named == [case]
            caught += alone
            click.echo(
                f"Run {number + 1} of {repeats}: exit code {done.returncode}, REGRESSED: {', '.join(named) or 'none'}"
            )
    low, high = binomial_interval(caught, repeats)
    click.echo(
        f"{case}, {100 * share:g} % slower: named, and alone, in {caught} of {repeats} runs "
        f"(95 % interval {100 * low:.1f} to {100 * high:.1f} %)."
    )
    raise SystemExit(0 if caught >= WANTED * repeats else 1)


if __name__ == "__main__":
    main()
