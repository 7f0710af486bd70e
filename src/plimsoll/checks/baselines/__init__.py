"""Whether the model beats what is simpler."""
