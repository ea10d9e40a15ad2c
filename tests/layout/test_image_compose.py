"""serving/compose.yaml keeps the server behind the edge, and both within bounds."""

import ipaddress

import pytest
import yaml

from resay.edge.settings import EdgeSettings

SERVICES = ("server", "edge")


@pytest.fixture(scope="module")
def compose(project):
    return yaml.safe_load((project / "serving/compose.yaml").read_text(encoding="utf-8"))


def seconds(text):
    assert text.endswith("s")
    return int(text[:-1])


def test_these_are_all_services(compose):
    assert set(compose["services"]) == set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_hardened(compose, name):
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert {"mem_limit", "pids_limit", "stop_grace_period"} <= set(service)
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "user"} & set(service)


@pytest.mark.parametrize("name", SERVICES)
def test_only_a_bounded_temporary_folder_can_be_written(compose, name):
    service = compose["services"][name]
    (mount,) = service["tmpfs"]
    path, _, options = mount.partition(":")
    assert path == "/tmp"
    assert {"nosuid", "nodev", "noexec"} <= set(options.split(","))
    assert any(option.startswith("size=") for option in options.split(","))
    assert all(volume.endswith(":ro") for volume in service.get("volumes", []))


def test_only_the_edge_is_published(compose):
    server, edge = (compose["services"][name] for name in SERVICES)
    assert "ports" not in server
    assert edge["ports"] == ["8443:8443"]
    assert set(server["networks"]) == {"backend"}
    assert compose["networks"]["backend"]["internal"] is True


def test_server_has_an_address_of_its_own_network(compose):
    address = compose["services"]["server"]["networks"]["backend"]["ipv4_address"]
    subnet = compose["networks"]["backend"]["ipam"]["config"][0]["subnet"]
    assert ipaddress.ip_address(address) in ipaddress.ip_network(subnet)


def test_edge_drains_before_the_server_goes(compose):
    """Compose stops a service before those that it depends on."""
    server, edge = (compose["services"][name] for name in SERVICES)
    assert edge["depends_on"] == {"server": {"condition": "service_healthy"}}
    assert seconds(server["stop_grace_period"]) >= seconds(edge["stop_grace_period"])


def test_edge_has_the_time_that_its_drain_takes(compose):
    fields = EdgeSettings.__dataclass_fields__
    drain = fields["drain_notice_s"].default + fields["drain_timeout_s"].default
    assert seconds(compose["services"]["edge"]["stop_grace_period"]) > drain


def test_targets_are_stages_of_the_dockerfile(project, compose):
    text = (project / "Dockerfile").read_text(encoding="utf-8")
    for service in compose["services"].values():
        assert f" AS {service['build']['target']}\n" in text
        assert (project / "serving" / service["build"]["context"] / "Dockerfile").is_file()
