"""Mergeable statistics, one file each."""
