"""What has changed since the reference, and what the change does."""
