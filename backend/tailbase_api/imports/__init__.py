"""Projects of other programs, brought in."""
