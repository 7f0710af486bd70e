"""Where it fails: subgroups and situations in which the model is worse than on the whole."""
