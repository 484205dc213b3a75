"""What was deleted and can come back for a while."""
