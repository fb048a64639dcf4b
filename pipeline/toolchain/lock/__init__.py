"""lock.json: what is recorded of each file."""
