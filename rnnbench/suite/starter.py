"""The suite that somebody starts with: small, every section in it, and said what each is for."""

from __future__ import annotations

import re

_TEXT = """\
# yaml-language-server: $schema=suite.schema.json
# The line above lets editors complete and check this file, once the schema lies beside it:
#   rnnbench schema suite > suite.schema.json
#
# Check this suite:   rnnbench validate {file}
# See its cases:      rnnbench run {file} --dry-run
# Run it:             rnnbench run {file} --quick      (without --quick: in full)

version: 1
name: {name}
description: What does a hidden unit have to see of the others?

# What every case has. All keys, with defaults: docs/suites.md, or `rnnbench schema suite`.
defaults:
  cell: rnn                   # or lstm, gru
  hidden: 32                  # H, the size of the state
  activation: tanh            # or sigmoid, relu, identity
  task: temporal_order(20)    # what `training` learns; `rnnbench list tasks` has all of them
  time_steps: 256             # T and B at which speed and memory are measured
  batch: 32

# Every combination of these values is a case.
matrix:
  connectivity:               # which entries of W_hh may be non-zero; `rnnbench list connectivities`
    - dense
    - block_diagonal(8)       # eight groups of four units
    - tridiagonal             # neighbours
    - diagonal                # every unit on its own
  # hidden: [32, 64, 128]     # a second axis; {{pow2: [5, 7]}} makes the same numbers

# Combinations to leave out, and cases to add:
# exclude:
#   - {{connectivity: dense, hidden: 128}}
# include:
#   - {{connectivity: none}}      # no recurrence: what can be had without memory

# What to find out about every case; `rnnbench list measurements` has all of them.
measure:
  training:
    iterations: 400
    batch: 32
    replicas: 5               # independently seeded models: what is learnt gets its interval from them
    optimizer: adam(0.005)
    clip_norm: 1
  throughput:
    launches: 5               # fresh processes: times get their interval from them
    max_seconds: 0.5
  memory: {{}}

# What the findings hold against what.
contrast: {{axis: connectivity, baseline: dense}}

# By how much figures may get worse before `rnnbench gate` fails:
# gate:
#   limits:
#     - {{metric: training_time, limit: 0.1}}
"""


def starter(file: str) -> str:
    """Return the text of the suite for a file of that name; the suite is called after it."""
    stem = re.sub(r"\.ya?ml$", "", file)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:100] or "mine"
    return _TEXT.format(file=file if re.fullmatch(r"[\w./-]+", file) else "FILE", name=name)
