// Package javaproperties reads a file as java.util.Properties does: comments, continued lines,
// escapes, three ways to end a key. It decides the syntax alone and refuses to know what the
// keys mean. No error holds any of a value, which may be a secret.
package javaproperties

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Entry is one property of a file.
type Entry struct {
	Key, Value   string
	Line, Column int // from 1, where the key begins
}

// SyntaxError is what is wrong with the entry that begins at a line.
type SyntaxError struct {
	Line int // from 1
	Text string
}

// Error returns line and text.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Parse returns the properties of a file in its order. Java keeps the last of equal keys. Any
// error is a *SyntaxError.
func Parse(text string) ([]Entry, error) {
	var entries []Entry
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	for i := 0; i < len(lines); i++ {
		first, line := i+1, strings.TrimLeft(lines[i], " \t\f")
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		column := len(lines[i]) - len(line) + 1
		for continued(line) {
			line = line[:len(line)-1]
			if i++; i == len(lines) {
				break
			}
			line += strings.TrimLeft(lines[i], " \t\f")
		}
		rawKey, rawValue := split(line)
		key, err := unescape(rawKey)
		if err != nil {
			return nil, &SyntaxError{first, err.Error()}
		}
		value, err := unescape(rawValue)
		if err != nil {
			return nil, &SyntaxError{first, err.Error()}
		}
		entries = append(entries, Entry{key, value, first, column})
	}
	return entries, nil
}

// continued reports whether a line ends with an odd number of backslashes.
func continued(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// split ends the key at the first =, : or white space that is not escaped.
func split(line string) (key, value string) {
	end := 0
	for end < len(line) && !strings.ContainsRune("=: \t\f", rune(line[end])) {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(line))
	value = strings.TrimLeft(line[end:], " \t\f")
	if value != "" && (value[0] == '=' || value[0] == ':') {
		value = strings.TrimLeft(value[1:], " \t\f")
	}
	return line[:end], value
}

func unescape(raw string) (string, error) {
	var text strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			text.WriteByte(raw[i])
			continue
		}
		if i++; i == len(raw) {
			break
		}
		switch raw[i] {
		case 't':
			text.WriteByte('\t')
		case 'n':
			text.WriteByte('\n')
		case 'r':
			text.WriteByte('\r')
		case 'f':
			text.WriteByte('\f')
		case 'u':
			code, err := hex(raw[i+1:])
			if err != nil {
				return "", err
			}
			i += 4
			if utf16.IsSurrogate(code) && strings.HasPrefix(raw[i+1:], `\u`) {
				if second, err := hex(raw[i+3:]); err == nil && utf16.DecodeRune(code, second) != '\uFFFD' {
					code = utf16.DecodeRune(code, second)
					i += 6
				}
			}
			text.WriteRune(code)
		default:
			text.WriteByte(raw[i])
		}
	}
	return text.String(), nil
}

func hex(digits string) (rune, error) {
	const wrong = `has a \u without four hexadecimal digits; write \\u for the two characters`
	if len(digits) < 4 {
		return 0, errors.New(wrong)
	}
	code, err := strconv.ParseUint(digits[:4], 16, 16)
	if err != nil {
		return 0, errors.New(wrong)
	}
	return rune(code), nil
}
