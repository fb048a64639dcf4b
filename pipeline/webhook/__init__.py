"""Receives GitHub's announcements of releases, and marks the tools that they concern as due."""
