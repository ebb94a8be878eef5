"""Launches: order, isolation, resume."""
