"""The files that an operator means: paths, folders, patterns and archives."""

import glob
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from config.errors import DomainError, InvalidInput, NotFound
from retrieval.archives import is_archive, unpacked
from retrieval.parsing.registry import EXTENSIONS


@dataclass(frozen=True, slots=True)
class Source:
    """A file with the name that it gets in the class, or why there is none."""

    name: str
    found: Path | DomainError


@contextmanager
def sources_of(arguments: list[str]) -> Iterator[list[Source]]:
    """What these arguments name, each file once; what was unpacked goes when this is left.

    Names in the class are the paths below the folder that is given, before a pattern's first
    wildcard, or inside an archive. Raises InvalidInput or NotFound for an argument that names
    nothing.
    """
    with ExitStack() as stack:
        named = dict.fromkeys(pair for argument in arguments for pair in _files(argument))
        yield [
            source
            for path, name in named
            for source in (_members(stack, path) if is_archive(name) else [Source(name, path)])
        ]


def _members(stack: ExitStack, archive: Path) -> Iterator[Source]:
    try:
        for member in stack.enter_context(unpacked(archive)):
            yield Source(member.name, member.found)
    except DomainError as error:
        yield Source(archive.name, error)
    except OSError as error:
        yield Source(archive.name, InvalidInput(str(error.strerror), code="file_missing"))


def _files(argument: str) -> Iterator[tuple[Path, str]]:
    if not argument:  # to Python the present folder, to the operator a variable without value
        raise InvalidInput("An empty PATH names no file or folder.")
    path = Path(argument)
    try:
        if path.is_dir():
            yield from _below(path)
        elif path.exists():
            yield path, path.name
        elif glob.has_magic(argument):
            yield from _matching(path)
        else:
            raise NotFound(f"{path}: no such file or folder")
    except OSError as error:
        raise InvalidInput(f"{error.filename}: {error.strerror}") from None


def _below(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a folder that can be read; OSError for a folder that can't be listed."""
    found = False
    for here, folders, names in os.walk(folder, onerror=_fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(Path(here) / name for name in names if not name.startswith(".")):
            if file.is_file() and _is_taken(file):
                found = True
                yield file, file.relative_to(folder).as_posix()
    if not found:
        raise NotFound(f"{folder}: no file of a type that can be read")


def _matching(pattern: Path) -> Iterator[tuple[Path, str]]:
    """The files that a pattern means, also those of folders that it means."""
    magic = next(n for n, part in enumerate(pattern.parts) if glob.has_magic(part))
    start = Path(*pattern.parts[:magic])
    found = False
    # Path.glob would take hidden files, too.
    for match in sorted(glob.glob(str(pattern), recursive=True)):  # noqa: PTH207
        path = Path(match)
        name = PurePosixPath(path.relative_to(start).as_posix())
        if path.is_dir():
            if "**" in pattern.parts:  # its files match themselves
                continue
            inside = [(file, str(name / below)) for file, below in _below_if_any(path)]
        elif _is_taken(path):
            inside = [(path, str(name))]
        else:
            continue
        found = found or bool(inside)
        yield from inside
    if not found:
        raise NotFound(f"{pattern}: no file of a type that can be read")


def _is_taken(file: Path) -> bool:
    return file.suffix.lower() in EXTENSIONS or is_archive(file.name)


def _below_if_any(folder: Path) -> Iterator[tuple[Path, str]]:
    try:
        yield from _below(folder)
    except NotFound:
        return


def _fail(error: OSError) -> None:
    raise error
