"""The files that ``init`` writes: a chain and a reusable agent that run as they are."""
