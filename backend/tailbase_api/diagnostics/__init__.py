"""How good models are, and how plausible what they predict is."""
