"""Whether what the model says of its own certainty is so."""
