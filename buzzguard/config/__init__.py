"""What a person writes, as frozen models; every fault with file, line and column."""
