"""How h_t is computed: one file per implementation."""
