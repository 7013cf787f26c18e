"""`python -m operations` is `baraza`; the demo starts its parts this way, with its own interpreter."""

from operations.cli import main

main()
