from pathlib import Path

import pytest

from resay.errors import ServerError
from resay.torchserve.configuration import (
    escape_property,
    read_properties,
    render_configuration,
    server_properties,
)
from resay.torchserve.ports import ServerPorts

PROJECT = Path(__file__).parents[2]
PORTS = ServerPorts(8080, 8081, 8082, 8083, 7070, 7071)


def values(**changes: object) -> dict[str, str]:
    settings = {"host": "127.0.0.1", "model_store": Path("/run/archives"), "token_auth": False} | changes
    return server_properties(ports=PORTS, archives=["encode.mar", "paraphrase.mar"], **settings)


def rendered(**changes: object) -> dict[str, str]:
    template = PROJECT / "serving" / "config.properties"
    return read_properties(render_configuration(template, values(**changes)))


def test_addresses_and_models_are_filled_in() -> None:
    properties = rendered()
    assert properties["inference_address"] == "http://127.0.0.1:8080"
    assert properties["management_address"] == "http://127.0.0.1:8081"
    assert properties["metrics_address"] == "http://127.0.0.1:8082"
    assert properties["grpc_inference_port"] == "7070"
    assert properties["grpc_management_port"] == "7071"
    assert properties["model_store"] == "/run/archives"
    assert properties["load_models"] == "encode.mar,paraphrase.mar"


def test_only_the_inference_api_leaves_loopback() -> None:
    properties = rendered(host="0.0.0.0")
    addresses = {name: value for name, value in properties.items() if name.endswith("_address")}
    outside = {name for name, value in addresses.items() if "127.0.0.1" not in value}
    assert len(addresses) == 5
    assert outside == {"inference_address"}


def test_no_model_can_be_registered_over_http() -> None:
    properties = rendered()
    assert properties["enable_model_api"] == "false"
    assert properties["install_py_dep_per_model"] == "false"


@pytest.mark.parametrize(("token_auth", "disabled"), [(False, "true"), (True, "false")])
def test_tokens_are_asked_for_only_on_demand(token_auth: bool, disabled: str) -> None:
    assert rendered(token_auth=token_auth)["disable_token_authorization"] == disabled


def test_requests_of_two_megabytes_reach_the_handler_and_the_largest_reply_passes() -> None:
    properties = rendered()
    assert int(properties["max_request_size"]) >= 4 * 2**20
    assert int(properties["max_response_size"]) >= 32 * 512 * 300 * 13  # 13 characters a number


def test_a_path_is_escaped_as_java_reads_it() -> None:
    assert escape_property("/tmp/a b") == "/tmp/a b"
    assert escape_property("C:\\é") == "C:\\\\\\u00e9"
    assert escape_property("\n") == "\\u000a"
    assert escape_property("𝄞") == "\\ud834\\udd1e"


def test_a_template_that_asks_for_too_much_is_named(tmp_path: Path) -> None:
    template = tmp_path / "config.properties"
    template.write_text("colour=${colour}\n")
    with pytest.raises(ServerError, match=r"'colour'.*known are: .*model_store"):
        render_configuration(template, values())


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"nothing\.properties cannot be read"):
        render_configuration(tmp_path / "nothing.properties", values())
