"""Archives, unpacked without trusting them."""
