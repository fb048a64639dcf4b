"""What `explain`, `plan` and `graph` answer without running anything."""
