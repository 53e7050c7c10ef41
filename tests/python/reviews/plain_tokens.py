"""The tokens of a text, from their definition and Unicode's own names: what the SQL must give."""

import re
import unicodedata

# scripts that are written without spaces, as their characters are called
SINGLE = ("CJK ", "HIRAGANA", "KATAKANA", "THAI", "LAO ", "KHMER", "MYANMAR", "IDEOGRAPHIC")


def cut_into_tokens(text):
    """Return the tokens of a text, character by character and without any pattern for them."""
    text = re.sub(r"</?[a-zA-Z][^<>]*>|&#?[0-9a-zA-Z]{1,10};", " ", text)
    # two letters that engines write in lower case in different ways
    text = text.replace("\u0130", "i").lower().replace("\u03c2", "\u03c3")
    tokens, word = [], ""
    for character in text + " ":
        category = unicodedata.category(character)
        is_letter = category[0] in "LMN" or character == "_"
        is_single = category == "So" or (
            is_letter and unicodedata.name(character, "").startswith(SINGLE)
        )
        if is_letter and not is_single:
            word += character
            continue
        if word:
            tokens.append(word)
            word = ""
        if is_single:
            tokens.append(character)
    return tokens
