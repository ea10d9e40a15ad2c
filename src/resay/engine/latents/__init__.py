"""The latent space: what it is, sentences drawn from it, ways through it, and how it is sent.

space.py      what model.json says of it
noise.py      what samples are drawn with
nearby.py     latents around one
priors.py     latents from nothing: PRIORS[kind]
paths.py      latents between two
packing.py    latents as JSON has them: FORMATS[encoding_format]

Axes: Z components of a latent, L latents.
"""
