"""Files hold what was written, whatever stood there before and however the writing ends."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from streamsim.errors import ProfileError, RecordingError
from streamsim.recording import codec
from streamsim.recording.model import Header, Kept
from streamsim.shells import files
from streamsim.shells.files import Writer, load, load_profile, read_blocks, resolve, shipped, shipped_profiles
from tests.builders import as_file, exchange, lines, recording

if TYPE_CHECKING:
    from streamsim.shells.files import Existing

HEADER = Header(version=1, created="2026-11-22T08:00:00Z", recorder="streamsim test")
ONE = lines(exchange())
FULL = Path("/dev/full")


def written(path: Path, existing: Existing = "refuse", **closing: object) -> None:
    writer = Writer(path, HEADER, existing=existing)
    writer.write(ONE)
    writer.close(**closing)  # type: ignore[arg-type]  # a shorthand of this test


def failing(*_: object, **__: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_is_written_is_there_at_once(tmp_path: Path) -> None:
    """Each line is whole in the file as soon as it was written, long before the file is closed."""
    path = tmp_path / "a.jsonl"
    writer = Writer(path, HEADER)
    assert path.read_bytes() == codec.write(HEADER)
    for number, line in enumerate(ONE, 1):
        writer.write([line])
        assert load(path).entries == tuple(ONE[:number])
    writer.close()
    assert path.read_bytes() == as_file(recording())


def test_an_existing_file_is_refused(tmp_path: Path) -> None:
    """What was recorded once is not lost by a repeated command."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"precious")
    with pytest.raises(RecordingError) as caught:
        Writer(path, HEADER)
    assert str(caught.value) == f"{path}: the file exists; add to it with --append or replace it with --force"
    assert path.read_bytes() == b"precious"


def test_force_replaces(tmp_path: Path) -> None:
    """As asked for."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * 9999)
    written(path, "force")
    assert path.read_bytes() == as_file(recording())


@pytest.mark.parametrize("before", [None, b""])
def test_appending_to_nothing_begins_a_file(tmp_path: Path, before: bytes | None) -> None:
    """The same command works the first time and ever after."""
    path = tmp_path / "a.jsonl"
    if before is not None:
        path.write_bytes(before)
    written(path, "append")
    assert path.read_bytes() == as_file(recording())


def test_appending_goes_on_with_the_numbers(tmp_path: Path) -> None:
    """Exchanges and connections are counted on, past those of lines with unknown keys too."""
    path = tmp_path / "a.jsonl"
    old = as_file(recording(exchange(connection=4), exchange(connection=2)))
    path.write_bytes(old.replace(b'{"kind":"request","exchange":2', b'{"kind":"request","mood":"good","exchange":7'))
    broken = path.read_bytes().replace(b'"exchange":2', b'"exchange":7')
    path.write_bytes(broken)
    writer = Writer(path, HEADER, existing="append")
    writer.close()
    assert (writer.next_exchange, writer.next_connection) == (8, 5)
    assert path.read_bytes() == broken


def test_appending_keeps_the_header_and_completes_the_last_line(tmp_path: Path) -> None:
    """A last line that only lacks its LF gets it before another follows."""
    path = tmp_path / "a.jsonl"
    old = as_file(recording()).removesuffix(b"\n")
    path.write_bytes(old)
    writer = Writer(path, Header(version=1, recorder="another"), existing="append")
    writer.write(lines(recording(exchange(), exchange()).exchanges[1]))
    writer.close()
    assert path.read_bytes() == as_file(recording(exchange(), exchange()))


def test_appending_to_a_torn_line_is_refused(tmp_path: Path) -> None:
    """The next line would be swallowed by it."""
    path = tmp_path / "a.jsonl"
    old = as_file(recording())[:-9]
    path.write_bytes(old)
    with pytest.raises(RecordingError) as caught:
        Writer(path, HEADER, existing="append")
    assert str(caught.value) == f"{path}: its last line is torn; repair or remove that line, then append"
    assert path.read_bytes() == old


def test_appending_to_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    """The message names its first line."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"Dear diary\n")
    with pytest.raises(RecordingError, match=r"a\.txt:1: not a streamsim recording"):
        Writer(path, HEADER, existing="append")
    assert path.read_bytes() == b"Dear diary\n"


