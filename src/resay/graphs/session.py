"""An ONNX Runtime session for checking a graph: one CPU thread, no spinning."""

import onnxruntime


def open_cpu_session(model_bytes: bytes) -> onnxruntime.InferenceSession:
    """Open a session on the bytes that are, or will be, the file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model_bytes, options, providers=["CPUExecutionProvider"])
