"""The nouns and the errors that every other room speaks in; imports nothing of ours."""
