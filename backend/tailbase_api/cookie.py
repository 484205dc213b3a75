"""The name of the cookie a signed-in browser carries."""

COOKIE = "tailbase_session"