@pytest.mark.parametrize(("name", "problem"), [("no/where.jsonl", "No such file or directory"), ("", "Is a directory")])
def test_an_unwritable_place_is_named(tmp_path: Path, name: str, problem: str) -> None:
    """The system's own words, and what to do."""
    path = tmp_path / name
    for existing in ("append", "force"):
        with pytest.raises(RecordingError) as caught:
            Writer(path, HEADER, existing=existing)
        assert str(caught.value) == f"{path}: cannot be written: {problem}; choose another -o file"


@pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    """At the header already, and the device that stands for the disk survives it."""
    link = tmp_path / "full"
    link.symlink_to(FULL)
    with pytest.raises(RecordingError) as caught:
        Writer(link, HEADER, existing="append")
    problem = "cannot be written: No space left on device; what was written before stays valid"
    assert str(caught.value) == f"{link}: {problem}"
    assert FULL.exists()
    assert link.is_symlink()


def test_a_disk_that_fills_up_leaves_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines before stay valid; a header that cannot be written leaves no file at all."""
    path = tmp_path / "a.jsonl"
    writer = Writer(path, HEADER)
    writer.write(ONE[:2])
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing)
        with pytest.raises(RecordingError, match="No space left on device; what was written before stays valid"):
            writer.write(ONE[2:])
        with pytest.raises(RecordingError, match="No space left on device"):
            Writer(tmp_path / "b.jsonl", HEADER)
    writer.close()
    assert load(path).entries == tuple(ONE[:2])
    assert not (tmp_path / "b.jsonl").exists()


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may take a line in parts."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:10]))
    written(tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == as_file(recording())


def test_discarding_removes_only_a_file_of_our_own(tmp_path: Path) -> None:
    """Where nothing was recorded a new file goes away, and an old one stays as it was."""
    path = tmp_path / "a.jsonl"
    Writer(path, HEADER).close(discard=True)
    assert not path.exists()
    path.write_bytes(as_file(recording()))
    Writer(path, HEADER, existing="append").close({"cookie"}, discard=True)
    assert path.read_bytes() == as_file(recording())


def test_a_device_is_written_to_and_left_alone(tmp_path: Path) -> None:
    """Neither the discarding nor the new header of a recording replaces what is no file."""
    for discard in (True, False):
        written(Path(os.devnull), "force", redacted={"cookie"}, discard=discard)
    assert Path(os.devnull).is_char_device()
    assert list(tmp_path.iterdir()) == []


def test_the_header_tells_what_was_redacted(tmp_path: Path) -> None:
    """Names are sorted, those of earlier sessions kept; all other lines, the file's mode and its link stay."""
    real = tmp_path / "real.jsonl"
    path = tmp_path / "a.jsonl"
    path.symlink_to(real.name)
    written(path, "append", redacted={"cookie"})
    real.chmod(0o600)
    Writer(path, HEADER, existing="append").close({"authorization", "cookie"})
    loaded = load(path)
    assert isinstance(loaded.header, Header)
    assert loaded.header.redacted == ("authorization", "cookie")
    assert loaded.entries == recording().entries
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert sorted(tmp_path.iterdir()) == [path, real]


