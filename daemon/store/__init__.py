"""Where the journal is kept: the port, its adapters, and their numbered migrations."""
