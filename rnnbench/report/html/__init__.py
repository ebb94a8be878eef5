"""The report as one page: no network, no framework, opens from disk."""
