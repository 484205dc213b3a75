"""Live news for the page."""
