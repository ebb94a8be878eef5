"""Layers, stacks and readouts, built from a case."""
