"""What the load tests ask of a server, and what makes an answer right."""
