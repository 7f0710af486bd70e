"""What the command says when it is run as a module."""
