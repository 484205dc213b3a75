"""Recordings: one moment of filming, with one or more videos."""
