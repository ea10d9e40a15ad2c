"""What carries the Dockerfile out without an engine: reading it, .dockerignore, COPY and settings."""

import importlib

import pytest

from resay.errors import SettingsError


def module(project, name):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project / "serving" / "image")
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def dockerfile(project):
    return module(project, "dockerfile")


@pytest.fixture(scope="module")
def context(project):
    return module(project, "build_context")


@pytest.fixture(scope="module")
def steps(project):
    return module(project, "build_steps")


SMALL = """
ARG IMAGE=debian:12
FROM ${IMAGE} AS first
# a comment
RUN one \\
    # a comment within
    && two
FROM ${IMAGE} AS unused
FROM first AS last
COPY --from=first /a /b
ENTRYPOINT ["x"]
"""


def test_stages_are_read_with_their_bases(dockerfile):
    stages = dockerfile.read_stages(SMALL)
    assert [(stage.name, stage.base) for stage in stages.values()] == [
        ("first", "debian:12"),
        ("unused", "debian:12"),
        ("last", "first"),
    ]
    assert [item.text for item in stages["first"].instructions] == ["one && two"]


def test_only_needed_stages_are_built(dockerfile):
    stages = dockerfile.read_stages(SMALL)
    assert [stage.name for stage in dockerfile.needed_stages(stages, "last")] == ["first", "last"]


def test_stages_of_the_project_are_all_needed_by_some_target(project, dockerfile):
    stages = dockerfile.read_stages((project / "Dockerfile").read_text(encoding="utf-8"))
    bases = {source for stage in stages.values() for source in stage.sources()}
    ends = [name for name in stages if name not in bases]
    needed = {stage.name for end in ends for stage in dockerfile.needed_stages(stages, end)}
    assert needed == set(stages)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FROM a AS b\nADD x y", "ADD"),
        ("FROM a", "FROM IMAGE AS NAME"),
        ("FROM a AS b\nRUN cat <<EOF\nEOF", "here-document"),
    ],
)
def test_what_is_not_understood_is_refused(dockerfile, text, said):
    with pytest.raises(SettingsError, match=said):
        dockerfile.read_stages(text)


def test_unknown_target_is_named_with_the_known_ones(dockerfile):
    with pytest.raises(SettingsError, match=r"'lst'.*last"):
        dockerfile.needed_stages(dockerfile.read_stages(SMALL), "lst")


def test_shell_form_is_refused_where_a_signal_has_to_arrive(dockerfile):
    assert dockerfile.exec_form('["a", "b"]') == ["a", "b"]
    with pytest.raises(SettingsError, match="shell form"):
        dockerfile.exec_form("a b")


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("src/resay/errors.py", True),
        ("src/resay/__pycache__/errors.cpython-311.pyc", False),
        ("models/yelp-soft-label/model.json", True),
        ("models/mine/model.json", False),
        ("serving/start.py", True),
        ("serving/image/try_in_clean_root.py", False),
        ("serving/image/torch_stand_in/torch.py", True),
        ("edge-files/key.pem", False),
        (".venv/bin/python", False),
        (".git/config", False),
        ("runs/x/run.json", False),
        ("key.pem", False),
    ],
)
def test_only_what_is_copied_is_sent(project, context, path, sent):
    assert context.is_sent(path, context.read_patterns(project)) is sent


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*", "a/b", True),
        ("a/*.py", "a/x.py", True),
        ("a/*.py", "a/b/x.py", False),
        ("**/*.py", "x.py", True),
        ("**/*.py", "a/b/x.py", True),
        ("a", "ab", False),
        ("a.b", "axb", False),
    ],
)
def test_patterns_read_as_the_engine_reads_them(context, pattern, path, fits):
    assert context.is_sent(path, [pattern]) is not fits


def test_every_copied_file_is_sent(project, dockerfile, context):
    stages = dockerfile.read_stages((project / "Dockerfile").read_text(encoding="utf-8"))
    copied = [item.text.split() for stage in stages.values() for item in stage.instructions if item.name == "COPY"]
    sources = [source for words in copied if "--from" not in words[0] for source in words[:-1]]
    assert len(sources) > 8
    for source in sources:
        assert context.sent_files(project, source), source


@pytest.fixture
def project_copy(tmp_path):
    folder = tmp_path / "project"
    (folder / "code/deep").mkdir(parents=True)
    for name in ("a.txt", "code/b.py", "code/deep/c.py", "code/d.log"):
        (folder / name).write_text(name)
    (folder / ".dockerignore").write_text("*\n!a.txt\n!code\n**/*.log\n")
    return folder


def built(steps, dockerfile, project, text):
    root = project.parent / "root"
    base = project.parent / "base"
    base.mkdir()
    (stage,) = dockerfile.read_stages(f"FROM base AS one\n{text}").values()
    return steps.build_stage(stage, {"base": steps.Image(base)}, project, root)


def files_in(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("COPY a.txt /x/", ["x/a.txt"]),
        ("COPY a.txt /y.txt", ["y.txt"]),
        ("WORKDIR /w\nCOPY a.txt ./", ["w/a.txt"]),
        ("COPY code /app", ["app/b.py", "app/deep/c.py"]),
    ],
)
def test_copy_puts_files_where_an_engine_does(steps, dockerfile, project_copy, text, files):
    assert files_in(built(steps, dockerfile, project_copy, text).root) == files


@pytest.mark.parametrize("text", ["COPY nothing /x", "COPY code/d.log /x", "COPY --chmod=1 a.txt /x", "USER resay"])
def test_step_that_cannot_be_done_is_refused(steps, dockerfile, project_copy, text):
    with pytest.raises(SettingsError):
        built(steps, dockerfile, project_copy, text)


def test_settings_are_those_of_the_last_instruction(steps, dockerfile, project_copy):
    text = 'CMD ["lost"]\nENV A=1 PATH=/b:${PATH}\nENV B="$A 2"\nENTRYPOINT ["e"]\nUSER 7:8\nSTOPSIGNAL SIGINT'
    image = built(steps, dockerfile, project_copy, text)
    assert image.environment == {"A": "1", "B": "1 2", "PATH": f"/b:{steps.BASE_PATH}"}
    assert (image.entry_point, image.command, image.user, image.stop_signal) == (["e"], [], "7:8", "SIGINT")
