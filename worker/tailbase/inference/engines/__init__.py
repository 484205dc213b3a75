"""Ways to compute a network, one a file; `inference.choice` picks among them."""
