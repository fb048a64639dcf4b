"""Answers of `explain`, `plan` and `graph`, which run nothing."""
