"""Commands that the package adds to doit, a file a command."""
