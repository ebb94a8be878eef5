"""YAML to validated suites to cases."""
