"""Long work: its state, its story and its results."""
