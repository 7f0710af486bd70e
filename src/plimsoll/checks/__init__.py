"""One folder a question, one file a check."""
