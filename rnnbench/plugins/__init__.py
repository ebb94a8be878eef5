"""Connectivities, kernels and tasks of others: found, loaded, and offered to suites beside the built-in ones.

Code is loaded only because the user said so: by ``--plugin`` (or ``plugins=`` in Python), or by having installed a
distribution with entry points of rnnbench's groups. Nothing that a suite or a results document says loads any.
"""
