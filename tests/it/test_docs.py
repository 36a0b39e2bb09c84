"""The documentation is true: every example runs, every key, option and limit has its line, every folder its place in the map.

How an example says what it is (README.md and the manual pages' fenced blocks):

  # rules/acme.yaml      a first line that names a file: the whole of that file, as it is from here on on this page
  $ command              a session: each command runs, in the folder of the page's files; what stands below it is what it
                         prints ("…": anything, on a line of its own any lines). Nothing below it: it has to succeed.
  anything else          a part of a configuration, or of what the page is about (rules, platforms); it is checked inside a whole
  ```text                (README.md alone) the map of the folders

A command that ends in & runs until the page's end. Where a command asks the daemon and none runs, one is started on its
configuration. redis-cli speaks to a server of the test's own.
"""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from pages import BUILD, ESCUCHACTL, ESCUCHAD, TOP, World, examples

PAGES = {
    "escuchad.8": TOP / "daemon/main/escuchad.8.scd",
    "escuchactl.1": TOP / "daemon/main/escuchactl.1.scd",
    "escuchad.yaml.5": TOP / "conf/escuchad.yaml.5.scd",
    "escuchad-rules.5": TOP / "rules/escuchad-rules.5.scd",
    "escuchad-platforms.5": TOP / "conf/escuchad-platforms.5.scd",
    "escuchad-channels.5": TOP / "conf/escuchad-channels.5.scd",
}
README = TOP / "README.md"


# --- examples that are a part of a file ---

def names_in(conditions):
    return {x for c in conditions for x in re.findall(r"[a-z0-9_-]+", c)} - {"and", "or", "not"}


def whole_rules(part):
    """A rule file around a part of one: patterns that it names and does not hold are made up."""
    whole = {"topic": "acme", "role": "brand", **part}
    rules = whole.get("rules", [])
    wanted = names_in([whole.get("about", ""), *(r["when"] for r in rules)])
    missing = wanted - set(whole.get("patterns", {})) - {r["name"] for r in rules}
    if missing:
        whole["patterns"] = {**whole.get("patterns", {}), **{name: [f"word-{name}"] for name in sorted(missing)}}
    return whole


def whole_config(part):
    whole = {"sources": part} if isinstance(part, list) else dict(part)
    whole.setdefault("sources", [{"name": "some", "platform": "file", "path": "some.xml"}])
    whole["rules"] = "part-rules/"
    if "state" in whole:
        whole["state"] = "state/"
    return whole


def whole_platform(part, base):
    """The page's own platform with a part of it written otherwise."""
    return {**base, **part, "platform": "part", **{key: {**base[key], **part.get(key, {})} for key in ("params", "map")}}


def check_platform(world, folder, name, answer="{}"):
    """Its file, and then its programs, which are compiled where an answer is read."""
    asked = f"--platforms {folder}"
    return world.run(f"escuchactl platforms {asked} {name} && printf '{answer}' | escuchactl parse {asked} --platform {name} -")


def check_part(world, example, about):
    try:
        part = yaml.safe_load(example.text)
    except yaml.YAMLError as e:
        return f"neither a file, nor a session, nor YAML: {e}"
    shutil.rmtree(world.folder / "part-rules", ignore_errors=True)
    if about == "platforms":
        base = yaml.safe_load(next((world.folder / "platforms").glob("*.yaml")).read_text())
        shutil.copytree(world.folder / "platforms/maps", world.folder / "part-platforms/maps", dirs_exist_ok=True)
        world.write("part-platforms/part.yaml", yaml.safe_dump(whole_platform(part, base), allow_unicode=True, sort_keys=False))
        mail = part.get("map", {}).get("format") == "mail"
        code, out = check_platform(world, "part-platforms", "part", "From: ana@example.com\\n\\nHola\\n" if mail else "{}")
    elif about == "rules":
        # the text itself counts, with the quotes that it has; what is missing is put before it
        whole = whole_rules(part)
        added = {k: v for k, v in whole.items() if k not in part}
        text = yaml.safe_dump(added, allow_unicode=True, sort_keys=False) + example.text
        if set(whole.get("patterns", {})) != set(part.get("patterns", {})) and "patterns" in part:
            return "names a pattern that it does not hold"
        world.write("part-rules/acme.yaml", text)
        code, out = world.run("echo nothing | escuchactl match --all --rules part-rules/")
    else:
        topics = {s["topic"] for s in (part if isinstance(part, list) else part.get("sources", [])) if "topic" in s}
        for topic in topics | {"acme"}:
            world.write(f"part-rules/{topic}.yaml", f"topic: {topic}\nrole: brand\nown: ['@{topic}']\ntests: [{{text: zzz, hits: none}}]\npatterns:\n  name: [{topic}]\n")
        world.write("part.yaml", yaml.safe_dump(whole_config(part), allow_unicode=True, sort_keys=False))
        code, out = world.run("escuchad --check -c part.yaml")
    return None if code == 0 and "error" not in out and "warning" not in out else out


