"""A file a rule: a declaration in, doit tasks out."""
