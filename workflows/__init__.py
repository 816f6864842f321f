"""Chain definitions that ship with Chainwright: the demo and the examples. Data; nothing here is imported for its code."""
