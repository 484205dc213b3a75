"""`tailbase up` and `tailbase demo`: the servers, the API and the worker on one machine."""
