"""Adapters round trained models."""
