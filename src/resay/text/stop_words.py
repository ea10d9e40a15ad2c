"""English function words and punctuation: words that a paraphrase must not trade for neighbours.

The soft-label loss teaches these as plain cross-entropy does (Kovaleva et al. 2018, section 3). The negated forms are
here above all: a neighbour of "not" is never what was meant.
"""

_DETERMINERS = "a an the this that these those each every either neither some any no all both half such what which"
_PRONOUNS = (
    "i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself "
    "she her hers herself it its itself they them their theirs themselves one who whom whose"
)
_PREPOSITIONS = (
    "of at by for with about against between into through during before after above below to from up down in out "
    "on off over under around near since until upon within without than as like per"
)
_CONJUNCTIONS = "and but or nor so yet if because while although though unless whether when where why how"
_AUXILIARIES = (
    "be am is are was were been being have has had having do does did doing will would shall should can could may "
    "might must ought 'm 're 's 've 'd 'll"
)
_NEGATIONS = "not n't never none nothing nobody nowhere hardly barely ca wo"
_ADVERBS = "again further then once here there now just only too very also even still own same other more most"
_PUNCTUATION = ". , ! ? ; : - -- ... ( ) [ ] \" ' ` `` '' $ % & # * / +"

NEGATIONS: frozenset[str] = frozenset({*_NEGATIONS.split(), "neither", "nor", "without"})
"""Words that turn a meaning round."""

STOP_WORDS: frozenset[str] = frozenset(
    word
    for group in (
        _DETERMINERS,
        _PRONOUNS,
        _PREPOSITIONS,
        _CONJUNCTIONS,
        _AUXILIARIES,
        _NEGATIONS,
        _ADVERBS,
        _PUNCTUATION,
    )
    for word in group.split()
)
