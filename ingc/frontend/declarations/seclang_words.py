"""What rules of ModSecurity may hold: directives, variables, operators, actions.

By its Reference Manual (v3). What is not listed is refused: what reads or writes files, runs
programs, looks names up, or keeps collections that the rules of all locations share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Check = Callable[[str], object]
"""Of one argument; what is false refuses it."""

_SWITCH = re.compile(r"On|Off", re.IGNORECASE).fullmatch
_BYTES = re.compile(r"[0-9]{1,10}").fullmatch
_ACTION = re.compile(r"Reject|ProcessPartial", re.IGNORECASE).fullmatch
_TEXT = re.compile(r"[A-Za-z0-9_./:()-](?:[A-Za-z0-9 _./:()-]{0,300}[A-Za-z0-9_./:()-])?").fullmatch
_FILE = re.compile(r"/[A-Za-z0-9._/-]+").fullmatch
_ID = re.compile(r"[0-9]{1,9}(?:-[0-9]{1,9})?").fullmatch

BARE: Mapping[str, Check] = {
    "SecRuleEngine": re.compile(r"On|Off|DetectionOnly", re.IGNORECASE).fullmatch,
    "SecRequestBodyAccess": _SWITCH,
    "SecResponseBodyAccess": _SWITCH,
    "SecRequestBodyLimit": _BYTES,
    "SecRequestBodyNoFilesLimit": _BYTES,
    "SecResponseBodyLimit": _BYTES,
    "SecRequestBodyLimitAction": _ACTION,
    "SecResponseBodyLimitAction": _ACTION,
    "SecAuditEngine": re.compile(r"On|Off|RelevantOnly", re.IGNORECASE).fullmatch,
    "SecAuditLogParts": re.compile(r"[A-Z]{1,20}").fullmatch,
    "SecAuditLogFormat": re.compile(r"JSON|Native", re.IGNORECASE).fullmatch,
    "SecMarker": re.compile(r"[A-Za-z0-9_-]{1,100}").fullmatch,
}
"""Directives of one argument, which stands without quotes."""
QUOTED: Mapping[str, Check] = {
    "SecAuditLogRelevantStatus": re.compile(r"[0-9^$|()?:!.-]{1,200}").fullmatch,
    "SecRuleRemoveByTag": _TEXT,
    "SecRuleRemoveByMsg": _TEXT,
}
LISTS: Mapping[str, Check] = {
    "SecRuleRemoveById": _ID,
    "SecResponseBodyMimeType": re.compile(r"[a-z0-9.+*-]{1,60}/[a-z0-9.+*-]{1,60}").fullmatch,
}
"""Directives of several arguments."""
TARGETS: Mapping[str, Check] = {
    "SecRuleUpdateTargetById": _ID,
    "SecRuleUpdateTargetByTag": _TEXT,
    "SecRuleUpdateTargetByMsg": _TEXT,
}
"""Directives of a choice of rules, and the variables that these look at or not."""
OF_OPERATORS: Mapping[str, Check] = {
    "SecAuditLog": _FILE,
    "SecAuditLogStorageDir": _FILE,
    "SecAuditLogType": re.compile(r"Serial|Concurrent", re.IGNORECASE).fullmatch,
    "SecDebugLog": _FILE,
    "SecDebugLogLevel": re.compile(r"[0-9]").fullmatch,
}
"""Directives of one argument that the ConfigMap alone may have: they name files to write."""

_REQUEST = """
    args args_combined_size args_get args_get_names args_names args_post args_post_names auth_type
    duration files files_combined_size files_names files_sizes full_request full_request_length
    matched_var matched_var_name matched_vars matched_vars_names multipart_boundary_quoted
    multipart_boundary_whitespace multipart_crlf_lf_lines multipart_data_after
    multipart_data_before multipart_file_limit_exceeded multipart_filename
    multipart_header_folding multipart_invalid_header_folding multipart_invalid_part
    multipart_invalid_quoting multipart_lf_line multipart_missing_semicolon multipart_name
    multipart_part_headers multipart_strict_error multipart_unmatched_boundary
    outbound_data_error path_info query_string remote_addr remote_host remote_port remote_user
    reqbody_error reqbody_error_msg reqbody_processor reqbody_processor_error
    reqbody_processor_error_msg request_basename request_body request_body_length request_cookies
    request_cookies_names request_filename request_headers request_headers_names request_line
    request_method request_protocol request_uri request_uri_raw inbound_data_error
    response_body response_content_length response_content_type response_headers
    response_headers_names response_protocol response_status rule server_addr server_name
    server_port status_line time time_day time_epoch time_hour time_min time_mon time_sec
    time_wday time_year tx unique_id urlencoded_error xml
"""
VARIABLES = frozenset(_REQUEST.split())
"""In lower case. Not ``ENV``, nor collections that outlive a request, such as ``IP``."""
_KEYED = """
    args args_get args_get_names args_names args_post args_post_names files files_names files_sizes
    matched_vars matched_vars_names multipart_filename multipart_name multipart_part_headers
    request_cookies request_cookies_names request_headers request_headers_names response_headers
    response_headers_names rule tx xml
