"""The list of antonyms, made from a dictionary in WordNet's format."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "src" / "resay" / "vectors" / "antonyms.txt"
WORDNET = Path("/usr/share/wordnet")
LICENCE = "  1 This is a licence,  \n  2   \n  3 in lines.  \n"
ADJECTIVES = """\
00000001 00 a 01 good 0 003 ! 00000002 a 0101 & 00000003 a 0000 & 00000005 a 0000 | a gloss; "good ! bad"
00000002 00 a 02 bad(p) 0 in_bad_shape 0 003 ! 00000001 a 0101 & 00000004 a 0000 & 00000006 a 0000 | a | b
00000003 00 s 02 great 0 top-notch 1 001 & 00000001 a 0000 | a gloss
00000004 00 s 01 awful(ip) 0 002 & 00000002 a 0000 + 05616246 n 0101 | a gloss
00000005 00 s 01 painless 0 001 & 00000001 a 0000 | a gloss
00000006 00 s 01 painful 0 001 & 00000002 a 0000 | a gloss
00000007 00 a 0a one 0 two 0 three 0 four 0 five 0 six 0 seven 0 eight 0 nine 0 ten 0 000 | ten words
"""
NOUNS = """\
00000001 18 n 02 husband 0 hubby 0 001 ! 00000002 n 0101 | a noun at the offset of "good"
00000002 18 n 01 wife 0 001 ! 00000001 n 0101 | a gloss
00000003 18 n 01 Monday 0 001 ! 00000002 n 0101 | a name
"""


@pytest.fixture
def dictionary(tmp_path):
    for part, text in (("adj", ADJECTIVES), ("adv", ""), ("noun", NOUNS), ("verb", "")):
        (tmp_path / f"data.{part}").write_text(LICENCE + text, encoding="utf-8")
    return tmp_path


def make(folder, out):
    command = [sys.executable, ROOT / "training" / "make_antonyms.py", folder, "--out", out]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_list_of_a_small_dictionary(dictionary):
    done = make(dictionary, dictionary / "antonyms.txt")
    assert (done.returncode, done.stderr) == (0, "")
    lines = (dictionary / "antonyms.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "good | great painless ! bad | awful painful",
        "husband hubby ! wife",
        "painless ! painful",
    ]
    assert lines[-6:-3] == ["# This is a licence,", "#", "# in lines."]


def test_a_folder_without_the_files_is_named(tmp_path):
    done = make(tmp_path, tmp_path / "antonyms.txt")
    assert done.returncode == 1
    assert "data.adj" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_shipped_list_is_small_and_carries_its_licence():
    text = SHIPPED.read_text(encoding="utf-8")
    assert len(text) < 300_000
    assert "WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved." in text
    assert "Permission to use, copy, modify and distribute this software" in text


@pytest.mark.real_data
@pytest.mark.skipif(not (WORDNET / "data.adj").exists(), reason="WordNet is not installed")
def test_the_shipped_list_is_what_wordnet_gives(tmp_path):
    make(WORDNET, tmp_path / "antonyms.txt")
    assert (tmp_path / "antonyms.txt").read_bytes() == SHIPPED.read_bytes()
