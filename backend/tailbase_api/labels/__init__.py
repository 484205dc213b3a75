"""What people say about frames, saved so that nothing acknowledged is lost."""
