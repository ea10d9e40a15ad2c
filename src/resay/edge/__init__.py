"""The edge: an nginx in front of TorchServe, with keys, limits, short routes and errors of one form."""
