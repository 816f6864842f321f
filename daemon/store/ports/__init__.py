"""The parts of the store's port, each with the values that it speaks of. ``store.port`` joins them."""
