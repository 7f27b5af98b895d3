"""ING0xx: reading files, YAML and JSON."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING001", name="yaml-syntax", severity=ERROR)
class YamlSyntax(Entry):
    """The document is not valid YAML.

    Example: a tab used for indentation, a quote that is never closed, two keys on one line.

    Fix: correct the document at the place shown. The rest of the file after a syntax error is
    not read.
    """

    problem: str
    hint: str = "correct the document; most often it is the indentation or a missing quote"
    summary = "not valid YAML: {problem}"
    label = "the parser stopped here"
    help = "{hint}"


@code("ING002", name="json-syntax", severity=ERROR)
class JsonSyntax(Entry):
    """The file is not valid JSON.

    Files whose name ends in `.json` must hold JSON: one object, or several one after the other
    as `kubectl get -o json` streams them. Comments and trailing commas are not JSON.

    Fix: correct the file at the place shown; if it is YAML, name it `.yaml`. The rest of the
    file after a syntax error is not read.
    """

    problem: str
    summary = "not valid JSON: {problem}"
    label = "the parser stopped here"
    help = "correct the file, or name it .yaml if it is YAML"


@code("ING003", name="encoding-not-utf-8", severity=ERROR)
class EncodingNotUtf8(Entry):
    """The file is written in another encoding than UTF-8, so nothing of it was read.

    Editors and shells on Windows may write UTF-16 (in PowerShell, `>` does).

    Fix: save the file as UTF-8, for instance with `iconv -f UTF-16 -t UTF-8 OLD > NEW`.
    A byte order mark at the beginning of UTF-8 does no harm.
    """

    encoding: str
    summary = "the file is written in {encoding}, not in UTF-8"
    help = "save it as UTF-8: iconv -f {encoding} -t UTF-8 OLD > NEW"


@code("ING004", name="invalid-utf-8", severity=ERROR)
class InvalidUtf8(Entry):
    """The file holds bytes that are not UTF-8, so nothing of it was read.

    Example: a file in Latin-1, or one that is no text at all, such as an archive.

    Fix: save the file as UTF-8, or leave it out.
    """

    found: str
    summary = "{found} is not UTF-8 text"
    label = "the first such byte"
    help = "save the file as UTF-8, or leave it out if it is no manifest"


@code("ING005", name="control-character", severity=ERROR)
class ControlCharacter(Entry):
    """The file holds a control character, which YAML does not allow, so nothing of it was read.

    Example: a NUL byte, an escape sequence for colours copied from a terminal.

    Fix: remove the character; inside a double-quoted value it can be written as an escape, such
    as `"\\e"`.
    """

    character: str
    summary = "control character {character} is not allowed in YAML"
    label = "here"
    help = "remove it, or write it as an escape in double quotes"


@code("ING006", name="duplicate-key", severity=ERROR)
class DuplicateKey(Entry):
    """A mapping has the same key twice.

    Kubernetes would keep one of the two and drop the other in silence, or refuse the object. Keys
    are compared as the strings that Kubernetes makes of them: `1` and `"1"` are the same key, and
    so are `yes` and `"true"`.

    Example: two `annotations:` blocks under one `metadata:`.

    Where it is `apiVersion` of a whole object, the line `---` between two objects is missing, as it
    is after `cat` of files that do not begin with one; then this key alone is reported.

    Fix: merge the two, or remove one; write `---` between objects.
    """

    key: str
    fix: str
    summary = 'key "{key}" appears twice in one mapping'
    label = "given again here"
    help = "{fix}"


@code("ING007", name="nesting-too-deep", severity=ERROR)
class NestingTooDeep(Entry):
    """Mappings and lists are nested deeper than any Kubernetes object is.

    Fix: look for brackets or dashes that were repeated by mistake. The document is left out.
    """

    limit: int
    summary = "nested deeper than {limit} levels"
    label = "one level too deep"
    help = "remove the nesting; Kubernetes objects have a few dozen levels at most"


@code("ING008", name="undefined-alias", severity=ERROR)
class UndefinedAlias(Entry):
    """An alias (`*name`) refers to an anchor (`&name`) that the document does not define before.

    Anchors hold within one document: `---` ends them. A value that begins with `*` and is no
    alias must be quoted.

    Example: `path: *all`; write `path: "*all"`.

    Fix: quote the value, or define the anchor above.
    """

    alias: str
    summary = "alias *{alias} has no anchor &{alias} above it"
    label = "not defined in this document"
    help = 'write "*{alias}" in quotes if it is a value, or define &{alias} above'


@code("ING009", name="cyclic-alias", severity=ERROR)
class CyclicAlias(Entry):
    """An alias stands inside the very value that it refers to, so that value would never end.

    Fix: move the anchor to a value that does not hold the alias.
    """

    alias: str
    summary = "alias *{alias} stands inside the value that it refers to"
    label = "would repeat itself for ever"
    help = "write the value out here, or anchor a smaller one"


@code("ING010", name="aliases-too-large", severity=ERROR)
class AliasesTooLarge(Entry):
    """Written out, the aliases of the input stand for more values than is sensible.

    A few lines of aliases to aliases can stand for billions of values ("billion laughs"), so
    there is a limit for all input together.

    Fix: write the values out, or use fewer aliases. The document is left out.
    """

    limit: int
    summary = "the aliases stand for more than {limit} values"
    label = "the limit is passed here"
    help = "write the values out instead of using aliases to aliases"


@code("ING011", name="unsupported-tag", severity=ERROR)
class UnsupportedTag(Entry):
    """A value carries a YAML tag that has no meaning for Kubernetes.

    Understood are `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!map` and `!!seq`, each on
    the kind of value that it names. Template tools have tags of their own (`!Ref`, `!vault`):
    run the tool first.

    Fix: remove the tag, or quote the value if it begins with `!`.
    """

    tag: str
    summary = 'tag "{tag}" is not supported here'
    label = "has this tag"
    help = "remove the tag, or quote the value if it begins with an exclamation mark"


@code("ING012", name="value-unlike-its-tag", severity=ERROR)
class ValueUnlikeItsTag(Entry):
    """A value is not of the type that its YAML tag asks for.

    Example: `!!int eighty`.

    Fix: correct the value or remove the tag.
    """

    value: str
    tag: str
    summary = '"{value}" is not what its tag {tag} says'
    label = "not a {tag}"
    help = "correct the value, or remove the tag"


@code("ING013", name="key-not-a-string", severity=ERROR)
class KeyNotAString(Entry):
    """A key can't be written as a string, as every key of a Kubernetes object must be.

    Numbers and booleans become strings; a null (`~`, or nothing before the colon), a list or a
    mapping does not. Braces at the beginning of a value, as template placeholders have them, make
    such keys: `name: {{ name }}`.

    Fix: write a string; quote it if it must be `"~"` or begin with a brace.
    """

    found: str
    summary = "{found} is used as a key"
    label = "not a string"
    help = "quote a value that begins with a brace; if it is a template, render it first"


@code("ING014", name="merge-of-non-mapping", severity=ERROR)
class MergeOfNonMapping(Entry):
    """The value of a merge key (`<<`) is no mapping.

    Fix: give it an alias to a mapping, or a list of such aliases: `<<: *defaults`.
    """

    summary = "merge key << needs a mapping, or a list of mappings"
    label = "neither of them"
    help = "write an alias to a mapping: <<: *defaults"


@code("ING015", name="merge-over-key", severity=WARNING, strict=True)
class MergeOverKey(Entry):
    """A merge (`<<`) replaces a key that stands above it in the same mapping.

    The YAML specification lets the key win; the YAML reader of Kubernetes lets whatever comes
    later win. The value is read as Kubernetes reads it: the merged one counts.

    Fix: put `<<` first in its mapping; then the keys below it win everywhere.
    """

    key: str
    summary = 'the merge replaces the key "{key}" above it'
    label = "Kubernetes takes the merged value"
    help = "put << first in the mapping, so that the keys below it win"


@code("ING016", name="number-out-of-range", severity=ERROR)
class NumberOutOfRange(Entry):
    """A number is infinite, not a number, or too large for JSON, in which Kubernetes keeps objects.

    Example: `.inf`, `.nan`, `1e999` in JSON.

    Fix: write a finite number, or quote the value if it is a string.
    """

    value: str
    summary = '"{value}" is not a number that JSON can hold'
    label = "read as a number"
    help = "write a finite number, or quote the value if it is a string"


@code("ING017", name="document-not-an-object", severity=ERROR)
class DocumentNotAnObject(Entry):
    """A document is a list or a single value, where a Kubernetes object is a mapping.

    Example: a Helm values file, a list of objects without `kind: List`, plain text.

    Fix: write an object with `apiVersion`, `kind` and `metadata`. Several objects go into
    documents separated by `---`, or under `items:` of a `kind: List`.
    """

    found: str
    summary = "the document is {found}, not a Kubernetes object"
    label = "a mapping with apiVersion and kind belongs here"
    help = "write objects as mappings; separate several with ---"


@code("ING018", name="list-without-items", severity=ERROR)
class ListWithoutItems(Entry):
    """The `items` of a List are not a list.

    Fix: write the objects as entries of `items:`, each beginning with a dash.
    """

    kind: str
    found: str
    summary = "items of a {kind} are {found}, not a list"
    label = "a list of objects belongs here"
    help = "begin each object under items with a dash"


@code("ING019", name="list-item-not-an-object", severity=ERROR)
class ListItemNotAnObject(Entry):
    """An entry of a List is not a Kubernetes object.

    Fix: write an object there, or remove the entry.
    """

    found: str
    summary = "this entry of the List is {found}, not an object"
    label = "an object belongs here"
    help = "write an object with apiVersion, kind and metadata, or remove the entry"


@code("ING020", name="empty-input", severity=ERROR)
class EmptyInput(Entry):
    """An input holds no Kubernetes object at all.

    Example: an empty file, a template that rendered to nothing, a folder without any `.yaml`,
    `.yml` or `.json` file, a command before the pipe that failed.

    Fix: give the file or folder that has the manifests.
    """

    given: str
    summary = '"{given}" holds no Kubernetes object'
    help = "give a file or folder with manifests; folders are searched for .yaml, .yml and .json"


@code("ING021", name="empty-file", severity=NOTE)
class EmptyFile(Entry):
    """A file holds no Kubernetes object: it is empty, or has comments only.

    Fix: nothing, if that is meant; otherwise look at what should have written it.
    """

    summary = "the file holds no Kubernetes object"
    help = "remove the file if it is not needed"


@code("ING022", name="input-too-large", severity=ERROR)
class InputTooLarge(Entry):
    """The input is larger than the limit, so the rest of it was not read.

    Fix: leave out what is not needed, or raise the limit with `--max-input`.
    """

    limit: str
    summary = "the input is larger than {limit}"
    help = "leave out what is not needed, or raise the limit with --max-input"


@code("ING023", name="lone-surrogate", severity=ERROR)
class LoneSurrogate(Entry):
    """A JSON string holds half of an escaped character pair, which is no text.

    Example: `"\\ud83d"` without the `\\udXXX` that belongs behind it.

    Fix: write both halves, or the character itself.
    """

    summary = "a string holds half of an escaped character pair"
    label = "not text"
    help = "write both halves of the pair, or the character itself"


@code("ING024", name="reading-stopped", severity=ERROR)
class ReadingStopped(Entry):
    """The file has so many faults that the rest of it was not read.

    Fix: correct the faults reported above it first.
    """

    limit: int
    summary = "more than {limit} faults; the rest of the file was not read"
    label = "stopped here"
    help = "correct the faults that are reported, then try again"
