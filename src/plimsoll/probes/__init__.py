"""Changes to rows before they are tallied: predict, corrupt, ablate, attack, time."""
