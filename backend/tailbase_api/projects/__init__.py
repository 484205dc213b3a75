"""Projects, their skeleton, members and individuals."""
