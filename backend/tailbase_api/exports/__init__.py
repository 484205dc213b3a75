"""Labels and predictions, taken out."""
