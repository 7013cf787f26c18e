"""The processes beside the web: RQ workers that drain the lanes, and the clock that sweeps."""
