"""What part of a picture a network looks at: fixed crops, boxes around animals, and animals side by side."""