def check_file(world, name):
    """A file on its own has to be right, unless the page goes on to show what is wrong with it."""
    if name.startswith("platforms/"):
        return check_platform(world, "platforms", Path(name).stem)
    if name.startswith("channels/"):  # checked with the configuration that uses it
        return 0, ""
    if name.endswith(".yaml") and not name.startswith("rules/"):
        return world.run(f"escuchad --check -c {name}")
    if name.startswith("rules/"):
        return world.run(f"echo nothing | escuchactl match --all --rules {name}")
    return 0, ""


def run_page(path, about=None):
    found = [e for e in examples(path) if e.language != "text"]
    assert found, f"{path.name} has no example"
    world, wrong = World(path.read_text()), []
    files = {}
    try:
        for e in found:  # a configuration may stand before the rule file that it needs
            if e.file:
                files.setdefault(e.file, e)
        for name, e in files.items():
            world.write(name, e.text)
        for i, e in enumerate(found):
            if e.file:
                world.write(e.file, e.text)
                shown = i + 1 < len(found) and ": error: " in found[i + 1].text and e.file in found[i + 1].text
                code, out = check_file(world, e.file)
                if (code != 0 or "warning" in out) != shown:
                    wrong.append(f"{e.where}: {e.file}:\n{out}")
            elif e.session:
                for command, lines in e.commands():
                    trouble = world.command(command, lines)
                    if trouble:
                        wrong.append(f"{e.where}: $ {command}\n{trouble}")
            else:
                trouble = check_part(world, e, about)
                if trouble:
                    wrong.append(f"{e.where}:\n{trouble}")
    finally:
        world.end()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", [*PAGES, "README.md"])
def test_examples(page):
    run_page(PAGES.get(page, README), {"escuchad-rules.5": "rules", "escuchad-platforms.5": "platforms"}.get(page))


def test_the_traps_of_yaml_are_as_the_page_says():
    page = re.sub(r"\\(.)", r"\1", PAGES["escuchad.yaml.5"].read_text())
    rows = re.findall(r"^\|  (.+)\n:  .+\n:  (.+)$", page.split("*right*")[1].split("\n\n")[0], flags=re.M)
    assert len(rows) > 5
    world, wrong = World(""), []
    try:
        for row in rows:
            for right, value in enumerate(row):
                item = f"  - {value}" if not value.startswith("{") else f"  - {value[:-1]}, hits: none}}"
                words, tests = ("  - acme", item) if value.startswith("{") else (item, "  - {text: nada, hits: none}")
                world.write("trap.yaml", f"topic: acme\nrole: brand\npatterns:\n  name:\n  {words}\ntests:\n{tests}\n")
                code, out = world.run("echo nada | escuchactl match --all --rules trap.yaml")
                if code != (0 if right else 78):
                    wrong.append(f"{value}: exit status {code}: {out}")
    finally:
        world.end()
    assert not wrong, "\n".join(wrong)


# --- every key, option and limit has its line ---

