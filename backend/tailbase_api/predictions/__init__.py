"""What models say about videos."""
