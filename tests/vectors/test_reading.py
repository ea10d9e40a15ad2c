import pytest

from resay.errors import VectorsError
from resay.vectors import READERS, read_vectors


@pytest.mark.parametrize("name", ["vectors.ftz", "vectors", "vectors.npz.zip", "vectors.gz"])
def test_unknown_extension_lists_the_known_ones(tmp_path, name):
    (tmp_path / name).write_text("a 1 2\n", encoding="utf-8")
    with pytest.raises(VectorsError) as caught:
        read_vectors(tmp_path / name)
    assert all(extension in str(caught.value) for extension in READERS)


@pytest.mark.parametrize("extension", READERS)
def test_absent_and_empty_files(tmp_path, extension):
    path = tmp_path / f"vectors{extension}"
    with pytest.raises(VectorsError, match="no such file"):
        read_vectors(path)
    path.touch()
    with pytest.raises(VectorsError, match=r"the file is empty|cannot be read") as caught:
        read_vectors(str(path))
    assert str(path) in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "vectors.vec").mkdir()
    with pytest.raises(VectorsError, match="no such file"):
        read_vectors(tmp_path / "vectors.vec")
