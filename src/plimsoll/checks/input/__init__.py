"""Whether the data can carry a judgement."""
