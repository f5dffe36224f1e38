# expect: 2: wrong does nothing
def wrong() -> None:
    """Nothing."""
