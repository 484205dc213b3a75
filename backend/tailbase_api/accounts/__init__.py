"""People: signing in, tokens, links."""
