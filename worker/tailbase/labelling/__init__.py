"""Which frames to label next, and how good labels and pre-labels are. Needs numpy only."""
