"""What a served sentence costs beside the same sentence in ONNX Runtime alone."""
