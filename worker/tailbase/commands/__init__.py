"""The verbs of the library's command line, one a file."""
