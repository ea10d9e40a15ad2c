"""Where a server's latency leaves the ground: the search for that load, and what is written of it."""
