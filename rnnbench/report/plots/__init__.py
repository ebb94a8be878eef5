"""What can be drawn: plots as plain data, and the two ways of drawing them."""
