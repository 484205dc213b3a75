"""Several networks as one: smoothed tracks with an honest uncertainty."""