SECTIONS = {
    "escuchad.yaml": ({"": "TOP LEVEL", "keep.": "KEEP", "queue.": "QUEUE", "http.": "HTTP", "http.tokens[].": "HTTP TOKENS",
                       "sources[].": "SOURCES", "sources[].budget.": "BUDGETS", "channels[].": "CHANNELS", "people[].": "PEOPLE",
                       "people[].quiet[].": "QUIET HOURS", "people[].away[].": "ABSENCES", "oncall[].": "ON CALL",
                       "oncall[].shifts[].": "SHIFTS", "escalations[].": "ESCALATIONS", "defaults.": "DEFAULT ALERTS",
                       "alerts[].": "ALERTS", "alerts[].close.": "CLOSING", "planned[].": "PLANNED",
                       **{f"escalations[].{level}[].": "STEPS" for level in ("info", "warning", "critical")},
                       "deliver[].": "DELIVERIES", "notices.": "NOTICES", "heartbeat.": "HEARTBEAT", "canary.": "CANARY", "voices.": "VOICES"}, "escuchad.yaml.5"),
    "escuchad-rules": ({"": "THE KEYS OF A FILE", "patterns.NAME.": "PATTERNS", "rules[].": "RULES", "tests[].": "TESTS"},
                       "escuchad-rules.5"),
    "escuchad-platforms": ({"": "TOP LEVEL", "title.": "TEXTS FOR PEOPLE", "help.": "TEXTS FOR PEOPLE", "needs.": "TEXTS FOR PEOPLE",
                            "terms.": "TEXTS FOR PEOPLE", "params.NAME.": "PARAMETERS", "params.NAME.help.": "TEXTS FOR PEOPLE",
                            "request.": "REQUEST", "request.body.": "REQUEST BODY",
                            "lookup.": "LOOKUP", "lookup.request.": "REQUEST", "lookup.request.body.": "REQUEST BODY", "auth.": "AUTH", "auth.get.": "TOKEN REQUESTS",
                            "auth.refresh.": "TOKEN REQUESTS", "stream.": "STREAM", "webhook.": "WEBHOOK",
                            "webhook.sign.": "SIGNATURES", "webhook.equal.": "SHARED WORDS", "mailbox.": "MAILBOX", "cursor.": "CURSOR",
                            "pages.": "PAGES", "limits.": "LIMITS", "limits.headers.": "LIMIT HEADERS", "cost.": "COST",
                            "every.": "EVERY", "map.": "MAP", "fixtures[].": "FIXTURES"}, "escuchad-platforms.5"),
    "escuchad-channels": ({"": "TOP LEVEL", "title.": "TEXTS FOR PEOPLE", "help.": "TEXTS FOR PEOPLE", "needs.": "TEXTS FOR PEOPLE",
                           "terms.": "TEXTS FOR PEOPLE", "params.NAME.": "PARAMETERS", "params.NAME.help.": "TEXTS FOR PEOPLE",
                           "address.": "ADDRESS", "address.help.": "TEXTS FOR PEOPLE",
                           **{f"{way}.": "REQUESTS" for way in ("new", "follow", "edit", "close", "pressed")}, "body.": "BODY",
                           "answer.": "ANSWER", "limits.": "LIMITS", "sign.": "SIGN", "fixtures[].": "FIXTURES"}, "escuchad-channels.5"),
}
ELSEWHERE = {"escuchad-channels": "auth."}  # the page says in which one these keys stand


def sections(path):
    parts = re.split(r"^# (.+)$", path.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def keys_of(section):
    """{key: what is said of it} of the lines that begin with *key*:"""
    found = {}
    for paragraph in re.split(r"\n(?=\S)", re.sub(r"```.*?```", "", section, flags=re.S)):
        for key in re.findall(r"\*(\w+)\*:", paragraph.split("\n")[0]) if paragraph.startswith("*") else []:
            found[key] = paragraph
    return found


@pytest.mark.parametrize("table", SECTIONS)
def test_every_key_stands_in_its_page(table):
    out = subprocess.run([BUILD / "tests/tools/list_keys"], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in out.splitlines()]
    named, page = SECTIONS[table]
    said = {prefix: keys_of(sections(PAGES[page])[title]) for prefix, title in named.items()}
    wrong, known = [], {prefix: set() for prefix in named}
    for _, key, default, names in (row for row in rows if row[0] == table and not row[1].startswith(ELSEWHERE.get(table, "-"))):
        prefix, name = key[:-len(re.split(r"[.\]]", key)[-1])], re.split(r"[.\]]", key)[-1]
        known[prefix].add(name)
        if name not in said[prefix]:
            wrong.append(f"{key} is not told in {named[prefix]}")
        elif default not in ("", "{}") and f"Default: *{default}*" not in " ".join(said[prefix][name].split()):
            wrong.append(f"{key}: the default is {default}")
        section = sections(PAGES[page])[named[prefix]]
        wrong += [f"{key}: {name} is not told in {named[prefix]}" for name in names.split() if f"*{name}*" not in section]
    for prefix, keys in said.items():
        wrong += [f"{prefix}{key} is told in {named[prefix]}, and there is none" for key in keys if key not in known[prefix]]
    assert all(known.values()), "no keys were listed: this test looked at nothing"
    assert not wrong, "\n".join(wrong)


def test_every_member_of_a_record_stands_in_its_page():
    code = (TOP / "daemon/parse/map_record.c").read_text()
    members = set(re.findall(r'"(\w+)"', re.search(r"names\[RECORD_FIELDS\] = \{(.*?)\};", code, flags=re.S).group(1)))
    table = sections(PAGES["escuchad-platforms.5"])["RECORDS"].split("[[")[1]
    told = {name for row in re.findall(r"^\|  (.+)$", table, flags=re.M) for name in row.split(", ")}
    assert told == members - {"hydrate", "source"}, "but those that are known and not kept"


def options_of(text):
    return set(re.findall(r"(?<![\w-])(--?[a-z][\w-]*)", text))


def helped(program, *args, lang="en"):
    r = subprocess.run([program, *args, "--help"], capture_output=True, text=True, timeout=30,
                       env={"LC_ALL": f"{lang}_MX.UTF-8", "PATH": "/usr/bin:/bin",
                            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}})
    assert r.returncode == 0, r.stderr
    return r.stdout


