"""Neighbour tables kept on disk, since a table depends on nothing but its matrix and settings."""

import hashlib
import zipfile
import zlib
from os import PathLike
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int64

from resay.vectors.atomic_file import atomic_file
from resay.vectors.neighbours import nearest_neighbours

# Part of every key: raise it when nearest_neighbours() gives other results for the same arguments.
VERSION = 1


def cached_neighbours(
    matrix: Float32[np.ndarray, "V E"],
    num_neighbours: int,
    cache_dir: str | PathLike[str],
    *,
    candidates: Bool[np.ndarray, " V"] | None = None,
    excluded: Int64[np.ndarray, "P 2"] | None = None,
) -> tuple[Int64[np.ndarray, "V N"], Float32[np.ndarray, "V N"]]:
    """Return ``nearest_neighbours`` of the arguments, computed at the first call and read back later.

    A table's file is named by the sha256 of the matrix, the settings and the version of the computation. It
    is written at once or not at all, and computed again when it is damaged.

    Args:
        matrix: One vector per row.
        num_neighbours: N, the row itself included.
        cache_dir: A folder, made if missing; whoever wants room may delete it.
        candidates: Rows that may be neighbours of others.
        excluded: Pairs of rows that are not each other's neighbours; their order does not matter.

    Raises:
        SettingsError: As ``nearest_neighbours``.
        ShapeError: As ``nearest_neighbours``.
        OSError: The folder cannot be written.
    """
    path = Path(cache_dir) / f"neighbours-{_key(matrix, num_neighbours, candidates, excluded)}.npz"
    table = _load(path, shape=(len(matrix), num_neighbours))
    if table is None:
        table = nearest_neighbours(matrix, num_neighbours, candidates=candidates, excluded=excluded)
        ids, similarities = table
        with atomic_file(path) as temporary, temporary.open("wb") as stream:
            np.savez(stream, ids=ids, similarities=similarities)
    return table


def _key(matrix: np.ndarray, num_neighbours: int, candidates: np.ndarray | None, excluded: np.ndarray | None) -> str:
    digest = hashlib.sha256(f"{VERSION} {matrix.shape} {num_neighbours} {candidates is not None}".encode())
    digest.update(np.ascontiguousarray(matrix).data)
    if candidates is not None:
        digest.update(np.ascontiguousarray(candidates).data)
    if excluded is not None and excluded.size:
        digest.update(b"excluded")
        digest.update(np.unique(np.sort(excluded, axis=1), axis=0).data)
    return digest.hexdigest()


def _load(path: Path, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the table, or None where there is none that can be trusted."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            ids, similarities = arrays["ids"], arrays["similarities"]
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error):
        return None
    fits = ids.shape == similarities.shape == shape and (ids.dtype, similarities.dtype) == (
        np.int64,
        np.float32,
    )
    if not fits or (ids[:, 0] != np.arange(len(ids))).any() or ids.min() < 0 or ids.max() >= len(ids):
        return None
    return ids, similarities
