"""One file per rule: a declaration in, doit tasks out."""
