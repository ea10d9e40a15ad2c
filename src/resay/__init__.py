"""resay: sentence autoencoders whose reconstruction loss knows which words are alike."""

__version__ = "0.1.0"
