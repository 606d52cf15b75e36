"""The Text codec keeps every string, and keeps it readable."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyecore import ecore

from nbmde.engine import models
from nbmde.engine.models import text
from nbmde.engine.models.literals import literal

# every code point, lone surrogates included, with those that XML or the codec treats specially more often
SPECIAL = st.sampled_from("\x00\x1b\r\n\t\x7f\x85\u2028␛␀␡␦;0DE\ud800\udfff\ufffe\uffff<>&\"' ")
STRINGS = st.text(SPECIAL | st.characters(min_codepoint=0, max_codepoint=0x10FFFF, categories=None))


@given(STRINGS)
def test_decoding_undoes_encoding(string: str) -> None:
    assert text.decode(text.encode(string)) == string


@given(STRINGS)
def test_what_is_encoded_is_valid_xml_that_no_parser_changes(string: str) -> None:
    for character in text.encode(string):
        code = ord(character)
        assert code in (0x9, 0xA) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF


@given(string=STRINGS)
def test_a_saved_string_is_loaded_as_it_was_whether_single_or_one_of_many(
    string: str, registry: models.Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    garden = registry["garden"]
    path = tmp_path_factory.getbasetemp() / "string.xmi"
    models.save({path: garden.Flower(text=string, remarks=[string, "", string])}, registry)
    flower = models.load(path, registry)
    assert (flower.text, list(flower.remarks)) == (string, [string, "", string])


def test_every_code_point_is_kept(registry: models.Registry, tmp_path: Path) -> None:
    everything = "".join(map(chr, range(0x110000)))
    models.save({tmp_path / "all.xmi": registry["garden"].Flower(text=everything)}, registry)
    assert models.load(tmp_path / "all.xmi", registry).text == everything


def test_control_characters_are_written_as_their_pictures() -> None:
    assert text.encode("\x1b[31mred\x1b[0m\r\n\x00\x7f\ttab") == "␛[31mred␛[0m␍\n␀␡\ttab"


def test_characters_that_the_codec_uses_and_xml_cannot_hold_are_escaped() -> None:
    assert text.encode("␛␦\ud83d\uffff") == "␦241B;␦2426;␦D83D;␦FFFF;"


def test_ordinary_text_is_left_alone() -> None:
    source = "π = 3.14  # naïve, 中文, 😀, ␉ ␊ ␠ are no codec's business\n"
    assert text.encode(source) == source


@pytest.mark.parametrize("typed", ["␦", "␦;", "␦XYZ;", "␦110000;", "␦FFFFFF;"])
def test_what_is_no_escape_stands_for_itself(typed: str) -> None:
    assert text.decode(typed) == typed


@pytest.mark.parametrize(("datatype", "bits"), [("EShort", 16), ("EInt", 32), ("EIntegerObject", 32), ("ELong", 64)])
def test_a_whole_number_fits_in_the_bits_of_its_type(datatype: str, bits: int) -> None:
    kind = literal(getattr(ecore, datatype))
    lowest, highest = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    for number in (lowest, -1, 0, 1, highest):
        assert kind.write(number) == str(number)
        assert kind.read(str(number)) == number
    for number in (lowest - 1, highest + 1):
        with pytest.raises(ValueError, match=f"does not fit in {bits} bits"):
            kind.write(number)
        with pytest.raises(ValueError, match=f"does not fit in {bits} bits"):
            kind.read(str(number))
