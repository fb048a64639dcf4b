"""The store: installed tools, addressed by content."""