def test_every_command_and_option_of_escuchactl_stands_in_its_page():
    told = sections(PAGES["escuchactl.1"])
    page = told["OPTIONS OF EVERY COMMAND"] + told["COMMANDS"]
    commands = re.findall(r"^  ([a-z]+)(?= )", helped(ESCUCHACTL).split("Options of every command")[0], flags=re.M)
    assert len(commands) > 5, commands
    wrong = [f"{c} is not in escuchactl(1)" for c in commands if f"\n*{c}*" not in page]
    for command in commands:
        options = options_of(helped(ESCUCHACTL, command))
        wrong += [f"{command} {o} is not in escuchactl(1)" for o in options if f"*{o}*" not in page]
        if options != options_of(helped(ESCUCHACTL, command, lang="es")):
            wrong.append(f"{command}: its Spanish help has other options")
    wrong += [f"{o} is not in escuchactl(1)" for o in options_of(helped(ESCUCHACTL)) if f"*{o}*" not in page]
    assert not wrong, "\n".join(wrong)


def test_every_option_of_escuchad_stands_in_its_page():
    page = sections(PAGES["escuchad.8"])["OPTIONS"]
    options = options_of(helped(ESCUCHAD))
    assert len(options) > 5, options
    assert options == options_of(helped(ESCUCHAD, lang="es"))
    assert not [o for o in options if f"*{o}*" not in page]


