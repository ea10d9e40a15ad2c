"""A candidate ends as its source ends."""

from resay.engine.fidelity.line import Line
from resay.text.style import CLOSING_MARKS, FINAL_MARKS
from resay.text.words import has_letter_or_digit


def match_ending(line: Line, final_mark: str) -> None:
    """Give a candidate the source's final mark.

    A full stop goes if the source has no mark; a mark comes if the candidate has none; what is said of a
    question is a question. Else the candidate's own mark stays: "!" in the place of "." is its way to say it.

    Args:
        line: The candidate.
        final_mark: The source's, as `Style` has it.
    """
    position = last_position(line)
    if position < 0:
        return
    word = line.words[position]
    if word in FINAL_MARKS and not line.is_fixed(position):
        if final_mark == "?":
            line.words[position] = "?"
        elif not final_mark and word == ".":
            line.remove(position)
    elif final_mark and word not in FINAL_MARKS and not (final_mark == "." and word.endswith(".")):
        line.insert(position + 1, final_mark)


def last_position(line: Line) -> int:
    """Return the last word or mark, closing quotes, brackets and symbols of the source looked through."""
    position = len(line.words) - 1
    while position >= 0:
        word = line.words[position]
        if word not in CLOSING_MARKS and (has_letter_or_digit(word) or word.isascii()):
            break
        position -= 1
    return position
