"""lock.json: the record of every pinned file."""
