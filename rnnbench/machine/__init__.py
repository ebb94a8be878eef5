"""What the measurements ran on."""
