"""Judges events by Python's jsonschema: a line each, 1 where the schema lets it pass. Schemas' folder, events' file, formats or plain."""
import json
import pathlib
import sys

from jsonschema import Draft202012Validator

folder, events, formats = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3] == "formats"
checker = Draft202012Validator.FORMAT_CHECKER if formats else None


def validator(file):
    schema = json.loads(file.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=checker)


validators = {file.stem: validator(file) for file in folder.glob("*.json")}
for line in events.read_text("utf-8").splitlines():
    event = json.loads(line)
    print(int(validators[event["type"]].is_valid(json.loads(event["data"]))))