LIMITS = {
    "conf/escuchad.yaml.5.scd": {
        "daemon/base/schema.h": {"SCHEMA_NAME_MAX": "at most {} of them"},
        "daemon/base/yaml.h": {"YAML_NODES_MAX": "{} values", "YAML_DEPTH_MAX": "{} levels", "YAML_ANCHORS_MAX": "{} names",
                               "YAML_ALIASED_MAX": "{} repeated values"},
        "daemon/main/config.h": {"CONFIG_SOCKET_MAX_BYTES": "at most {} bytes", "CONFIG_READERS_MAX": "2 to {}"},
        "daemon/fetch/fetch.h": {"FETCH_PER_HOST": "two connections a host", "FETCH_TRANSFERS": "{} in all",
                                 "FETCH_REDIRECTS": "at most {} redirects"},
        "daemon/mention/answer.h": {"ANSWER_ITEMS_MAX": "at most {} items"},
        "daemon/source/files.h": {"FILES_MAX": "at most {} files"},
        "daemon/source/list.h": {"LIST_CHECK_MS": "every 30 seconds"},
    },
    "rules/escuchad-rules.5.scd": {
        "daemon/match/ruleset.h": {"RULESET_FILES_MAX": ":  {}\n", "RULESET_RULES_MAX": "{} each", "RULESET_PATTERNS_MAX": "{} each",
                                   "RULESET_TESTS_MAX": ":  {}\n", "RULESET_TAGS_MAX": "At most {}.", "RULESET_OWN_MAX": "At most {}."},
        "daemon/match/words.h": {"WORDS_MAX": "{}, 16 kB", "WORD_MAX_BYTES": "{} bytes"},
        "daemon/match/regex_fold.h": {"REGEX_MAX_BYTES": "{} bytes, 100 ("},
        "daemon/match/pattern.h": {"PATTERN_PARENS_MAX": "4096 bytes, {} (", "PATTERN_MATCH_LIMIT": ":  {}\n"},
        "daemon/match/expr.h": {"EXPR_MAX_BYTES": "{} bytes, 1000 parts", "EXPR_NODES_MAX": "{} parts", "EXPR_DEPTH_MAX": "{} ( and",
                                 "EXPR_WORDS_MAX": "*count* is compared with\n:  {}\n", "EXPR_COUNT_MAX": "*count* is compared with\n:  {}\n"},
        "daemon/match/matcher.h": {"MATCHER_FOUND_MAX": "*count* look at\n:  {}\n"},
        "daemon/match/sets.h": {"SET_VALUES_MAX": ":  {}, in 1 MB"},
        "daemon/match/topic.h": {"TOPIC_CHAIN_MAX": "{} in a row"},
    },
    "conf/escuchad-platforms.5.scd": {
        "daemon/platform/platform.h": {"PLATFORM_PARAMS_MAX": "PARAMETERS. At most {}.", "PLATFORM_PAIRS_MAX": "At most {} pairs",
                                       "PLATFORM_FACTS_MAX": "same answer; at most {}.", "PLATFORM_PAGES_MAX": "_1 to {}_",
                                       "PLATFORM_VALUE_MAX_BYTES": "at most {} bytes", "PLATFORM_FIXTURES_MAX": "see FIXTURES. At most {}."},
        "daemon/platform/platforms.h": {"PLATFORMS_NAMES_MAX": "At most {} files", "PLATFORMS_MAP_MAX_BYTES": "at most 64 kB"},
        "daemon/platform/template.h": {"TEMPLATE_PARTS_MAX": "At most {} parts"},
        "daemon/parse/map_lex.h": {"MAP_LEX_DEPTH_MAX": "at most {} deep"},
        "daemon/parse/json_scan.h": {"JSON_DEPTH_MAX": "JSON at most {}."},
        "daemon/mention/answer.h": {"ANSWER_ITEMS_MAX": "at most {} are taken"},
    },
}
LIMITS["conf/escuchad-channels.5.scd"] = {
    "daemon/alert/channel_kind.h": {"CHANNEL_FIXTURES_MAX": "see FIXTURES. At most {}.", "CHANNEL_FIXTURE_MAX_BYTES": "At most 256 kB."},
    "daemon/mention/notice_row.h": {"NOTICE_SENT_AS_MAX_BYTES": "At most {} bytes."},
    "daemon/store/sent_as.h": {"STORE_SENT_AS_KEEP_DAYS": "in the log for {} days"},
}
VALUES = {"CHANNEL_FIXTURE_MAX_BYTES": 256 * 1024, "FETCH_PER_HOST": 2, "LIST_CHECK_MS": 30000, "PLATFORMS_MAP_MAX_BYTES": 64 * 1024}  # those that the page says in words


@pytest.mark.parametrize("page", LIMITS)
def test_limits_are_those_of_the_code(page):
    text, wrong = (TOP / page).read_text(), []
    for header, limits in LIMITS[page].items():
        code = (TOP / header).read_text()
        for name, said in limits.items():
            value = eval(re.search(rf"\b{name} = ([\d *()<]+)", code).group(1).strip())  # "20 * 1000"
            shown = f"{value:,}".replace(",", " ") if value >= 10000 else str(value)
            if value != VALUES.get(name, value) or said.format(shown) not in text:
                wrong.append(f"{name} is {value}; {page} should say \"{said.format(shown)}\"")
    assert not wrong, "\n".join(wrong)


# --- the pages themselves ---

