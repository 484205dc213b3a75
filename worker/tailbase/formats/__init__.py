"""Readers and writers of labels and predictions, one file a format."""
