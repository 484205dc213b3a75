"""Frames to label: which there are, choosing more, and their state."""