def test_a_header_with_unknown_keys_is_left_alone(tmp_path: Path) -> None:
    """It belongs to a newer streamsim, or to somebody's own tool."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"streamsim":1,"mood":"good"}\n')
    Writer(path, HEADER, existing="append").close({"cookie"})
    assert path.read_bytes() == b'{"streamsim":1,"mood":"good"}\n'
    assert isinstance(load(path).header, Kept)


def test_the_file_is_whole_while_its_header_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the new file is complete the old one stands; where there is no room for it, it stays."""
    path = tmp_path / "a.jsonl"
    seen = []

    def copy(*_: object) -> None:
        seen.append(path.read_bytes())
        failing()

    monkeypatch.setattr(shutil, "copyfileobj", copy)
    with pytest.raises(RecordingError) as caught:
        written(path, redacted={"cookie"})
    remedy = "the recording is whole, but its header does not list what was redacted"
    assert str(caught.value) == f"{path}: cannot be written: No space left on device; {remedy}"
    assert seen == [path.read_bytes()] == [as_file(recording())]
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_goes_before_a_shipped_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is there is meant; else the name of a recording that comes with streamsim, with or without suffix."""
    monkeypatch.chdir(tmp_path)
    ours = tmp_path / "shipped"
    ours.mkdir()
    (ours / "hello.jsonl").write_bytes(as_file(recording()))
    monkeypatch.setattr(files, "shipped", lambda: {"hello": ours / "hello.jsonl"})
    assert resolve("hello") == resolve("hello.jsonl") == ours / "hello.jsonl"
    (tmp_path / "hello").write_bytes(as_file(recording()))
    assert resolve("hello") == Path("hello")
    assert load("hello").source == "hello"


def test_a_name_that_is_not_there_is_answered_with_those_that_are_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files beside it and shipped ones are offered."""
    monkeypatch.setattr(files, "shipped", lambda: {"openai-chat": tmp_path, "mcp": tmp_path})
    problem = "there is no such file, nor a shipped recording of that name"
    (tmp_path / "session.jsonl").touch()
    for name, remedy in (
        ("opnai-chat", "did you mean openai-chat?"),
        (str(tmp_path / "sesion.jsonl"), f"did you mean {tmp_path / 'session.jsonl'}?"),
        ("/no/such/folder/zzz", "shipped are openai-chat, mcp"),
    ):
        with pytest.raises(RecordingError) as caught:
            resolve(name)
        assert str(caught.value) == f"{name}: {problem}; {remedy}"
    monkeypatch.setattr(files, "shipped", dict)
    with pytest.raises(RecordingError, match=r"shipped are none$"):
        resolve("/no/such/folder/zzz")


def test_shipped_recordings_are_found() -> None:
    """Each by its name; the checkout's own folder stands in for the installed one."""
    for name, path in shipped().items():
        assert path == resolve(name) == resolve(f"{name}.jsonl")


def test_an_install_without_recordings_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made up where the folder is missing."""
    monkeypatch.setattr(files, "__file__", str(tmp_path / "package" / "shells" / "files.py"))
    assert shipped() == {}


def test_what_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    """A folder, a name the system refuses, a file that goes away."""
    long = "x" * 300
    for name, message in (
        (str(tmp_path), f"{tmp_path}: this is a folder; name a .jsonl file in it"),
        (long, f"{long}: File name too long; check the path"),
    ):
        with pytest.raises(RecordingError) as caught:
            load(name)
        assert str(caught.value) == message
    gone = tmp_path / "gone"
    with pytest.raises(RecordingError) as caught:
        list(read_blocks(gone))
    assert str(caught.value) == f"{gone}: No such file or directory; check the file"


def test_a_profile_is_found_by_path_or_name(tmp_path: Path) -> None:
    """A file is called as it stands there, a shipped one by its name, with or without its suffix."""
    path = tmp_path / "mine.toml"
    path.write_text('about = "Mine."\n')
    assert (load_profile(path).name, load_profile(path).about) == ("mine", "Mine.")
    assert load_profile("good-day") == load_profile("good-day.toml") == load_profile(shipped_profiles()["good-day"])


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("good-dya", "there is no such file, nor a shipped profile of that name; did you mean good-day?"),
        (".", "this is a folder; name a .toml file in it"),
        ("latin.toml", "it is not UTF-8; save it as UTF-8"),
        ("wrong.toml", "it is not TOML: "),
        ("zzz", "there is no such file, nor a shipped profile of that name; shipped are azure-filters, "),
    ],
)
def test_a_profile_that_cannot_be_read_is_named(
    name: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with it, and with names that come near."""
    monkeypatch.chdir(tmp_path)
    Path("latin.toml").write_bytes(b'about = "\xe9"')
    Path("wrong.toml").write_text("=")
    with pytest.raises(ProfileError) as caught:
        load_profile(name)
    assert str(caught.value).startswith(f"{name}: {complaint}")


def test_a_profile_that_the_system_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a recording is."""
    path = tmp_path / "mine.toml"
    path.touch()
    monkeypatch.setattr(Path, "read_text", failing)
    with pytest.raises(ProfileError, match="No space left on device; check the file"):
        load_profile(path)
