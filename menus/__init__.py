"""What residents see: screens as pure functions, a session as a fold over what was typed.

No I/O, and nothing else of ours is imported here.
"""
