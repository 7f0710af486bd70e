"""Limits, gate, comparison."""
