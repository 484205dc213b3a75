"""Takes jobs from the queue and runs the library on them in a child process."""
