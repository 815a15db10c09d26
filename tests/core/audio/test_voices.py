"""Lists of voices, in the shapes speech servers give them."""

import pytest

from provider.core.wire.voices import Voice, for_language, read_voices

KOKORO = {
    "voices": [{"id": name, "name": name} for name in ("af_heart", "bm_george", "zf_xiaobei", "jf_alpha", "mine")]
}


@pytest.mark.parametrize(
    ("value", "voices"),
    [
        ({"voices": ["alloy", "echo"]}, [("alloy", "alloy", ()), ("echo", "echo", ())]),
        ({"status": "ok", "voices": ["kobo", "cheery"]}, [("kobo", "kobo", ()), ("cheery", "cheery", ())]),
        (["kobo", "kobo", ""], [("kobo", "kobo", ())]),
        ({"object": "list", "data": [{"voice_id": "tara", "description": "x"}]}, [("tara", "tara", ())]),
        ([{"voice_id": "a", "name": "Anna", "model_id": "m"}], [("a", "Anna", ())]),
        ({"voices": [{"label": "Alice", "value": "voices/Alice.wav"}]}, [("voices/Alice.wav", "Alice", ())]),
        ({"voices": [{"name": "en-US-AriaNeural", "language": "en-US"}]}, [("en-US-AriaNeural", "en-US-AriaNeural", ("en",))]),
        ({"voices": [{"id": "x", "languages": ["deu", "fr_FR", "multilingual", 7]}]}, [("x", "x", ("de", "fr"))]),
        ({"voices": {"alice": {"language": "en"}, "bob": {}}}, [("alice", "alice", ("en",)), ("bob", "bob", ())]),
        ({"id": "m", "task": "text-to-speech", "voices": [{"name": "amy", "language": "en-us"}]}, [("amy", "amy", ("en",))]),
        (KOKORO, [("af_heart", "af_heart", ("en",)), ("bm_george", "bm_george", ("en",)), ("zf_xiaobei", "zf_xiaobei", ("zh",)),
                  ("jf_alpha", "jf_alpha", ("ja",)), ("mine", "mine", ())]),
        ({"voices": ["am_i_kokoro", "no", "neither"]}, [("am_i_kokoro",) * 2 + ((),), ("no", "no", ()), ("neither", "neither", ())]),
    ],
)  # fmt: skip
def test_every_shape_is_read(value, voices):
    assert read_voices(value) == tuple(Voice(*each) for each in voices)


@pytest.mark.parametrize(
    "value", [None, {}, {"error": "no"}, {"detail": "Not Found"}, "x", 7, {"voices": None}, [[], 1]]
)
def test_what_is_no_list_is_empty(value):
    assert read_voices(value) == ()


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("zh-Hans", ["zf_xiaobei", "mine"]),
        ("en-US", ["af_heart", "bm_george", "mine"]),
        ("ja", ["jf_alpha", "mine"]),
        ("", ["af_heart", "bm_george", "zf_xiaobei", "jf_alpha", "mine"]),
        (None, ["af_heart", "bm_george", "zf_xiaobei", "jf_alpha", "mine"]),
        ("de-DE", ["mine"]),
    ],
)
def test_dify_gets_the_voices_of_its_language_and_those_that_do_not_say(language, names):
    assert [voice.id for voice in for_language(read_voices(KOKORO), language)] == names


def test_a_language_nobody_speaks_leaves_all_rather_than_none():
    voices = read_voices({"voices": [{"id": "x", "language": "en"}]})

    assert for_language(voices, "th-TH") == voices
