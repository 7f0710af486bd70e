"""Experiments on a model, each a value that checks ask for; see ``plimsoll.core.trial``."""