@pytest.mark.skipif(not shutil.which("scdoc"), reason="no scdoc")
@pytest.mark.parametrize("page", PAGES)
def test_pages_are_sound(page, tmp_path):
    made = subprocess.run(["scdoc"], stdin=open(PAGES[page]), capture_output=True)
    assert made.returncode == 0, made.stderr
    path = tmp_path / page
    path.write_bytes(made.stdout)
    name, section = page.rsplit(".", 1)
    assert f'.TH "{name}" "{section}"'.encode() in made.stdout
    wrong = []
    if shutil.which("man"):
        r = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(path)], capture_output=True, text=True)
        wrong += r.stderr.splitlines()
    if shutil.which("mandoc"):  # "skipping paragraph macro" is scdoc's own habit
        r = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(path)], capture_output=True, text=True)
        wrong += [line for line in r.stdout.splitlines() if "skipping paragraph macro" not in line]
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(not shutil.which("scdoc") or not shutil.which("man"), reason="no scdoc or no man")
@pytest.mark.parametrize("page", PAGES)
def test_a_reader_sees_the_very_examples_that_are_run(page, tmp_path):
    path = tmp_path / page
    path.write_bytes(subprocess.run(["scdoc"], stdin=open(PAGES[page]), capture_output=True, check=True).stdout)
    seen = subprocess.run(["man", "-E", "UTF-8", "-l", str(path)], capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", "MANWIDTH": "500", "LC_ALL": "C.UTF-8"}).stdout
    seen = {line.strip() for line in re.sub(".\b", "", seen).splitlines()}
    wanted = [line.strip() for e in examples(PAGES[page]) for line in e.lines]
    assert wanted
    assert not [line for line in wanted if line not in seen]


def test_pages_name_each_other():
    for page, path in PAGES.items():
        also = re.search(r"# SEE ALSO\n(.*)", path.read_text(), flags=re.S).group(1)
        for other in PAGES:
            name, section = other.rsplit(".", 1)
            assert other == page or f"*{name}*({section})" in also, f"{page} does not name {other}"


# --- README.md ---

DEEP = ("conf", "daemon", "tests")  # whose folders the map shows too


def folders():
    """Those that hold files of the project, as a clone would have them."""
    r = subprocess.run(["git", "-C", TOP, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True)
    if r.returncode == 0 and r.stdout:
        files = [Path(os.fsdecode(f)) for f in r.stdout.split(b"\0") if f]
    else:
        files = [f.relative_to(TOP) for f in TOP.rglob("*") if f.is_file()]
        files = [f for f in files if not f.parts[0].startswith(("build", "quickstart-")) and "__pycache__" not in f.parts]
    found = set()
    for parts in (f.parts for f in files if not f.parts[0].startswith(".") and (TOP / f).exists()):
        if len(parts) > 1:
            found.add(parts[0] + "/")
        if len(parts) > 2 and parts[0] in DEEP:
            found.add("/".join(parts[:2]) + "/")
    return found


def test_the_map_names_every_folder_and_no_other():
    maps = [e for e in examples(README) if e.language == "text"]
    assert len(maps) == 1
    named, parent = set(), ""
    for line in maps[0].lines:
        entry = re.match(r"(\s*)([\w.-]+/)\s", line)
        if not entry:
            continue
        parent = parent if entry.group(1) else entry.group(2)
        named.add(parent + entry.group(2) if entry.group(1) else entry.group(2))
    assert named == folders()


def test_links_of_the_readme_lead_somewhere():
    text = README.read_text()
    links = [x for x in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if not re.match(r"[a-z]+:", x)]
    assert links
    assert not [x for x in links if not (TOP / x).exists()]
    for command in ("conf/quickstart", "tests/run"):
        assert f"`{command}`" in text and os.access(TOP / command, os.X_OK), command


# --- the unit ---

@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd")
def test_the_unit_is_sound(tmp_path):
    unit = (TOP / "systemd/escuchad.service").read_text()
    path = tmp_path / "escuchad.service"
    # the programs of this build, since none is installed; and no manual to look up
    path.write_text(re.sub(r"Documentation=.*\n", "", unit).replace("/usr/sbin/escuchad", str(ESCUCHACTL))
                    .replace("/usr/bin/escuchactl", str(ESCUCHACTL)))
    r = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True)
    assert "escuchad" not in r.stderr, r.stderr
    r = subprocess.run(["systemd-analyze", "security", "--offline=true", "--json=short", str(path)], capture_output=True, text=True)
    if r.returncode == 0 and r.stdout.startswith("["):
        bad = sum(float(x["exposure"]) for x in json.loads(r.stdout) if x.get("exposure"))
        assert bad < 2.5, "the unit has grown less hard: systemd-analyze security says where"
