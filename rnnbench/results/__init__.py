"""The results document."""
