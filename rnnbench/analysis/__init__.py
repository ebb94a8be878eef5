"""Statistics and findings."""
