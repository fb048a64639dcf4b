"""Where tools come from: a file a kind of source."""
