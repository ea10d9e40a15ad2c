"""What a server must survive, as commands that print and record what they saw."""
