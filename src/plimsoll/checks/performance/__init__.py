"""How well the model does its task."""