"""
COLLECTIONS = frozenset(_KEYED.split())
"""Those of which a part may be named."""

_PLAIN = "beginsWith contains containsWord endsWith rx streq strmatch within pm"
_NUMBERS = "eq ge gt le lt"
_ALONE = "detectSQLi detectXSS noMatch unconditionalMatch validateUrlEncoding validateUtf8Encoding"
PLAIN = {name.lower(): name for name in _PLAIN.split()}
"""Operators whose argument is a text, by the name in lower case."""
NUMBERS = {name.lower(): name for name in _NUMBERS.split()}
ALONE = {name.lower(): name for name in _ALONE.split()}

_TRANSFORMATIONS = """
    none base64decode base64decodeext base64encode cmdline compresswhitespace cssdecode
    escapeseqdecode hexdecode hexencode htmlentitydecode jsdecode length lowercase md5
    normalisepath normalizepath normalisepathwin normalizepathwin parityeven7bit parityodd7bit
    parityzero7bit removecomments removecommentschar removenulls removewhitespace replacecomments
    replacenulls sha1 sqlhexdecode trim trimleft trimright uppercase urldecode urldecodeuni
    urlencode utf8tounicode
"""
TRANSFORMATIONS = frozenset(_TRANSFORMATIONS.split())
_MACROED = re.compile(r"[^'\"\\]{1,500}").fullmatch
_VERSION = re.compile(r"[A-Za-z0-9_./ -]{1,100}").fullmatch
_SETTING = r"!?tx\.[a-z0-9_.-]+(?:=[+-]?[a-z0-9_.:/%{}][a-z0-9_.:/ %{}+-]{0,200})?"
_LEVELS = "EMERGENCY|ALERT|CRITICAL|ERROR|WARNING|NOTICE|INFO|DEBUG|[0-7]"
_VARIABLE = r"[A-Za-z_]+(?::[A-Za-z0-9_.-]+)?"
_CTL = "|".join(
    (
        r"ruleEngine=(?:On|Off|DetectionOnly)",
        r"auditEngine=(?:On|Off|RelevantOnly)",
        r"auditLogParts=[+-][A-Z]+",
        r"(?:requestBodyAccess|forceRequestBodyVariable)=(?:On|Off)",
        r"requestBodyProcessor=(?:JSON|XML|URLENCODED)",
        r"ruleRemoveById=[0-9]+(?:-[0-9]+)?",
        r"ruleRemoveByTag=[A-Za-z0-9_./:-]+",
        rf"ruleRemoveTargetById=[0-9]+;{_VARIABLE}",
        rf"ruleRemoveTargetByTag=[A-Za-z0-9_./:-]+;{_VARIABLE}",
    )
)
DISRUPTIVE = frozenset({"deny", "block", "pass", "drop", "allow", "redirect"})
OF_STARTERS = DISRUPTIVE | {"id", "phase", "skip", "skipafter", "severity"}
"""Actions that only the first rule of a chain may have."""
_FLAGS = "auditlog block capture chain deny drop log multimatch noauditlog nolog pass"
FLAGS = frozenset(_FLAGS.split())
ACTIONS: Mapping[str, Check] = {
    "accuracy": re.compile(r"[1-9]").fullmatch,
    "allow": re.compile(r"|phase|request", re.IGNORECASE).fullmatch,
    "ctl": re.compile(_CTL, re.IGNORECASE).fullmatch,
    "id": re.compile(r"[0-9]{1,9}").fullmatch,
    "logdata": _MACROED,
    "maturity": re.compile(r"[1-9]").fullmatch,
    "msg": _MACROED,
    "phase": re.compile(r"[1-5]|request|response|logging", re.IGNORECASE).fullmatch,
    "redirect": re.compile(r"(?:https?:/)?/[^\s'\"\\]{1,500}").fullmatch,
    "rev": _VERSION,
    "setvar": re.compile(_SETTING, re.IGNORECASE).fullmatch,
    "severity": re.compile(_LEVELS, re.IGNORECASE).fullmatch,
    "skip": re.compile(r"[0-9]{1,3}").fullmatch,
    "skipafter": re.compile(r"[A-Za-z0-9_-]{1,100}").fullmatch,
    "status": re.compile(r"[2-5][0-9]{2}").fullmatch,
    "t": lambda value: value.lower() in TRANSFORMATIONS,
    "tag": _MACROED,
    "ver": _VERSION,
}
"""Actions with a value, by the name in lower case."""
_TEXTS = "accuracy logdata maturity msg redirect rev setvar skipafter tag ver"
TEXTS = frozenset(_TEXTS.split())
"""Those whose value stands in quotes."""
SPELLING = {"multimatch": "multiMatch", "skipafter": "skipAfter"}
"""How ModSecurity writes them."""
