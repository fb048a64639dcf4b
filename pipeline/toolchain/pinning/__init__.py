"""Pin new versions, and confirm pins with those who publish the files."""
