// Judges events by santhosh-tekuri/jsonschema: a line each, 1 where the schema lets it pass. Schemas' folder, events' file, formats or
// plain.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func main() {
	compiler := jsonschema.NewCompiler()
	if os.Args[3] == "formats" {
		compiler.AssertFormat()
	}
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.json"))
	must(err)
	schemas := map[string]*jsonschema.Schema{}
	for _, file := range files {
		schema, err := compiler.Compile(file)
		must(err)
		schemas[strings.TrimSuffix(filepath.Base(file), ".json")] = schema
	}
	events, err := os.Open(os.Args[2])
	must(err)
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct{ Type, Data string }
		must(json.Unmarshal(lines.Bytes(), &event))
		data, err := jsonschema.UnmarshalJSON(strings.NewReader(event.Data))
		must(err)
		if schemas[event.Type].Validate(data) == nil {
			fmt.Println(1)
		} else {
			fmt.Println(0)
		}
	}
	must(lines.Err())
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
