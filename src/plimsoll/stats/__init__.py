"""Formulas: arrays in, Estimate out."""
