"""What the checksum flow keeps: the watched tools, when each was polled, and the release files."""
