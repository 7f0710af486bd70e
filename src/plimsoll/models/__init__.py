"""Adapters round trained models: one file for each kind, one door (``load_model``)."""

from plimsoll.models.load import load_model

__all__ = ["load_model"]
