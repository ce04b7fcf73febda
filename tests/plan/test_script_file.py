from __future__ import annotations

import pytest

from streamsim.dialects.said import Error, Pause, Reasoning, Refusal, Say, Text, ToolCall
from streamsim.dialects.told import Usage
from streamsim.errors import ScriptError
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.script_file import Script, read_answer, read_parts, read_script

SHORT = 'say = "Hello"'
LONG = """
dialect = "anthropic"
ttft = "300ms"
itl = "lognormal(20ms,0.4)"
model = "some-model"

[[answer]]
prompt = "How is the weather?"
say = [
  {reasoning = "I should look."},
  "Let me look.",
  {text = " Now."},
  {pause = "1.5s"},
  {tool = "look_up", arguments = {city = "Oslo", days = 3}, id = "call_1"},
]
stop = "tool"
usage = {input = 12, output = 34, cached = 5}

[[answer]]
model = "another-model"
say = [
  {tool = "now"}, {tool = "raw", arguments = '{"a": 1.0}'}, {refusal = "No."},
  {error = "Overloaded", type = "overloaded_error", status = 529},
]
"""


def test_a_short_script_is_one_answer() -> None:
    """A string is text, and the file itself the only answer."""
    assert read_script(SHORT, source="s.toml") == Script((Say((Text("Hello"),)),), source="s.toml")


def test_a_script_tells_all_that_an_answer_can_say() -> None:
    """Every kind of part has its table; keys above the answers are those of each that has none."""
    parts = (
        Reasoning("I should look."),
        Text("Let me look."),
        Text(" Now."),
        Pause(1_500_000_000),
        ToolCall("look_up", '{"city":"Oslo","days":3}', "call_1"),
    )
    more = (
        ToolCall("now"),
        ToolCall("raw", '{"a": 1.0}'),
        Refusal("No."),
        Error("Overloaded", "overloaded_error", 529),
    )
    usage = Usage(input=12, output=34, cached=5)
    first = Say(parts, model="some-model", usage=usage, stop="tool", prompt="How is the weather?")
    second = Say(more, model="another-model")
    assert read_script(LONG, source="s.toml") == Script(
        (first, second),
        "anthropic",
        parse_distribution("300ms"),
        parse_distribution("lognormal(20ms,0.4)"),
        "s.toml",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('say = "Hello', "it is not TOML: Unterminated string (at end of document); mend it there"),
        ("", 'it says nothing; write say = "Hello", or a list'),
        ('saay = "Hi"', "saay: there is no such key; did you mean say?"),
        ('zzz = "Hi"', "zzz: there is no such key; known are dialect, ttft, itl, answer, say, model"),
        ("say = 3", 'say: 3 is neither a string nor a table; write "text" or {reasoning = "…"}'),
        ('say = ["a", 3]', 'say[2]: 3 is neither a string nor a table; write "text" or {reasoning = "…"}'),
        ("say = [{resoning = 'a'}]", "say[1].resoning: there is no such key; did you mean reasoning?"),
        (
            "say = [{}]",
            "say[1]: it says nothing; begin it with one of text, reasoning, refusal, tool",
        ),
        ('say = {tool = "f", argments = {}}', "say.argments: there is no such key; did you mean arguments?"),
        ('say = {tool = ""}', "say.tool: it has no name; write the tool's name"),
        (
            "say = {tool = \"f\", arguments = '{'}",
            "say.arguments: it is not JSON: Input data was tr",
        ),
        (
            "say = {tool = \"f\", arguments = '[1]'}",
            'say.arguments: it is not a JSON object; write {"name": value}',
        ),
        (
            'say = {tool = "f", arguments = {a = nan}}',
            "say.arguments: JSON has no such value: Out of range",
        ),
        ("say = {text = 1}", "say.text: 1 is not a string; write it in quotes"),
        (
            'say = {pause = "3"}',
            "say.pause: '3' is not a duration; write a number and a unit",
        ),
        (
            'say = {error = "x", status = 200}',
            "say.status: 200 is no status of an error; write one from 400 to 599",
        ),
        ('say = {error = "x", status = true}', "say.status: True is not a whole number from 0 on; write one"),
        ('say = [{error = "x"}, "more"]', "say[2]: it follows an error, which ends the answer; leave it out"),
        ('say = "x"\nusage = {inputs = 1}', "usage.inputs: there is no such key; did you mean input?"),
        ('say = "x"\nusage = {input = -1}', "usage.input: -1 is not a whole number from 0 on; write one"),
        ('say = "x"\nttft = "soon"', "ttft: 'soon' is not a duration"),
        ('say = "x"\n[[answer]]\nsay = "y"', "say: it stands beside [[answer]]; write it below one of them"),
        ('answer = "x"', "answer: it is not a list of tables; write lines [[answer]], and keys below"),
        ('answer = ["x"]', "answer[1]: 'x' is neither a string nor a table"),
        (
            '[[answer]]\nsay = "x"\n[[answer]]\nstop = "y"',
            'answer[2]: it says nothing; write say = "Hello", or a list',
        ),
        ('[[answer]]\nsay = "x"\nstop = 1', "answer[1].stop: 1 is not a string; write it in quotes"),
    ],
)
def test_what_means_nothing_is_named(text: str, message: str) -> None:
    """File, key and what to do stand in one line; lists count from 1."""
    with pytest.raises(ScriptError) as caught:
        read_script(text, source="s.toml")
    assert str(caught.value).startswith(f"s.toml: {message}")


def test_parts_may_be_written_in_python() -> None:
    """A string, a part, a table, or a list or tuple of them."""
    assert read_parts("Hi", "here") == read_parts([Text("Hi")], "here") == read_parts(({"text": "Hi"},), "here")


def test_arguments_may_be_any_json_in_python() -> None:
    """A table becomes compact JSON, its keys in order."""
    told = {"tool": "f", "arguments": {"b": [1, None], "a": "é"}}
    assert read_parts(told, "here") == (ToolCall("f", '{"b":[1,null],"a":"é"}'),)


def test_what_json_does_not_have_is_named() -> None:
    """An object of Python is no argument."""
    with pytest.raises(ScriptError, match=r"^here\.arguments: JSON has no such value"):
        read_parts({"tool": "f", "arguments": {"a": object()}}, "here")


def test_a_table_with_say_is_an_answer() -> None:
    """It takes what a script's answer takes."""
    assert read_answer({"say": "Hi", "stop": "length"}, "here.") == Say((Text("Hi"),), stop="length")
