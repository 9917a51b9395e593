package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// checkJSON says where a text is no JSON.
func checkJSON(file, text string) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	var v any
	err := decoder.Decode(&v)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		line, column := lineOf(text, int(decoder.InputOffset()))
		return &Error{File: file, Line: line, Column: column, Text: "something stands behind the schema's end"}
	}
	if errors.Is(err, io.EOF) {
		return &Error{File: file, Line: 1, Column: 1, Text: "is empty; it should hold a schema"}
	}
	offset := len(text)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = int(syntax.Offset) - 1
	}
	line, column := lineOf(text, offset)
	return &Error{File: file, Line: line, Column: column, Text: "is not JSON: " + err.Error()}
}

// lineOf returns the line and the column of an offset, from 1.
func lineOf(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	line = 1 + strings.Count(before, "\n")
	return line, len(before) - strings.LastIndexByte(before, '\n')
}

var quoted = regexp.MustCompile(`"[^"]+"|\x60[^\x60]+\x60`)

// atQuoted returns an error at the first word of the text that the message quotes: the Avro
// library names what is wrong and not where.
func atQuoted(file, text, message string) *Error {
	e := &Error{File: file, Line: 1, Column: 1, Text: message}
	for _, word := range quoted.FindAllString(message, -1) {
		word = `"` + word[1:len(word)-1] + `"`
		if at := strings.Index(text, word); at >= 0 {
			e.Line, e.Column = lineOf(text, at)
			// A type that is wrong stands behind the keys that are called so, too.
			if value := regexp.MustCompile(`:\s*` + regexp.QuoteMeta(word)).FindStringIndex(text); value != nil {
				e.Line, e.Column = lineOf(text, value[1]-len(word))
			}
			return e
		}
	}
	return e
}

// atPointer returns an error at the value that a path of keys and indexes leads to.
func atPointer(file, text string, path []string, message string) *Error {
	e := &Error{File: file, Line: 1, Column: 1, Text: message}
	if offset, ok := find(json.NewDecoder(strings.NewReader(text)), path); ok {
		for int(offset) < len(text) && strings.ContainsRune(" \t\r\n:,", rune(text[offset])) {
			offset++
		}
		e.Line, e.Column = lineOf(text, int(offset))
	}
	return e
}

// find returns the offset behind which the value of a path begins.
func find(decoder *json.Decoder, path []string) (int64, bool) {
	if len(path) == 0 {
		return decoder.InputOffset(), true
	}
	token, err := decoder.Token()
	if err != nil {
		return 0, false
	}
	for i := 0; decoder.More(); i++ {
		key := strconv.Itoa(i)
		if token == json.Delim('{') {
			name, err := decoder.Token()
			if err != nil {
				return 0, false
			}
			key = fmt.Sprint(name)
		} else if token != json.Delim('[') {
			return 0, false
		}
		if key == path[0] {
			return find(decoder, path[1:])
		}
		var passed json.RawMessage
		if err := decoder.Decode(&passed); err != nil {
			return 0, false
		}
	}
	return 0, false
}

func trimPrefixes(text string, prefixes ...string) string {
	for _, p := range prefixes {
		text = strings.TrimPrefix(text, p)
	}
	return text
}
