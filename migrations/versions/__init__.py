"""One step of the database a file."""
