"""What the data can tell and what it cannot."""
