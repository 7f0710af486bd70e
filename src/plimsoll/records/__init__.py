"""Fingerprints, the codec, the store and the ledger."""
