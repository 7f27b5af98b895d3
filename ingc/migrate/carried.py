"""The flags of a controller → the options that do the same here."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingc.migrate.controllers import Controller, GivenFlag
from ingc.migrate.flag_table import FLAGS, Becomes
from ingc.migrate.migration import CarriedSetting, ChosenOption, shown_value, spot_of
from ingc.options import OptionError, Options, check_options

_SWITCHES = frozenset({"true", "t", "1"})
_DEFAULTS = Options()
_USUAL_CLASS = "nginx"
_GIVEN = "given to this command"
_COMMAND_ALONE = frozenset({"echo", "echo_socket", "now", "secret_files", "fragment", "proof"})
"""Fields of `Options` that no flag and no user of this command sets."""


@dataclass(slots=True)
class Carrying:
    """What the flags have become so far."""

    options: Options
    why: dict[str, str] = field(default_factory=dict)
    """By the field of `Options`, for those that are set: where its value comes from."""

    def is_given(self, name: str) -> bool:
        """Return whether an option has another value than its default."""
        return bool(getattr(self.options, name) != getattr(_DEFAULTS, name))

    def take(self, name: str, value: Any, why: str) -> str:
        """Set an option; return what is wrong with its value, empty where nothing is."""
        try:
            options = dataclasses.replace(self.options, **{name: value})
            check_options(options)
        except OptionError as error:
            return str(error)
        self.options, self.why[name] = options, why
        return ""


def begin(options: Options) -> Carrying:
    """Return what the command line has given, which comes before all flags."""
    carrying = Carrying(options)
    for name in Options.__dataclass_fields__:
        if carrying.is_given(name) and name not in _COMMAND_ALONE:
            carrying.why[name] = _GIVEN
    return carrying


def carry(controller: Controller, carrying: Carrying) -> tuple[CarriedSetting, ...]:
    """Set the options that do what a controller's flags do; return what became of each flag."""
    last = {flag.name: flag for flag in controller.flags}
    rows = {name: _carry(flag, carrying, controller) for name, flag in last.items()}
    if "ingress_class" not in carrying.why:
        # Without any, Ingresses without a class would be taken too, which ingress-nginx leaves.
        carrying.take("ingress_class", (_USUAL_CLASS,), f"the default of {controller.name}")
    if controller.values:
        return tuple(_rows_of_values(controller, rows))
    return tuple(rows[flag.name] for flag in last.values())


def _rows_of_values(
    controller: Controller, rows: Mapping[str, CarriedSetting]
) -> Iterator[CarriedSetting]:
    for value in controller.values:
        made = rows[value.flags[0].name] if value.flags else None
        spot, given = spot_of(value.place), shown_value(value.path, value.value)
        if made is None:
            becomes = Becomes.NOT_NEEDED if value.why else Becomes.NO_EFFECT
            why = value.why or "the chart makes nothing of this value"
            yield CarriedSetting(value.path, given, becomes, "", why, spot)
        else:
            yield CarriedSetting(value.path, given, made.becomes, made.instead, made.why, spot)


def _carry(flag: GivenFlag, carrying: Carrying, controller: Controller) -> CarriedSetting:
    known = FLAGS.get(flag.name)
    if known is None:
        why = "ingress-nginx has no such flag, and would not start with it"
        return _row(flag, Becomes.UNKNOWN, "", why)
    if known.switch and flag.value.lower() not in _SWITCHES:
        return _row(flag, Becomes.NO_EFFECT, "", "it is switched off")
    if not known.option:
        return _row(flag, known.becomes, "", known.why)
    if not flag.value:
        return _row(flag, Becomes.NO_EFFECT, "", "it is empty, as without it")
    wrong, value = _value_of(known.option, flag.value)
    written = flag.written or f"--{flag.name}"
    given = getattr(carrying.options, known.option)
    if carrying.why.get(known.option) == _GIVEN and given != value:
        mine = option_words(known.option, given)
        return _row(flag, Becomes.CHANGED, mine, "this command was given another value")
    wrong = wrong or carrying.take(known.option, value, f"{written} of {controller.name}")
    if wrong:
        return _row(flag, Becomes.DECISION, "", f"its value can't be used: {wrong}")
    return _row(flag, Becomes.KEPT, option_words(known.option, value), known.why)


def _value_of(option: str, text: str) -> tuple[str, object]:
    """Return a value as `Options` takes it, after what is wrong with it."""
    default = getattr(_DEFAULTS, option)
    if isinstance(default, bool):
        return "", True
    if isinstance(default, tuple):
        return "", (text,)
    if isinstance(default, int):
        is_number = text.isascii() and text.isdigit() and len(text) < 6
        return ("", int(text)) if is_number else (f'"{text}" is not a port', None)
    if "$(" in text:
        return f"{text} names a variable of the Pod whose value the input lacks", None
    return "", text


def _row(flag: GivenFlag, becomes: Becomes, instead: str, why: str) -> CarriedSetting:
    value = shown_value(flag.name, flag.value)
    return CarriedSetting(f"--{flag.name}", value, becomes, instead, why, spot_of(flag.place))


def option_words(name: str, value: Any) -> str:
    """Return an option as the command line has it."""
    chosen = _chosen(name, value, "")
    option = f"--{chosen.name}"
    if chosen.switch:
        return option
    return shlex.join(word for item in chosen.values for word in (option, item))


def chosen_options(carrying: Carrying) -> tuple[ChosenOption, ...]:
    """Return the options to use, in the order of `Options`."""
    return tuple(
        _chosen(name, getattr(carrying.options, name), carrying.why[name])
        for name in Options.__dataclass_fields__
        if name in carrying.why
    )


def _chosen(name: str, value: Any, why: str) -> ChosenOption:
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return ChosenOption(option, ("true",), why, switch=True)
    if isinstance(value, Mapping):
        return ChosenOption(option, tuple(f"{key}={item}" for key, item in value.items()), why)
    values = value if isinstance(value, tuple) else (value,)
    return ChosenOption(option, tuple(map(str, values)), why)


def command_line(inputs: Sequence[str], options: Iterable[ChosenOption]) -> str:
    """Return the command line to use, a line for each option."""
    lines = [f"ingc compile {shlex.join(inputs)} -d out"]
    for option in options:
        lines += (
            [f"--{option.name}"]
            if option.switch
            else [f"--{option.name} {shlex.quote(value)}" for value in option.values]
        )
    return " \\\n  ".join(lines)


def config_file(options: Iterable[ChosenOption]) -> str:
    """Return the options as ``ingc.toml``."""
    return "".join(f"{option.name} = {_toml(option)}\n" for option in options)


def _toml(option: ChosenOption) -> str:
    if option.switch:
        return "true"
    number = option.name.endswith("-port") and len(option.values) == 1
    texts = [value if number else _toml_text(value) for value in option.values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _toml_text(value: str) -> str:
    """Return a basic string of TOML 1.0, in which all but plain characters are escaped."""
    plain = (
        char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08X}"
        for char in value
    )
    return f'"{"".join(plain)}"'
