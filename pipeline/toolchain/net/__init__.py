"""Bytes: where they may come from, and how they get here whole."""
