"""The report of a project: one document of data, as a page, as Markdown and as JSON."""
