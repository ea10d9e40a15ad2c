"""The bridge: a gRPC server of the Open Inference Protocol, as its clients know it, in front of the HTTP server.

TorchServe has that service under a name of its own, without raw contents, parameters and outputs; here each call
becomes one HTTP request of the same protocol. Needs the extra ``grpc`` (grpcio, httpx, protobuf).

`open_inference_pb2` is made from `open_inference.proto`, by grpcio-tools 1.75.1 so that it runs with every protobuf 6
from 6.31.1 on:

    python -m grpc_tools.protoc -Isrc --python_out=src --pyi_out=src src/resay/bridge/open_inference.proto
"""
