"""The command line and what only it does: the demo, the embedded stores, the doctor."""
