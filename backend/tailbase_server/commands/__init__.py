"""The verbs of the server: `tailbase up` and `tailbase demo`."""
