"""What labelling costs: seconds, clicks and corrections, by person and model."""
