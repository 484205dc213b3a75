"""Videos: uploaded or in place."""
