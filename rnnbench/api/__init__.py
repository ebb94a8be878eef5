"""rnnbench as a library: what ``import rnnbench`` offers, each imported when it is first used.

It stands beside ``cli`` above the other rooms: the same runner behind functions instead of commands. The layers of the
library are :mod:`rnnbench.models.modules`.
"""
