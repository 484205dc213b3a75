"""What a child may see and reach. User files are opened only behind it."""
