"""A trained model as ONNX graphs: built node by node, held against torch, written as one folder.

Axes: B sentences, T time steps, V vocabulary, E word-vector size, H hidden, Z latent, R decoder rows,
K candidates.
"""

from resay.graphs.extras import require_export_extras

# Every module of this package needs them; asking here turns a traceback into the command that helps.
require_export_extras()
