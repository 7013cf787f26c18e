"""Side by side with the peers: `make bench` runs it, RESULTS.md keeps what was measured."""
